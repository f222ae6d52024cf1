/** An amendment that is being written, as the device keeps it. No I/O. */
import type { Session } from '../../api/types';
import { append, contentOf, isSection, merge, type Content } from './content';

export interface Amendment {
  id: string;
  client_name: string;
  /** What the note said when it was begun, and what was made of it. */
  base: Content;
  mine: Content;
}

export const amendments = 'amend:';
export const amendmentPlace = (id: string): string => amendments + id;

/** Where it goes on with the note as it is now: what was amended in the same section meanwhile stands above. */
export function continued({ base, mine }: Amendment, note: Session): Content {
  const now = contentOf(note);
  const { content, conflicts } = merge(base, mine, now);
  for (const name of conflicts.filter(isSection)) content[name] = append(now[name], mine[name]);
  return content;
}
