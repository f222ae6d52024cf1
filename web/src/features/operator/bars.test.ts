import { describe, expect, it } from 'vitest';
import { bytesText, gigabytes } from './amounts';
import { barsOf } from './bars';

describe('bars', () => {
  it('are as tall as the greatest, and a small day still shows', () => {
    expect(barsOf([0, 50, 100, 1], 40)).toEqual([
      { x: 0, y: 40, height: 0 },
      { x: 1, y: 20, height: 20 },
      { x: 2, y: 0, height: 40 },
      { x: 3, y: 39, height: 1 },
    ]);
  });

  it('stay on the ground when nothing happened', () => {
    expect(barsOf([0, 0], 40).map((bar) => bar.height)).toEqual([0, 0]);
    expect(barsOf([], 40)).toEqual([]);
  });
});

describe('amounts', () => {
  it('are read as gigabytes, with a point or a comma', () => {
    expect([gigabytes('5'), gigabytes('0.5'), gigabytes(' 1,5 ')]).toEqual([5 * 2 ** 30, 2 ** 29, 1.5 * 2 ** 30]);
    expect(['', 'x', '-1', '1e3', '10241'].map(gigabytes)).toEqual(Array(5).fill(undefined));
    expect(gigabytes('10240')).toBe(10_995_116_277_760);
  });

  it('are written in the unit that fits', () => {
    expect([bytesText(0), bytesText(2 ** 29), bytesText(5 * 2 ** 30)]).toEqual(['0 GB', '512 MB', '5 GB']);
  });
});
