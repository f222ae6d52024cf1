import { describe, expect, it } from 'vitest';
import type { Appointment, Workspace } from '../../api/types';
import { besides } from './besides';
import { localClashes, whoAre } from './clash';
import { differences } from './differences';
import { dragged, shifted, slotAt, snap } from './drag';
import { scrollBy, sideOf } from './edges';
import { closedOn, firstDay, minuteOf, firstSeen, opening } from './hours';
import { stepOf, walk } from './keys';
import { piecesOf, place, placeDays, slotOf, type Piece, type Slot } from './layout';
import { canAttend, marksOf, nextStatuses, toneOf } from './marks';
import { placeOf, searchOf } from './place';
import { visitOf } from './sample';
import { daysOf, step } from './view';

const zone = 'Asia/Jerusalem';
const monday = '2026-11-23';
const slot = (start: number, end: number, day = monday): Slot => ({ day, start, end });
const piece = (id: string, start: number, end: number): Piece => ({
  visit: visitOf({ id }),
  ...slot(start, end),
  first: true,
  last: true,
});

describe('where appointments stand', () => {
  it('is by the clock on the wall of the workspace', () => {
    const visit = visitOf({ starts_at: '2026-11-23T07:00:00Z', ends_at: '2026-11-23T07:50:00Z' });
    expect(slotOf(visit, zone)).toEqual(slot(540, 590));
    expect(slotOf(visit, 'America/New_York')).toEqual(slot(120, 170));
  });

  it('is on each day of a night', () => {
    const night = visitOf({ starts_at: '2026-11-23T20:30:00Z', ends_at: '2026-11-23T23:30:00Z' });
    expect(slotOf(night, zone)).toEqual(slot(1350, 1530));
    expect(piecesOf(night, zone).map(({ day, start, end, first, last }) => [day, start, end, first, last])).toEqual([
      ['2026-11-23', 1350, 1440, true, false],
      ['2026-11-24', 0, 90, false, true],
    ]);
  });

  it('ends with the day when it ends at midnight', () => {
    const late = visitOf({ starts_at: '2026-11-23T21:00:00Z', ends_at: '2026-11-23T22:00:00Z' });
    expect(piecesOf(late, zone).map(({ start, end, last }) => [start, end, last])).toEqual([[1380, 1440, true]]);
  });

  it('has a height also where the clocks go back during it', () => {
    const repeated = visitOf({ starts_at: '2026-10-24T22:30:00Z', ends_at: '2026-10-24T23:30:00Z' });
    expect(slotOf(repeated, zone)).toEqual(slot(90, 150, '2026-10-25'));
  });

  it('is side by side for those at one time, and in its own cluster only', () => {
    const placed = place([piece('a', 0, 60), piece('b', 30, 90), piece('c', 60, 120), piece('d', 200, 260)]);
    expect(placed.map(({ visit, column, columns }) => [visit.id, column, columns])).toEqual([
      ['a', 0, 2],
      ['b', 1, 2],
      ['c', 0, 2],
      ['d', 0, 1],
    ]);
  });

  it('gives a very short one the room that its card takes', () => {
    const placed = place([piece('a', 0, 10), piece('b', 15, 60)]);
    expect(placed.map(({ columns }) => columns)).toEqual([2, 2]);
  });

  it('keeps what touches in one column', () => {
    expect(place([piece('a', 0, 60), piece('b', 60, 120)]).map(({ columns }) => columns)).toEqual([1, 1]);
  });

  it('sorts by day, and leaves out other days', () => {
    const visits = [
      visitOf({ id: 'a' }),
      visitOf({ id: 'b', starts_at: '2026-11-25T07:00:00Z', ends_at: '2026-11-25T08:00:00Z' }),
    ];
    const days = placeDays(visits, [monday, '2026-11-24'], zone);
    expect(days.map((day) => day.map(({ visit }) => visit.id))).toEqual([['a'], []]);
  });
});

