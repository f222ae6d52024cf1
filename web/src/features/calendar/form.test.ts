import { describe, expect, it } from 'vitest';
import type { Occurrence, Service } from '../../api/types';
import {
  changesOf,
  draftOfSlot,
  draftOfVisit,
  endDay,
  inputOf,
  isChanged,
  lengthOf,
  nthOf,
  validate,
  withService,
  type Draft,
} from './form';
import { bookable, decisionsIn, firstRepeat, patternsOf, ruleOf, weekdaysOf, wrongIn } from './repeat';
import { visitOf } from './sample';
import { amountText, clockText, hourText, minorOf, moneyText, periodText, rangeText } from './texts';

const zone = 'Asia/Jerusalem';
const monday = '2026-11-23';
const client = { id: 'c1', full_name: 'Dana Levi' };
const draft = (part: Partial<Draft> = {}): Draft => ({
  ...draftOfSlot({ day: monday, start: 600, end: 660 }, 'p1'),
  client,
  ...part,
});
const service = (part: Partial<Service>) =>
  ({ id: 's1', price: 35000, currency: 'ILS', default_duration_minutes: 50, ...part }) as Service;

describe('the appointment form', () => {
  it('sends a booking without what is empty', () => {
    expect(inputOf(draft(), zone, 'ILS')).toEqual({
      client_id: 'c1',
      practitioner_id: 'p1',
      starts_at: '2026-11-23T08:00:00.000Z',
      ends_at: '2026-11-23T09:00:00.000Z',
      location_type: 'clinic',
      price: null,
    });
  });

  it('lets a location say what kind of place it is', () => {
    const input = inputOf(draft({ location: 'l1', details: 'x', placeType: 'home' }), zone, 'ILS');
    expect(input).toMatchObject({ location_id: 'l1' });
    expect(input).not.toHaveProperty('location_type');
    expect(input).not.toHaveProperty('location_details');
  });

  it('sends only what was changed, and null for what was cleared', () => {
    const visit = visitOf({ notes: 'Old', price: 35000, currency: 'ILS', service_id: 's1' });
    const base = draftOfVisit(visit, zone, 'ILS');
    expect(base).toMatchObject({ day: monday, start: '09:00', end: '10:00', price: '350' });
    expect(changesOf(base, base, zone, 'ILS')).toEqual({});
    expect(changesOf(base, { ...base, notes: ' ', service: '', price: '' }, zone, 'ILS')).toEqual({
      notes: null,
      service_id: null,
      price: null,
    });
    expect(changesOf(base, { ...base, price: '350.00' }, zone, 'ILS')).toEqual({});
    expect(changesOf(base, { ...base, end: '10:30' }, zone, 'ILS')).toEqual({
      starts_at: '2026-11-23T07:00:00.000Z',
      ends_at: '2026-11-23T08:30:00.000Z',
    });
  });

  it('takes an end before the start as the next day', () => {
    const night = draft({ start: '23:00', end: '01:00' });
    expect([lengthOf(night), endDay(night)]).toEqual([120, '2026-11-24']);
    expect(inputOf(night, zone, 'ILS').ends_at).toBe('2026-11-23T23:00:00.000Z');
    expect(endDay(draft())).toBeUndefined();
    expect(endDay(draft({ start: '23:00', end: '00:00' }))).toBeUndefined();
  });

  it('takes length and price from a service, and keeps a price that was typed', () => {
    const next = withService(draft(), service({}), undefined, 'ILS');
    expect(next).toMatchObject({ service: 's1', end: '10:50', price: '350' });
    expect(withService(draft({ price: '99' }), service({}), undefined, 'ILS').price).toBe('99');
    const other = service({ id: 's2', price: 20050, default_duration_minutes: 90 });
    expect(withService(next, other, service({}), 'ILS')).toMatchObject({ price: '200.50', end: '11:30' });
    expect(withService(next, undefined, service({}), 'ILS')).toMatchObject({ service: '', end: '10:50' });
  });

  it('names what is missing or cannot be', () => {
    const codes = (part: Partial<Draft>) =>
      Object.fromEntries(Object.entries(validate(draft(part), zone, 'ILS')).map(([name, { code }]) => [name, code]));
    expect(codes({})).toEqual({});
    expect(codes({ client: undefined, day: '', start: '' })).toEqual({
      client_id: 'required',
      date: 'required',
      starts_at: 'required',
    });
    expect(codes({ end: '10:00' })).toEqual({ ends_at: 'order' });
    expect(codes({ day: '2026-03-27', start: '02:30', end: '03:30' })).toEqual({ starts_at: 'missing' });
    expect(codes({ price: 'much', notes: 'x'.repeat(10_001) })).toEqual({ price: 'amount', notes: 'too_long' });
  });

  it('knows an unsaved change', () => {
    expect(isChanged(draft(), draft())).toBe(false);
    expect(isChanged(draft(), draft({ notes: 'x' }))).toBe(true);
    expect(isChanged(draft(), draft({ client: { id: 'c2', full_name: 'x' } }))).toBe(true);
  });
});

