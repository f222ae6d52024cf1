/** Where something fits beside something else: on the side with more room, else below or above, inside of the window. In physical pixels. */
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
  const x = fits(preferred) ? preferred : fits(other) ? other : undefined;
  if (x !== undefined) return { x: Math.round(x), y: Math.round(within(anchor.y, own.height, window.height)) };
  // As wide as the window: below it, or above where there is more room.
  const below = anchor.y + anchor.height + gap;
  const y = below + own.height + margin <= window.height ? below : anchor.y - gap - own.height;
  const middle = anchor.x + anchor.width / 2 - own.width / 2;
  return {
    x: Math.round(within(middle, own.width, window.width)),
    y: Math.round(within(y, own.height, window.height)),
  };
}

function within(at: number, length: number, limit: number): number {
  return Math.max(margin, Math.min(at, limit - margin - length));
}
