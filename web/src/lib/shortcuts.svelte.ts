/**
 * Keys that act without a modifier. A person may switch them off on this device (they collide with voice control and some
 * keyboards), and they never act while somebody types or a dialog is open.
 */
import { recall, remember } from './storage';

let on = $state(recall('keys') !== 'off');

export const shortcuts = {
  get on(): boolean {
    return on;
  },
};

export function setShortcuts(next: boolean): void {
  on = next;
  remember('keys', next ? 'on' : 'off');
}

const fields = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"]';

/** The key when it may act as a short cut now, else nothing. */
export function plainKey(event: KeyboardEvent): string | undefined {
  if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return undefined;
  if ((event.target as Element | null)?.closest?.(fields) || document.querySelector('dialog[open]')) return undefined;
  return latin(event);
}

/** On a Hebrew keyboard the key of "g" writes another letter: its place counts. */
export function latin({ key, code }: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter && !/^[\x20-\x7e]+$/.test(key) ? letter.toLowerCase() : key;
}

/** A handler that does what stands at the pressed key. */
export function acting(keys: Record<string, () => void>): (event: KeyboardEvent) => void {
  return (event) => {
    const run = keys[plainKey(event) ?? ''];
    if (!run) return;
    event.preventDefault();
    run();
  };
}

const leadFor = 2000;

/** Two keys one after the other: a lead, and within two seconds what it leads to. */
export class Lead {
  private at = -Infinity;

  constructor(
    private readonly lead: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** The second key, when the first came just before it. */
  press(key: string): string | undefined {
    const led = this.now() - this.at <= leadFor;
    this.at = key === this.lead ? this.now() : -Infinity;
    return led && key !== this.lead ? key : undefined;
  }
}
