import { afterEach, describe, expect, it } from 'vitest';
import { Lead, plainKey, setShortcuts, shortcuts } from './shortcuts.svelte';

function press(key: string, target: Element, init: KeyboardEventInit = {}): string | undefined {
  let found: string | undefined;
  const listen = (event: Event) => (found = plainKey(event as KeyboardEvent));
  document.addEventListener('keydown', listen);
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }));
  document.removeEventListener('keydown', listen);
  return found;
}

describe('single keys', () => {
  afterEach(() => {
    document.body.replaceChildren();
    setShortcuts(true);
  });
  const add = (tag: string) => document.body.appendChild(document.createElement(tag));

  it('act on the page, and not while somebody types', () => {
    expect(press('g', add('div'))).toBe('g');
    for (const tag of ['input', 'textarea', 'select']) expect(press('g', add(tag))).toBeUndefined();
  });

  it('do not act with a modifier or under a dialog', () => {
    expect(press('g', add('div'), { ctrlKey: true })).toBeUndefined();
    add('dialog').setAttribute('open', '');
    expect(press('g', add('div'))).toBeUndefined();
  });

  it('are known by their place on a keyboard that writes other letters', () => {
    expect(press('ע', add('div'), { code: 'KeyG' })).toBe('g');
    expect(press('?', add('div'), { code: 'Slash' })).toBe('?');
  });

  it('can be switched off', () => {
    setShortcuts(false);
    expect([shortcuts.on, press('g', add('div'))]).toEqual([false, undefined]);
  });
});

describe('two keys in a row', () => {
  it('need the lead just before', () => {
    let now = 0;
    const lead = new Lead('g', () => now);
    expect(lead.press('c')).toBeUndefined();
    expect([lead.press('g'), lead.press('c'), lead.press('c')]).toEqual([undefined, 'c', undefined]);
    lead.press('g');
    now += 2001;
    expect(lead.press('c')).toBeUndefined();
    expect([lead.press('g'), lead.press('g'), lead.press('s')]).toEqual([undefined, undefined, 's']);
  });
});
