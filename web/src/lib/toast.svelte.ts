export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
  action?: ToastAction;
}

const most = 3;
const life = 6000;
let last = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const toasts = $state<Toast[]>([]);

export function dismiss(id: number): void {
  hold(id);
  const index = toasts.findIndex((entry) => entry.id === id);
  if (index >= 0) toasts.splice(index, 1);
}

/** Stops the clock of one toast while somebody reads or points at it. */
export function hold(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

export function release(id: number): void {
  hold(id);
  timers.set(
    id,
    setTimeout(() => dismiss(id), life),
  );
}

/** Shows a short message. Never the only place of an error, since it goes away. */
export function toast(text: string, options: { kind?: Toast['kind']; action?: ToastAction } = {}): number {
  last += 1;
  toasts.push({ id: last, text, kind: options.kind ?? 'info', action: options.action });
  while (toasts.length > most) dismiss(toasts[0]!.id);
  release(last);
  return last;
}

export function clearToasts(): void {
  for (const { id } of [...toasts]) dismiss(id);
}
