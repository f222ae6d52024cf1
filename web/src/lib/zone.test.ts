import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  daysBetween,
  instantOf,
  instantsOf,
  isDay,
  isoOf,
  startOfWeek,
  utcDate,
  wallOf,
  weekday,
} from './zone';

const jerusalem = 'Asia/Jerusalem';

describe('the clock on the wall', () => {
  it('comes back from every quarter of an hour around both changes of the clocks', () => {
    for (const day of ['2026-03-26', '2026-03-27', '2026-10-24', '2026-10-25', '2026-07-01']) {
      for (let minute = 0; minute < 1440; minute += 15) {
        if (day === '2026-03-27' && minute >= 120 && minute < 180) continue; // the clocks jump over this hour
        expect(wallOf(instantOf(day, minute, jerusalem), jerusalem)).toEqual({ day, minute });
      }
    }
  });

  it.each([
    ['Asia/Jerusalem', '2026-11-23', '2026-11-22T22:00:00.000Z'],
    ['America/St_Johns', '2026-11-23', '2026-11-23T03:30:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-23', '2026-11-22T10:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-23', '2026-11-22T18:15:00.000Z'],
    ['UTC', '2026-11-23', '2026-11-23T00:00:00.000Z'],
  ])('knows midnight in %s', (zone, day, instant) => {
    expect(isoOf(day, 0, zone)).toBe(instant);
    expect(wallOf(instant, zone)).toEqual({ day, minute: 0 });
  });

  it('has no instant for a time that the clocks jump over, and goes on after it', () => {
    expect(instantsOf('2026-03-27', 150, jerusalem)).toEqual([]);
    expect(wallOf(instantOf('2026-03-27', 150, jerusalem), jerusalem).minute).toBe(210);
  });

  it('has two instants for a time that comes twice, and takes the first', () => {
    const both = instantsOf('2026-10-25', 90, jerusalem);
    expect(both.map((at) => new Date(at).toISOString())).toEqual([
      '2026-10-24T22:30:00.000Z',
      '2026-10-24T23:30:00.000Z',
    ]);
    expect(instantOf('2026-10-25', 90, jerusalem)).toBe(both[0]);
  });

  it('takes minutes beyond midnight as the next day', () => {
    expect(isoOf('2026-11-23', 1440, jerusalem)).toBe(isoOf('2026-11-24', 0, jerusalem));
  });

  it('reads seconds and fractions of an instant as its minute', () => {
    expect(wallOf('2026-11-23T07:59:59.999Z', jerusalem)).toEqual({ day: '2026-11-23', minute: 599 });
  });
});

describe('days', () => {
  it('are counted over months, years and clock changes', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-27', 1)).toBe('2026-03-28');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
    expect(daysBetween('2026-11-23', '2026-11-22')).toBe(-1);
  });

  it('of another month stay in it', () => {
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
    expect(addMonths('2026-12-05', 1)).toBe('2027-01-05');
    expect(addMonths('2026-01-05', -1)).toBe('2025-12-05');
  });

  it.each([
    [0, '2026-11-22'],
    [1, '2026-11-23'],
    [6, '2026-11-21'],
  ])('belong to a week that begins on weekday %i', (first, start) => {
    expect(startOfWeek('2026-11-25', first)).toBe(start);
    expect(startOfWeek(start, first)).toBe(start);
    expect(weekday(start)).toBe(first);
  });

  it('are told from other texts', () => {
    expect(['2026-11-23', '2026-02-30', '2026-13-01', '26-1-1', '', null].map(isDay)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('are dates in UTC to a formatter', () => {
    expect(utcDate('2026-11-23', 90).toISOString()).toBe('2026-11-23T01:30:00.000Z');
  });
});
