/** Where something fits beside something else: on the side with more room, never outside the window. In physical pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export type Size = Pick<Box, 'width' | 'height'>;

const gap = 8;
const margin = 12;

export function besides(anchor: Box, own: Size, window: Size): Pick<Box, 'x' | 'y'> {
  const after = anchor.x + anchor.width + gap;
  const before = anchor.x - gap - own.width;
  const roomAfter = window.width - anchor.x - anchor.width;
  const fits = (x: number) => x >= margin && x + own.width + margin <= window.width;
  const [preferred, other] = roomAfter >= anchor.x ? [after, before] : [before, after];
  const x = fits(preferred)
    ? preferred
    : fits(other)
      ? other
      : within(anchor.x + anchor.width / 2 - own.width / 2, own.width, window.width);
  return { x: Math.round(x), y: Math.round(within(anchor.y, own.height, window.height)) };
}

function within(at: number, length: number, limit: number): number {
  return Math.max(margin, Math.min(at, limit - margin - length));
}
