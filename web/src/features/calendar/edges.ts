/** Scrolls while a drag is held at the upper or lower edge, and turns the page while it is held beside the days. */
const zone = 40;
const fastest = 14; // pixels a frame
const turnAfter = 700;

export interface Edges {
  at: (x: number, y: number) => void;
  stop: () => void;
}

/** How far to scroll in one frame: the nearer to the edge, or the farther beyond it, the faster. */
export function scrollBy(y: number, top: number, bottom: number): number {
  const depth = y < top + zone ? y - (top + zone) : y > bottom - zone ? y - (bottom - zone) : 0;
  return Math.max(-1, Math.min(1, depth / (2 * zone))) * fastest;
}

/** -1 or 1 when the pointer is beside the days, to the left or to the right of them. */
export function sideOf(x: number, left: number, right: number): number {
  return x < left - 8 ? -1 : x > right + 8 ? 1 : 0;
}

export function watchEdges(
  scroller: HTMLElement,
  days: HTMLElement,
  onscroll: () => void,
  onturn: (side: number) => void,
): Edges {
  let speed = 0;
  let frame = 0;
  let side = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function run() {
    frame = 0;
    if (speed === 0) return;
    scroller.scrollTop += speed;
    onscroll();
    frame = requestAnimationFrame(run);
  }

  function wait() {
    timer = setTimeout(() => {
      onturn(side);
      wait();
    }, turnAfter);
  }

  return {
    at(x, y) {
      const box = scroller.getBoundingClientRect();
      speed = scrollBy(y, box.top + (days.getBoundingClientRect().top > box.top ? 0 : 44), box.bottom);
      if (speed !== 0 && frame === 0) frame = requestAnimationFrame(run);
      const columns = days.getBoundingClientRect();
      const now = sideOf(x, columns.left, columns.right);
      if (now === side) return;
      side = now;
      clearTimeout(timer);
      if (side !== 0) wait();
    },
    stop() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    },
  };
}