describe('a drag', () => {
  const at = (minute: number, day = monday) => ({ day, minute });

  it('moves by quarters of an hour and by days, from where it was held', () => {
    expect(dragged('move', slot(540, 590), at(550), at(561, '2026-11-25'))).toEqual(slot(555, 605, '2026-11-25'));
  });

  it('stays within the day', () => {
    expect(dragged('move', slot(540, 600), at(540), at(-300))).toEqual(slot(0, 60));
    expect(dragged('move', slot(540, 600), at(540), at(1439))).toEqual(slot(1380, 1440));
  });

  it('leaves a night a night', () => {
    expect(dragged('move', slot(1350, 1530), at(1350), at(1410))).toEqual(slot(1410, 1590));
  });

  it('pulls the edges, a quarter of an hour apart at least', () => {
    expect(dragged('end', slot(540, 600), at(600), at(641))).toEqual(slot(540, 645));
    expect(dragged('end', slot(540, 600), at(600), at(200))).toEqual(slot(540, 555));
    expect(dragged('end', slot(540, 600), at(600), at(2000))).toEqual(slot(540, 1440));
    expect(dragged('start', slot(540, 600), at(540), at(700))).toEqual(slot(585, 600));
    expect(dragged('start', slot(540, 600), at(540), at(-900))).toEqual(slot(0, 600));
  });

  it('over free time makes a slot, in either direction', () => {
    expect(dragged('new', slot(0, 0), at(540), at(662))).toEqual(slot(540, 660));
    expect(dragged('new', slot(0, 0), at(662), at(540))).toEqual(slot(540, 660));
    expect(dragged('new', slot(0, 0), at(540), at(541))).toEqual(slot(540, 555));
  });

  it('begins a click at the half hour that was pointed at', () => {
    expect(slotAt(at(614))).toEqual(slot(600, 660));
    expect(slotAt(at(1435))).toEqual(slot(1410, 1440));
    expect(snap(22.4)).toBe(15);
  });

  it('scrolls at the edges, the nearer the faster, and turns beside the days', () => {
    expect(scrollBy(300, 100, 700)).toBe(0);
    expect(scrollBy(110, 100, 700)).toBeLessThan(0);
    expect(scrollBy(80, 100, 700)).toBeLessThan(scrollBy(110, 100, 700));
    expect(scrollBy(690, 100, 700)).toBeGreaterThan(0);
    expect([sideOf(10, 50, 500), sideOf(45, 50, 500), sideOf(520, 50, 500)]).toEqual([-1, 0, 1]);
  });
});

describe('keys', () => {
  const press = (key: string, held: Partial<{ altKey: boolean; shiftKey: boolean; ctrlKey: boolean }> = {}) => ({
    key,
    altKey: false,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    ...held,
  });
  const alt = { altKey: true };

  it.each([
    ['ArrowDown', false, slot(555, 615)],
    ['ArrowUp', false, slot(525, 585)],
    ['ArrowRight', false, slot(540, 600, '2026-11-24')],
    ['ArrowRight', true, slot(540, 600, '2026-11-22')],
    ['ArrowLeft', true, slot(540, 600, '2026-11-24')],
  ])('Alt and %s move it (right to left: %s)', (key, rtl, want) => {
    expect(stepOf(press(key, alt), slot(540, 600), rtl)).toEqual({ kind: 'put', slot: want });
  });

  it('with Shift change its length', () => {
    const held = { altKey: true, shiftKey: true };
    expect(stepOf(press('ArrowDown', held), slot(540, 600), false)).toEqual({ kind: 'put', slot: slot(540, 615) });
    expect(stepOf(press('ArrowUp', held), slot(540, 550), false)).toEqual({ kind: 'put', slot: slot(540, 555) });
    expect(stepOf(press('ArrowLeft', held), slot(540, 600), false)).toBeUndefined();
  });

  it('move by weeks in a month', () => {
    expect(stepOf(press('ArrowDown', alt), slot(540, 600), false, true)).toEqual({
      kind: 'put',
      slot: slot(540, 600, '2026-11-30'),
    });
  });

  it('leave others alone', () => {
    expect(stepOf(press('a'), slot(0, 60), false)).toBeUndefined();
    expect(stepOf(press('ArrowDown', { ctrlKey: true }), slot(0, 60), false)).toBeUndefined();
    expect(stepOf(press('ArrowDown', { shiftKey: true }), slot(0, 60), false)).toBeUndefined();
  });

  it('walk within a day, over empty days, to the nearest time, and to the ends', () => {
    const card = (id: string, at: number) => ({ id, at });
    const days = [[card('a', 540), card('b', 600)], [], [card('c', 480), card('d', 610)]];
    const go = (id: string, key: string) => walk(days, id, stepOf(press(key), slot(0, 0), false)!);
    expect(go('a', 'ArrowDown')).toBe('b');
    expect(go('b', 'ArrowDown')).toBeUndefined();
    expect(go('b', 'ArrowRight')).toBe('d');
    expect(go('c', 'ArrowLeft')).toBe('a');
    expect(go('b', 'Home')).toBe('a');
    expect(go('a', 'End')).toBe('d');
    expect(go('x', 'End')).toBeUndefined();
  });

  it('do not move before the first hour of a day', () => {
    expect(shifted(slot(0, 60), 0, -15)).toEqual(slot(0, 60));
  });
});

