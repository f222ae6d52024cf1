/** How a series recurs, as a person says it and as RFC 5545 writes it. */
import type { Occurrence, SeriesChoices } from '../../api/types';
import { addDays, addMonths, isDay, weekday, type Day } from '../../lib/zone';
import { nthOf } from './form';

export type Pattern = 'weekly' | 'monthDay' | 'nth' | 'last';

export interface Repeat {
  pattern: Pattern;
  interval: number;
  /** Weekdays besides that of the first one; 0 is Sunday. */
  days: number[];
  ends: 'count' | 'until';
  count: number;
  until: Day;
}

export const most = { count: 520, interval: 52 };
const codes = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

export function firstRepeat(day: Day): Repeat {
  return { pattern: 'weekly', interval: 1, days: [], ends: 'count', count: 10, until: addMonths(day, 3) };
}

/** The patterns that fit a day: the fifth of its weekday is not in every month, the last one is. */
export function patternsOf(day: Day): Pattern[] {
  const { nth, last } = nthOf(day);
  return ['weekly', 'monthDay', ...(nth < 5 ? ['nth' as const] : []), ...(last ? ['last' as const] : [])];
}

export function weekdaysOf(repeat: Repeat, day: Day): number[] {
  return [...new Set([weekday(day), ...repeat.days])].sort((a, b) => a - b);
}

export function ruleOf(repeat: Repeat, day: Day): string {
  const { nth, weekday: on } = nthOf(day);
  const parts = [repeat.pattern === 'weekly' ? 'FREQ=WEEKLY' : 'FREQ=MONTHLY'];
  if (repeat.interval > 1) parts.push(`INTERVAL=${repeat.interval}`);
  parts.push(repeat.ends === 'count' ? `COUNT=${repeat.count}` : `UNTIL=${repeat.until.replaceAll('-', '')}`);
  if (repeat.pattern === 'weekly')
    parts.push(
      `BYDAY=${weekdaysOf(repeat, day)
        .map((at) => codes[at])
        .join(',')}`,
    );
  if (repeat.pattern === 'monthDay') parts.push(`BYMONTHDAY=${Number(day.slice(8))}`);
  if (repeat.pattern === 'nth') parts.push(`BYDAY=${nth}${codes[on]}`);
  if (repeat.pattern === 'last') parts.push(`BYDAY=-1${codes[on]}`);
  return parts.join(';');
}

/** Which of its numbers cannot be. */
export function wrongIn(repeat: Repeat, day: Day): 'interval' | 'count' | 'until' | undefined {
  const whole = (value: number, high: number) => Number.isInteger(value) && value >= 1 && value <= high;
  if (!whole(repeat.interval, most.interval)) return 'interval';
  if (repeat.ends === 'count') return whole(repeat.count, most.count) ? undefined : 'count';
  return isDay(repeat.until) && repeat.until >= day && repeat.until <= addDays(day, 3660) ? undefined : 'until';
}

/** Which decisions a preview asks for. */
export function decisionsIn(all: readonly Occurrence[]): Record<keyof SeriesChoices, boolean> {
  return {
    missing: all.some((each) => each.problem === 'missing_time'),
    repeated: all.some((each) => each.problem === 'repeated_time'),
    conflicts: all.some((each) => each.conflicting_appointments.length > 0),
  };
}

/** How many will be booked by these choices; nothing when one of them refuses all. */
export function bookable(all: readonly Occurrence[], choices: Required<SeriesChoices>): number | undefined {
  const asked = decisionsIn(all);
  if ((Object.keys(asked) as (keyof SeriesChoices)[]).some((name) => asked[name] && choices[name] === 'refuse'))
    return undefined;
  const out = (each: Occurrence) =>
    each.problem === 'missing_time' || (choices.conflicts === 'skip' && each.conflicting_appointments.length > 0);
  return all.filter((each) => !out(each)).length;
}
