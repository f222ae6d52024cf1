/** Short texts that are put in while writing: `/name` and a space. */
import type { NoteTemplate } from '../../api/types';

export interface Expansion {
  /** What is replaced: from the slash to the caret. */
  from: number;
  to: number;
  text: string;
}

/** Spelled alike for a person: case and accents do not count. */
export function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

/** What to put in place of a short cut that ends with the space just typed before the caret. */
export function expansion(text: string, caret: number, snippets: readonly NoteTemplate[]): Expansion | undefined {
  const match = /(?:^|\s)\/([\p{L}\p{N}_-]{1,30})\s$/u.exec(text.slice(Math.max(0, caret - 40), caret));
  if (!match) return undefined;
  const name = folded(match[1]!);
  const found = snippets.find((snippet) => snippet.shortcut && folded(snippet.shortcut) === name);
  if (!found?.text) return undefined;
  const from = caret - match[1]!.length - 2;
  return { from, to: caret, text: found.text };
}

/** Puts text into a text area as if it had been typed, so that Ctrl+Z takes it out again. */
export function insertAt(area: HTMLTextAreaElement, from: number, to: number, text: string): void {
  area.focus();
  area.setSelectionRange(from, to);
  // Old, but the only way into the undo history of a text area.
  const typed = typeof document.execCommand === 'function' && document.execCommand('insertText', false, text);
  if (typed) return;
  area.setRangeText(text, from, to, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}
