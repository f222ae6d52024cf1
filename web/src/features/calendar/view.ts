/** Which days a view shows, and where the next one is. */
import { addDays, addMonths, startOfWeek, type Day } from '../../lib/zone';

export const views = ['day', 'week', 'month'] as const;
export type View = (typeof views)[number];

export function daysOf(view: View, anchor: Day, first: number): Day[] {
  if (view === 'day') return [anchor];
  if (view === 'week') return row(startOfWeek(anchor, first), 7);
  const start = startOfWeek(`${anchor.slice(0, 7)}-01`, first);
  const last = addDays(addMonths(`${anchor.slice(0, 7)}-01`, 1), -1);
  const length = row(start, 42).findLastIndex((day) => day <= last) + 1;
  return row(start, Math.ceil(length / 7) * 7);
}

function row(from: Day, length: number): Day[] {
  return Array.from({ length }, (_, at) => addDays(from, at));
}

export function step(view: View, anchor: Day, count: number): Day {
  if (view === 'month') return addMonths(anchor, count);
  return addDays(anchor, count * (view === 'week' ? 7 : 1));
}
