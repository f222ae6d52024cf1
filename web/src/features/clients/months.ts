import { wallOf } from '../../lib/zone';

export interface Month<T> {
  /** YYYY-MM */
  month: string;
  items: T[];
}

/** Groups what is in order of time by the month on the wall of the practice. */
export function byMonth<T>(items: readonly T[], at: (item: T) => string, zone: string): Month<T>[] {
  const months: Month<T>[] = [];
  for (const item of items) {
    const month = wallOf(at(item), zone).day.slice(0, 7);
    if (months.at(-1)?.month !== month) months.push({ month, items: [] });
    months.at(-1)!.items.push(item);
  }
  return months;
}

/** The beginning of a note, for a list: what was written first, on one line. */
export function beginning(
  note: Record<'subjective' | 'objective' | 'assessment' | 'plan', string | null>,
  length = 180,
): string {
  const text = [note.subjective, note.objective, note.assessment, note.plan].filter(Boolean).join(' · ');
  const line = text.replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length > length ? `${letters.slice(0, length).join('').trimEnd()}…` : line;
}