describe('a rule of a series', () => {
  const repeat = firstRepeat(monday);

  it.each([
    [{}, 'FREQ=WEEKLY;COUNT=10;BYDAY=MO'],
    [{ interval: 2, days: [3, 0] }, 'FREQ=WEEKLY;INTERVAL=2;COUNT=10;BYDAY=SU,MO,WE'],
    [{ pattern: 'monthDay' as const, count: 3 }, 'FREQ=MONTHLY;COUNT=3;BYMONTHDAY=23'],
    [{ pattern: 'nth' as const }, 'FREQ=MONTHLY;COUNT=10;BYDAY=4MO'],
    [
      { pattern: 'last' as const, ends: 'until' as const, until: '2027-06-30' },
      'FREQ=MONTHLY;UNTIL=20270630;BYDAY=-1MO',
    ],
  ])('%o is %s', (part, rule) => expect(ruleOf({ ...repeat, ...part }, monday)).toBe(rule));

  it('offers only what fits the day', () => {
    expect(nthOf('2026-11-30')).toEqual({ nth: 5, last: true, weekday: 1 });
    expect(patternsOf('2026-11-30')).toEqual(['weekly', 'monthDay', 'last']);
    expect(patternsOf(monday)).toEqual(['weekly', 'monthDay', 'nth']);
    expect(patternsOf('2026-02-23')).toEqual(['weekly', 'monthDay', 'nth', 'last']);
    expect(weekdaysOf({ ...repeat, days: [1, 5] }, monday)).toEqual([1, 5]);
  });

  it('says which number cannot be', () => {
    expect(wrongIn(repeat, monday)).toBeUndefined();
    expect(wrongIn({ ...repeat, interval: 0 }, monday)).toBe('interval');
    expect(wrongIn({ ...repeat, count: 521 }, monday)).toBe('count');
    expect(wrongIn({ ...repeat, count: null as unknown as number }, monday)).toBe('count');
    expect(wrongIn({ ...repeat, ends: 'until', until: '2026-11-22' }, monday)).toBe('until');
  });

  it('asks for the decisions that its times need, and counts what they leave', () => {
    const time = (part: Partial<Occurrence>) =>
      ({ local_start: '', problem: null, conflicting_appointments: [], ...part }) as unknown as Occurrence;
    const clash = [{}] as Occurrence['conflicting_appointments'];
    const all = [time({}), time({ conflicting_appointments: clash }), time({ problem: 'missing_time' })];
    expect(decisionsIn(all)).toEqual({ missing: true, repeated: false, conflicts: true });
    const choices = { missing: 'skip', repeated: 'refuse', conflicts: 'refuse' } as const;
    expect(bookable(all, choices)).toBeUndefined();
    expect(bookable(all, { ...choices, conflicts: 'skip' })).toBe(1);
    expect(bookable(all, { ...choices, conflicts: 'override' })).toBe(2);
  });
});

describe('texts', () => {
  it('write times as the language does', () => {
    expect(rangeText(540, 600).replace(/[\u2009\u202f ]/g, '')).toMatch(/^0?9:00–10:00(AM)?$/);
    expect(rangeText(1380, 1500)).toContain('–');
    expect(hourText(14)).toMatch(/14:00|2\sPM/);
    expect([clockText(0), clockText(1500), clockText(-15)]).toEqual(['00:00', '01:00', '23:45']);
    expect(periodText('week', [monday, '2026-11-29'], monday)).toMatch(/23.*29.*2026|November 23.*29/);
    expect(periodText('month', [], monday)).toMatch(/November 2026/);
  });

  it('write and read money in the units of its currency', () => {
    expect(moneyText(35000, 'ILS')).toMatch(/350(?!\.)/);
    expect(moneyText(35050, 'ILS')).toContain('350.50');
    expect([amountText(null, 'ILS'), amountText(35050, 'ILS'), amountText(500, 'JPY')]).toEqual(['', '350.50', '500']);
    expect([minorOf('', 'ILS'), minorOf(' 350,5 ', 'ILS'), minorOf('500', 'JPY')]).toEqual([null, 35050, 500]);
    for (const wrong of ['-1', '1.234', 'abc', '1e3', '1.5']) {
      expect(minorOf(wrong, wrong === '1.5' ? 'JPY' : 'ILS')).toBeNaN();
    }
  });
});
