import { describe, expect, it } from 'vitest';
import { beginning, byMonth } from './months';

describe('months', () => {
  it('are those of the wall of the practice', () => {
    const items = ['2026-12-01T08:00:00Z', '2026-11-30T23:30:00Z', '2026-11-02T08:00:00Z'];
    const months = byMonth(items, (item) => item, 'Asia/Jerusalem');
    expect(months.map(({ month, items }) => [month, items.length])).toEqual([
      ['2026-12', 2],
      ['2026-11', 1],
    ]);
  });
});

describe('the beginning of a note', () => {
  const note = { subjective: 'a\nb', objective: null, assessment: null, plan: 'c' };
  it('is one line', () => expect(beginning(note)).toBe('a b · c'));
  it('is cut at a whole character', () => {
    expect(beginning({ ...note, subjective: '😀'.repeat(10) }, 3)).toBe('😀😀😀…');
  });
});
