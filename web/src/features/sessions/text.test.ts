import { describe, expect, it, vi } from 'vitest';
import type { Copied, NoteTemplate } from '../../api/types';
import { append, changesOf, contentOf, emptyContent, isBlank, merge, tooLong, type Content } from './content';
import { diff } from './diff';
import { copiedTexts } from './marks';
import { expansion, insertAt } from './snippets';

const at = '2026-11-20T09:00:00Z';
const content = (part: Partial<Content>): Content => ({ ...emptyContent(at, 50), ...part });

describe('the content of a note', () => {
  it('sends only what was changed, and null for what was cleared', () => {
    expect(changesOf(content({ subjective: 'a', plan: 'p' }), content({ plan: 'q' }))).toEqual({
      subjective: null,
      plan: 'q',
    });
    expect(changesOf(content({}), content({ session_date: '2026-11-20T11:00:00+02:00' }))).toEqual({});
    expect(changesOf(content({}), content({ duration_minutes: null }))).toEqual({ duration_minutes: null });
  });

  it('starts from a note, with nothing for null', () => {
    const note = {
      subjective: null,
      objective: 'o',
      assessment: null,
      plan: null,
      session_date: at,
      duration_minutes: 50,
    };
    expect(contentOf(note)).toEqual(content({ objective: 'o' }));
  });

  it('knows blank and too long', () => {
    expect(isBlank(content({ plan: ' \n' }))).toBe(true);
    expect(tooLong(content({ plan: '😀'.repeat(10_000), objective: 'x'.repeat(10_001) }))).toEqual(['objective']);
  });

  it('keeps changes of different sections, and leaves common ones to the person', () => {
    const base = content({ subjective: 's', plan: 'p' });
    const met = merge(base, content({ subjective: 'mine', plan: 'p' }), content({ subjective: 's', plan: 'theirs' }));
    expect(met).toEqual({ content: content({ subjective: 'mine', plan: 'theirs' }), conflicts: [] });
    const clash = merge(base, content({ subjective: 'mine', plan: 'p' }), content({ subjective: 'other', plan: 'p' }));
    expect(clash.conflicts).toEqual(['subjective']);
  });

  it('sees no conflict where a save had arrived and only its answer was lost', () => {
    const base = content({ subjective: 'a' });
    expect(merge(base, content({ subjective: 'ab' }), content({ subjective: 'ab' })).conflicts).toEqual([]);
  });

  it('puts text behind other text', () => {
    expect([append('', 'x'), append('a\n', 'x'), append('  ', 'x')]).toEqual(['x', 'a\n\nx', 'x']);
  });
});

describe('diff', () => {
  const shown = (before: string, after: string) =>
    diff(before, after)
      .map(({ kind, text }) => (kind === 'same' ? text : kind === 'added' ? `[+${text}]` : `[-${text}]`))
      .join('');

  it.each([
    ['', '', ''],
    ['same text', 'same text', 'same text'],
    ['', 'new', '[+new]'],
    ['old', '', '[-old]'],
    ['pain in the left knee', 'pain in the right knee', 'pain in the [-left][+right] knee'],
    ['one two', 'one two three', 'one two[+ three]'],
    ['כאב בברך', 'כאב קל בברך', 'כאב [+קל ]בברך'],
    ['a\nb\nc', 'a\nc', 'a\n[-b\n]c'],
    ['ROM 45°.', 'ROM 60°.', 'ROM [-45][+60]°.'],
  ])('%j to %j', (before, after, want) => {
    expect(shown(before, after)).toBe(want);
  });

  it('gives both texts back from its pieces, whatever they are', () => {
    const words = ['a', 'b', ' ', '\n', 'כ', '-', '😀'];
    const text = (seed: number) =>
      Array.from({ length: 40 }, (_, n) => words[(seed * (n + 3) * 7 + n) % words.length]).join('');
    for (let seed = 1; seed < 60; seed += 1) {
      const [before, after] = [text(seed), text(seed + 1)];
      const pieces = diff(before, after);
      const side = (gone: string) =>
        pieces
          .filter((piece) => piece.kind !== gone)
          .map((piece) => piece.text)
          .join('');
      expect([side('added'), side('removed')]).toEqual([before, after]);
    }
  });

  it('is quick with two full sections', () => {
    const long = (word: string) => Array.from({ length: 2500 }, (_, n) => `${word}${n}`).join(' ');
    const start = performance.now();
    expect(diff(long('a'), long('b')).length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe('snippets', () => {
  const snippet = (shortcut: string, text: string) => ({ kind: 'snippet', shortcut, text }) as NoteTemplate;
  const all = [snippet('rom', 'Range of motion full.'), snippet('שלום', 'ברכה'), snippet('Né', 'x')];
  const applied = (text: string) => {
    const found = expansion(text, text.length, all);
    return found && text.slice(0, found.from) + found.text + text.slice(found.to);
  };

  it.each([
    ['/rom ', 'Range of motion full.'],
    ['Knee: /ROM ', 'Knee: Range of motion full.'],
    ['a\n/rom\n', 'a\nRange of motion full.'],
    ['/שלום ', 'ברכה'],
    ['/NE ', 'x'],
    ['/rom', undefined],
    ['and/rom ', undefined],
    ['/other ', undefined],
    ['/ ', undefined],
  ])('%j', (text, want) => expect(applied(text)).toBe(want));

  it('looks only at what is before the caret', () => {
    expect(expansion('/rom x', 5, all)).toMatchObject({ from: 0, to: 5 });
    expect(expansion('/rom x', 6, all)).toBeUndefined();
  });

  it('puts text in at its place, and tells the page', () => {
    const area = document.createElement('textarea');
    area.value = 'a b c';
    const heard = vi.fn();
    area.addEventListener('input', heard);
    insertAt(area, 2, 3, 'XY');
    expect([area.value, heard.mock.calls.length]).toEqual(['a XY c', 1]);
  });
});

describe('copied lines', () => {
  it('are known by their text', () => {
    const copied = {
      subjective: [{ from_session_id: 'x', lines: [1, 3, 9] }],
      objective: [],
      assessment: [],
      plan: [],
    } as Copied;
    const found = copiedTexts(copied, { ...emptyContent(at, 0), subjective: 'one\ntwo\n three ' });
    expect([...found.subjective]).toEqual(['one', 'three']);
    expect(found.plan.size).toBe(0);
    expect(copiedTexts(undefined, emptyContent(at, 0)).plan.size).toBe(0);
  });
});
