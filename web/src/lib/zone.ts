/**
 * The clock on the wall of one time zone, by Intl alone. A day is YYYY-MM-DD, a time of day minutes since midnight, an instant
 * milliseconds. Days are counted in UTC, where every one of them has 24 hours.
 */
export type Day = string;

export interface Wall {
  day: Day;
  minute: number;
}

export const dayMinutes = 1440;
const dayLength = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    const parts = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    found = new Intl.DateTimeFormat('en-US-u-hc-h23', { timeZone: zone, ...parts });
    formats.set(zone, found);
  }
  return found;
}

/** What to add to an instant so that its UTC fields read as the wall does. */
function offsetAt(instant: number, zone: string): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

export function wallOf(instant: number | string, zone: string): Wall {
  const at = typeof instant === 'string' ? Date.parse(instant) : instant;
  const wall = at + offsetAt(at, zone);
  const midnight = Math.floor(wall / dayLength) * dayLength;
  return { day: dayOf(midnight), minute: Math.floor((wall - midnight) / 60_000) };
}

/** The instants that show this time on the wall: none where the clocks jump over it, two where they go back. */
export function instantsOf(day: Day, minute: number, zone: string): number[] {
  const wall = startOf(day) + minute * 60_000;
  const offsets = new Set([offsetAt(wall - dayLength, zone), offsetAt(wall + dayLength, zone)]);
  const found = [...offsets].map((offset) => wall - offset).filter((at) => at + offsetAt(at, zone) === wall);
  return found.sort((a, b) => a - b);
}

/** One instant for a time on the wall: the first of two, and where there is none as far after the jump as asked for. */
export function instantOf(day: Day, minute: number, zone: string): number {
  const [first] = instantsOf(day, minute, zone);
  if (first !== undefined) return first;
  const wall = startOf(day) + minute * 60_000;
  return wall - offsetAt(wall - dayLength, zone);
}

export function isoOf(day: Day, minute: number, zone: string): string {
  return new Date(instantOf(day, minute, zone)).toISOString();
}

const startOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (utc: number): Day => new Date(utc).toISOString().slice(0, 10);

export function isDay(text: string | null): text is Day {
  return (
    text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(startOf(text)) && dayOf(startOf(text)) === text
  );
}

export function addDays(day: Day, count: number): Day {
  return dayOf(startOf(day) + count * dayLength);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((startOf(to) - startOf(from)) / dayLength);
}

/** The same day of another month, or its last one: from 31 January the next month is February. */
export function addMonths(day: Day, count: number): Day {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + count, Math.min(date, last)));
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return new Date(startOf(day)).getUTCDay();
}

export function startOfWeek(day: Day, first: number): Day {
  return addDays(day, -((weekday(day) - first + 7) % 7));
}

/** A day as a Date whose UTC fields are the day: for formatters that are set to UTC. */
export function utcDate(day: Day, minute = 0): Date {
  return new Date(startOf(day) + minute * 60_000);
}
