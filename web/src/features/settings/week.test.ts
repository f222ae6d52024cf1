import { describe, expect, it } from 'vitest';
import { daysFrom, hoursOf, nextSpan, problemOf, weekOf } from './week';

const hours = {
  sunday: [
    ['09:00', '13:00'],
    ['14:00', '24:00'],
  ],
  monday: [],
};

describe('working hours', () => {
  it('go into the form and back, with midnight at the end of a day', () => {
    const week = weekOf(hours);
    expect(week.sunday).toEqual([
      { from: '09:00', to: '13:00' },
      { from: '14:00', to: '00:00' },
    ]);
    expect(hoursOf(week)).toMatchObject({ ...hours, saturday: [] });
  });

  it('are sent in order', () => {
    const week = weekOf({
      friday: [
        ['14:00', '15:00'],
        ['08:00', '12:00'],
      ],
    });
    expect(hoursOf(week).friday).toEqual([
      ['08:00', '12:00'],
      ['14:00', '15:00'],
    ]);
  });

  it.each([
    [[], undefined],
    [[{ from: '09:00', to: '17:00' }], undefined],
    [[{ from: '09:00', to: '00:00' }], undefined],
    [
      [
        { from: '09:00', to: '12:00' },
        { from: '12:00', to: '13:00' },
      ],
      undefined,
    ],
    [[{ from: '09:00', to: '09:00' }], 'hours'],
    [[{ from: '', to: '09:00' }], 'hours'],
    [[{ from: '10:00', to: '09:00' }], 'hours'],
    [
      [
        { from: '09:00', to: '12:00' },
        { from: '11:00', to: '13:00' },
      ],
      'overlap',
    ],
    [
      [
        { from: '09:00', to: '00:00' },
        { from: '11:00', to: '13:00' },
      ],
      'overlap',
    ],
  ])('%j is %s', (spans, want) => expect(problemOf(spans)).toBe(want));

  it('offer a next span', () => {
    expect(nextSpan([])).toEqual({ from: '09:00', to: '17:00' });
    expect(nextSpan([{ from: '09:00', to: '13:00' }])).toEqual({ from: '14:00', to: '17:00' });
    expect(nextSpan([{ from: '09:00', to: '23:00' }])).toEqual({ from: '', to: '' });
  });

  it('begin with the first day of the practice', () => {
    expect(daysFrom('monday')[0]).toBe('monday');
    expect(daysFrom('saturday').slice(0, 2)).toEqual(['saturday', 'sunday']);
  });
});
