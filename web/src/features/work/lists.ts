/** The four lists of work, in the order in which they are worth doing. */
import type { WorkCounts } from '../../api/types';

export const lists = ['status', 'note', 'unsigned', 'payment'] as const;
export type ListName = (typeof lists)[number];

export const countOf: Record<ListName, keyof WorkCounts> = {
  status: 'needs_status',
  note: 'needs_note',
  unsigned: 'unsigned_notes',
  payment: 'needs_payment',
};

/** The list to open: the one the address names, else the first with something in it. */
export function listToOpen(asked: string | null, counts: WorkCounts | undefined, known: readonly ListName[]): ListName {
  const named = known.find((name) => name === asked);
  return named ?? known.find((name) => counts && counts[countOf[name]] > 0) ?? known[0]!;
}