describe('working hours', () => {
  const hours = {
    monday: [
      ['09:00', '13:00'],
      ['14:00', '17:30'],
    ],
    sunday: [],
  } as Workspace['working_hours'];

  it('leave the rest of the day closed', () => {
    expect(closedOn(monday, hours)).toEqual([
      { from: 0, to: 540 },
      { from: 780, to: 840 },
      { from: 1050, to: 1440 },
    ]);
    expect(closedOn('2026-11-22', hours)).toEqual([{ from: 0, to: 1440 }]);
    expect(closedOn(monday, { monday: [['00:00', '24:00']] })).toEqual([]);
  });

  it('say where to begin to look', () => {
    expect(opening([monday, '2026-11-22'], hours)).toBe(540);
    expect(opening(['2026-11-22'], hours)).toBe(540);
    expect(minuteOf('24:00')).toBe(1440);
    expect((['sunday', 'monday', 'saturday'] as const).map(firstDay)).toEqual([0, 1, 6]);
  });
});

describe('views', () => {
  it('show a day, a week from its first day, or whole weeks around a month', () => {
    expect(daysOf('day', monday, 0)).toEqual([monday]);
    expect(daysOf('week', monday, 0)[0]).toBe('2026-11-22');
    const month = daysOf('month', monday, 0);
    expect([month[0], month.at(-1), month.length]).toEqual(['2026-11-01', '2026-12-05', 35]);
    expect(daysOf('month', '2026-02-10', 0)).toHaveLength(28);
    expect(daysOf('month', '2026-08-10', 0)).toHaveLength(42);
  });

  it('turn by their own length', () => {
    expect([step('day', monday, 1), step('week', monday, -1), step('month', '2026-01-31', 1)]).toEqual([
      '2026-11-24',
      '2026-11-16',
      '2026-02-28',
    ]);
  });

  it('are in the address, and nothing else is', () => {
    const found = placeOf(new URLSearchParams('view=month&date=2026-02-30&practitioner=p'), {
      view: 'week',
      day: monday,
    });
    expect(found).toEqual({ view: 'month', day: monday, practitioner: 'p', appointment: '' });
    expect(searchOf({ ...found, appointment: 'a' }).toString()).toBe(
      'view=month&date=2026-11-23&practitioner=p&appointment=a',
    );
  });
});

describe('marks', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');

  it('tell what is still to be done', () => {
    const marks = (part: Partial<Appointment>) => marksOf(visitOf(part), now, true);
    expect(marks({})).toEqual({ open: true, noteMissing: false, unpaid: false });
    expect(marks({ status: 'attended', price: 100 })).toEqual({ open: false, noteMissing: true, unpaid: true });
    expect(marks({ status: 'attended', price: 100, payment_status: 'waived' }).unpaid).toBe(false);
    expect(marks({ status: 'attended', note: { id: 'n', status: 'draft', author_id: 'p' } }).noteMissing).toBe(false);
    expect(marksOf(visitOf({ status: 'attended' }), now, false).noteMissing).toBe(false);
    expect(toneOf(visitOf({}), marks({}))).toBe('st-open');
    expect(toneOf(visitOf({ status: 'no_show' }), marks({ status: 'no_show' }))).toBe('st-no_show');
  });

  it('offer what the server would take', () => {
    const note = (status: 'draft' | 'signed') => ({ id: 'n', status, author_id: 'p' });
    expect(nextStatuses(visitOf({}))).toEqual(['attended', 'no_show', 'cancelled']);
    expect(nextStatuses(visitOf({ note: note('draft') }))).not.toContain('cancelled');
    expect(nextStatuses(visitOf({ status: 'attended' }))).toEqual(['no_show', 'scheduled']);
    expect(nextStatuses(visitOf({ status: 'attended', note: note('signed') }))).toEqual([]);
    expect(nextStatuses(visitOf({ status: 'attended', note: note('draft') }))).toEqual(['scheduled']);
    expect(nextStatuses(visitOf({ status: 'no_show' }))).toEqual(['attended', 'scheduled']);
    expect(nextStatuses(visitOf({ status: 'cancelled' }))).toEqual(['scheduled']);
    const start = Date.parse(visitOf({}).starts_at);
    expect([canAttend(visitOf({}), start - 16 * 60_000), canAttend(visitOf({}), start - 14 * 60_000)]).toEqual([
      false,
      true,
    ]);
  });
});

