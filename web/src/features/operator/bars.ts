/** The geometry of a small bar chart. Pure: one unit is one day across. */
export interface Bar {
  x: number;
  y: number;
  height: number;
}

/** Bars as tall as `tall` for the greatest value; a day with something is never invisible. */
export function barsOf(values: readonly number[], tall: number): Bar[] {
  const most = Math.max(1, ...values);
  return values.map((value, x) => {
    const height = value === 0 ? 0 : Math.max(1, (value / most) * tall);
    return { x, y: tall - height, height };
  });
}
