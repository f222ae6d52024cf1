/** Where appointments stand in a column of a day: parts of a night each on its day, those at one time side by side. No I/O. */
import type { Appointment } from '../../api/types';
import { addDays, dayMinutes, daysBetween, wallOf, type Day } from '../../lib/zone';

/** A stretch of one day, in minutes; one that ends on a later day has an end beyond 1440. */
export interface Slot {
  day: Day;
  start: number;
  end: number;
}

/** The part of an appointment that is on one day. */
export interface Piece extends Slot {
  visit: Appointment;
  /** Whether it begins and ends on this day. */
  first: boolean;
  last: boolean;
}

export interface Placed extends Piece {
  column: number;
  columns: number;
}

/** A card is never lower than this many minutes, so that it can be read and hit. */
export const leastMinutes = 25;

export function slotOf(visit: Pick<Appointment, 'starts_at' | 'ends_at'>, zone: string): Slot {
  const start = wallOf(visit.starts_at, zone);
  const end = wallOf(visit.ends_at, zone);
  const wall = daysBetween(start.day, end.day) * dayMinutes + end.minute;
  // Where the clocks go back in between, the wall can show an end before the start.
  const lasts = Math.round((Date.parse(visit.ends_at) - Date.parse(visit.starts_at)) / 60_000);
  return { day: start.day, start: start.minute, end: wall > start.minute ? wall : start.minute + lasts };
}

export function piecesOf(visit: Appointment, zone: string): Piece[] {
  const { day, start, end } = slotOf(visit, zone);
  const pieces: Piece[] = [];
  for (let at = 0; at === 0 || at * dayMinutes < end; at++) {
    pieces.push({
      visit,
      day: addDays(day, at),
      start: at === 0 ? start : 0,
      end: Math.min(end - at * dayMinutes, dayMinutes),
      first: at === 0,
      last: end <= (at + 1) * dayMinutes,
    });
  }
  return pieces;
}

/** Shares the width among those that overlap: each takes the first column that is free, in its own cluster only. */
export function place(pieces: readonly Piece[]): Placed[] {
  const placed: Placed[] = [];
  let cluster: Placed[] = [];
  let ends: number[] = []; // of each column of the cluster
  const close = () => {
    for (const piece of cluster) piece.columns = ends.length;
    cluster = [];
    ends = [];
  };
  for (const piece of [...pieces].sort(byTime)) {
    if (ends.every((end) => end <= piece.start)) close();
    const free = ends.findIndex((end) => end <= piece.start);
    const column = free >= 0 ? free : ends.length;
    ends[column] = Math.max(piece.end, piece.start + leastMinutes);
    const next = { ...piece, column, columns: 1 };
    cluster.push(next);
    placed.push(next);
  }
  close();
  return placed;
}

function byTime(a: Piece, b: Piece): number {
  return a.start - b.start || b.end - a.end || (a.visit.id < b.visit.id ? -1 : 1);
}

/** The pieces of each day, placed; a day without any has an empty list. */
export function placeDays(visits: readonly Appointment[], days: readonly Day[], zone: string): Placed[][] {
  const byDay = new Map<Day, Piece[]>(days.map((day) => [day, []]));
  for (const visit of visits) for (const piece of piecesOf(visit, zone)) byDay.get(piece.day)?.push(piece);
  return days.map((day) => place(byDay.get(day)!));
}