describe('clashes that are known here', () => {
  const from = Date.parse('2026-11-23T08:00:00Z');
  const wanted = { practitioner: 'p1', from, to: from + 60 * 60_000 };

  it('count buffers, and only those who keep their time', () => {
    expect(localClashes([visitOf({})], wanted)).toHaveLength(0); // it touches
    expect(localClashes([visitOf({ buffer_after_minutes: 10 })], wanted)).toHaveLength(1);
    const over = { starts_at: '2026-11-23T08:30:00Z', ends_at: '2026-11-23T09:30:00Z' };
    expect(localClashes([visitOf(over)], wanted)).toHaveLength(1);
    expect(localClashes([visitOf({ ...over, status: 'cancelled' })], wanted)).toHaveLength(0);
    expect(localClashes([visitOf({ ...over, practitioner_id: 'p2' })], wanted)).toHaveLength(0);
    expect(localClashes([visitOf({ ...over, id: 'x' })], { ...wanted, id: 'x' })).toHaveLength(0);
  });

  it('are named where the page shows them anyway, else by initials, each in its own direction', () => {
    const shown = visitOf({ buffer_after_minutes: 1 });
    const found = localClashes([shown], wanted);
    expect(whoAre(found, { get: () => undefined })).toBe('\u2068D.L.\u2069');
    expect(whoAre(found, { get: (id) => (id === shown.id ? shown : undefined) })).toBe('\u2068Dana Levi\u2069');
  });
});

describe('the first minute that is seen', () => {
  const opens = 9 * 60;
  const span = 10 * 60;

  it.each([
    ['an hour before work begins', undefined, 8 * 60],
    ['the same while now is in sight', 17 * 60, 8 * 60],
    ['later in the evening, with an hour below now', 19 * 60, 10 * 60],
    ['the end of the day at its end', 23 * 60 + 50, 14 * 60],
    ['earlier before work', 6 * 60, 5 * 60],
    ['midnight at midnight', 20, 0],
  ])('is %s', (_, now, minute) => {
    expect(firstSeen(opens, now, span)).toBe(minute);
  });
});

describe('somebody else’s change', () => {
  it('is told field by field, with what mine would replace', () => {
    const before = visitOf({});
    const after = visitOf({ notes: 'New', starts_at: '2026-11-23T09:00:00Z', version: 2 });
    const found = differences(before, after, { starts_at: '2026-11-24T09:00:00Z' });
    expect(found.map(({ field, mine }) => [field, mine])).toEqual([
      ['starts_at', true],
      ['notes', false],
    ]);
    expect(differences(before, visitOf({ starts_at: '2026-11-23T07:00:00.000Z' }), {})).toEqual([]);
  });
});

describe('beside something', () => {
  const window = { width: 1280, height: 800 };
  const own = { width: 380, height: 500 };

  it('is on the side with more room, inside of the window', () => {
    expect(besides({ x: 300, y: 200, width: 100, height: 50 }, own, window)).toEqual({ x: 408, y: 200 });
    expect(besides({ x: 900, y: 700, width: 100, height: 50 }, own, window)).toEqual({ x: 512, y: 288 });
    expect(besides({ x: 100, y: 10, width: 1100, height: 50 }, own, window)).toEqual({ x: 460, y: 68 });
    expect(besides({ x: 100, y: 600, width: 1100, height: 50 }, own, window)).toEqual({ x: 460, y: 92 });
  });
});
