/** Working hours as the calendar shades them. */
import type { Workspace } from '../../api/types';
import { dayMinutes, weekday, type Day } from '../../lib/zone';

export interface Stretch {
  from: number;
  to: number;
}

type Hours = Workspace['working_hours'];
const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** The first day of the week as Intl and Date count: 0 is Sunday. */
export function firstDay(start: Workspace['week_start']): number {
  return names.indexOf(start);
}

export function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

export function openOn(day: Day, hours: Hours): Stretch[] {
  const spans = hours[names[weekday(day)]!] ?? [];
  return spans
    .map(([from = '', to = '']) => ({ from: minuteOf(from), to: minuteOf(to) }))
    .sort((a, b) => a.from - b.from);
}

/** What is outside the working hours of a day. */
export function closedOn(day: Day, hours: Hours): Stretch[] {
  const closed: Stretch[] = [];
  let from = 0;
  for (const open of openOn(day, hours)) {
    if (open.from > from) closed.push({ from, to: open.from });
    from = Math.max(from, open.to);
  }
  if (from < dayMinutes) closed.push({ from, to: dayMinutes });
  return closed;
}

/**
 * The minute at the top of a grid that shows `span` minutes: an hour before the working day, and where the day of today is
 * shown never so that the present is out of sight.
 */
export function firstSeen(opens: number, now: number | undefined, span: number): number {
  const usual = Math.max(0, opens - 60);
  if (now === undefined) return usual;
  if (now < usual) return Math.max(0, now - 60);
  return Math.max(usual, Math.min(now + 60, dayMinutes) - span);
}

/** When the first of these days begins to work: what one wants to see first. */
export function opening(days: readonly Day[], hours: Hours): number {
  const starts = days.flatMap((day) => openOn(day, hours)[0]?.from ?? []);
  return starts.length > 0 ? Math.min(...starts) : 9 * 60;
}
