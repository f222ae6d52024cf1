export interface Debounced<T> {
  (value: T): void;
  /** Runs a waiting call now. */
  flush(): void;
  cancel(): void;
}

/** Calls `run` once input has paused for `wait` milliseconds, with the last value. */
export function debounce<T>(run: (value: T) => void, wait: number): Debounced<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: { value: T } | undefined;

  function fire() {
    clearTimeout(timer);
    const held = waiting;
    waiting = undefined;
    if (held) run(held.value);
  }

  const later = (value: T) => {
    waiting = { value };
    clearTimeout(timer);
    timer = setTimeout(fire, wait);
  };
  later.flush = fire;
  later.cancel = () => {
    clearTimeout(timer);
    waiting = undefined;
  };
  return later;
}
