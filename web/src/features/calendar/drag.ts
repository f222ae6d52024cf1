/** What a drag means, in days and minutes. Pixels are the business of pointer.ts. */
import { addDays, dayMinutes, daysBetween, type Day } from '../../lib/zone';
import type { Slot } from './layout';

/** What of an appointment is held: all of it, an edge, or nothing yet. */
export type Grip = 'move' | 'start' | 'end' | 'new';

export interface Point {
  day: Day;
  minute: number;
}

export const quarter = 15;

export const snap = (minute: number, to = quarter): number => Math.round(minute / to) * to;
export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Where it would be dropped: `held` is where it was, `from` and `to` are where the drag began and is now. */
export function dragged(grip: Grip, held: Slot, from: Point, to: Point): Slot {
  const by = to.minute - from.minute;
  if (grip === 'start') return { ...held, start: clamp(snap(held.start + by), 0, held.end - quarter) };
  if (grip === 'end') return { ...held, end: clamp(snap(held.end + by), held.start + quarter, latestEnd(held)) };
  if (grip === 'move') return shifted(held, daysBetween(from.day, to.day), snap(held.start + by) - held.start);
  const start = clamp(snap(Math.min(from.minute, to.minute)), 0, dayMinutes - quarter);
  return { day: from.day, start, end: clamp(snap(Math.max(from.minute, to.minute)), start + quarter, dayMinutes) };
}

/** Only what is over midnight already goes there: a drag to the lower edge means the end of the day. */
function latestEnd(slot: Slot): number {
  return slot.end > dayMinutes ? slot.start + dayMinutes : dayMinutes;
}

/** As long as before, some days and minutes later, within the day. */
export function shifted(slot: Slot, days: number, minutes: number): Slot {
  const length = slot.end - slot.start;
  const latest = slot.end > dayMinutes ? dayMinutes - quarter : dayMinutes - length;
  const start = clamp(slot.start + minutes, 0, Math.max(latest, 0));
  return { day: addDays(slot.day, days), start, end: start + length };
}

export const sameSlot = (a: Slot, b: Slot): boolean => a.day === b.day && a.start === b.start && a.end === b.end;

/** An hour, or what is left of the day, from the half hour that was pointed at. */
export function slotAt({ day, minute }: Point, length = 60): Slot {
  const start = clamp(Math.floor(minute / 30) * 30, 0, dayMinutes - 30);
  return { day, start, end: Math.min(start + length, dayMinutes) };
}
