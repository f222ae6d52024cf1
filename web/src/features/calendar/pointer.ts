/**
 * Follows a pointer from press to release: a drag with a mouse begins after 4 pixels, with a finger after a long press. What
 * was pressed and released in place is left to the click that follows.
 */
export interface Gesture {
  /** The press has become a drag. */
  start: () => void;
  move: (x: number, y: number) => void;
  drop: () => void;
  /** Nothing is to change: Escape, or the system took the pointer. */
  cancel: () => void;
  /** A finger that went sideways before it had pressed long enough. */
  swipe?: (dx: number) => void;
}

const longPress = 350;
const slack = { mouse: 4, touch: 10 };
const swipeLength = 50;

export function follow(press: PointerEvent, gesture: Gesture): void {
  if (press.button !== 0 || !press.isPrimary) return;
  const touch = press.pointerType === 'touch';
  const { pointerId, clientX: x0, clientY: y0 } = press;
  const over = new AbortController();
  const { signal } = over;
  let live = false;
  let gone = false; // a finger that scrolls or swipes
  let timer: ReturnType<typeof setTimeout> | undefined;

  const end = () => {
    clearTimeout(timer);
    over.abort();
  };
  const begin = () => {
    live = true;
    gesture.start();
  };
  const own = (run: (event: PointerEvent) => void) => (event: PointerEvent) => {
    if (event.pointerId === pointerId) run(event);
  };

  function moved(event: PointerEvent) {
    const far = Math.hypot(event.clientX - x0, event.clientY - y0);
    if (!live && far > (touch ? slack.touch : slack.mouse)) {
      clearTimeout(timer);
      if (touch) gone = true;
      else begin();
    }
    if (live) gesture.move(event.clientX, event.clientY);
  }

  function released(event: PointerEvent) {
    end();
    const [dx, dy] = [event.clientX - x0, event.clientY - y0];
    if (live) gesture.drop();
    else if (gone && Math.abs(dx) > swipeLength && Math.abs(dx) > 2 * Math.abs(dy)) gesture.swipe?.(dx);
  }

  function cancelled() {
    end();
    if (live) gesture.cancel();
  }

  addEventListener('pointermove', own(moved), { signal });
  addEventListener('pointerup', own(released), { signal });
  addEventListener('pointercancel', own(cancelled), { signal });
  addEventListener('blur', cancelled, { signal });
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || !live) return;
      event.stopPropagation();
      event.preventDefault();
      cancelled();
    },
    { signal, capture: true },
  );
  if (touch) {
    timer = setTimeout(begin, longPress);
    // Only a listener that may refuse can keep the page from scrolling once the drag has begun.
    document.addEventListener('touchmove', (event) => live && event.preventDefault(), { signal, passive: false });
    addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  }
}
