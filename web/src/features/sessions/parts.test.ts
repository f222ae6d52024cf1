import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NoteTemplate, Session } from '../../api/types';
import { Autosave } from './autosave.svelte';
import ConflictDialog from './ConflictDialog.svelte';
import { emptyContent } from './content';
import DiffText from './DiffText.svelte';
import { pieces } from './excerpt';
import ReasonDialog from './ReasonDialog.svelte';
import SavePill from './SavePill.svelte';
import SectionField from './SectionField.svelte';

afterEach(cleanup);
const at = '2026-11-20T09:00:00Z';
const none = new Set<string>();

describe('a section of a note', () => {
  const snippet = { kind: 'snippet', shortcut: 'rom', text: 'Full range.' } as NoteTemplate;
  const field = (props: object = {}) => {
    const oninput = vi.fn();
    render(SectionField, { name: 'plan', value: '', copied: none, snippets: [snippet], oninput, ...props });
    return { oninput, area: screen.getByLabelText<HTMLTextAreaElement>('Plan') };
  };

  it('puts a snippet in as its name is typed', async () => {
    const { area, oninput } = field();
    await userEvent.type(area, 'Knee: /rom ok');
    expect(area.value).toBe('Knee: Full range.ok');
    expect(oninput).toHaveBeenCalled();
  });

  it('leaves pasted and unknown names alone', async () => {
    const { area } = field();
    await userEvent.type(area, '/other x');
    expect(area.value).toBe('/other x');
  });

  it('marks copied lines, and says how many', () => {
    field({ value: 'one\n two\nthree', copied: new Set(['two', 'three']) });
    expect(screen.getByText('2 lines copied')).toBeTruthy();
    expect([...document.querySelectorAll('.mark')].map((mark) => mark.textContent)).toEqual([' two', 'three']);
  });

  it('counts when the end is near, and says when it is over', () => {
    field({ value: 'x'.repeat(9001) });
    expect(screen.getByText(/9,001/)).toBeTruthy();
    cleanup();
    const { area } = field({ value: 'x'.repeat(10_001) });
    expect(area.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('the pill', () => {
  it('says how safe the text is, and speaks of trouble and of the first save after it', async () => {
    const autosave = new Autosave({ dirty: () => false, save: async () => undefined, clash: async () => 'stuck' });
    render(SavePill, { autosave, savedAt: undefined });
    expect(screen.getByText('Not begun')).toBeTruthy();
    expect(screen.getByRole('status').textContent).toBe('');
    autosave.state = 'offline';
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toMatch(/^Offline/));
  });
});

describe('the conflict', () => {
  const theirs = {
    status: 'draft',
    session_date: at,
    duration_minutes: 50,
    subjective: 'theirs',
    plan: null,
  } as Session;
  const show = (status: Session['status']) => {
    const onchoose = vi.fn();
    const clash = { theirs: { ...theirs, status }, fields: ['subjective' as const, 'duration_minutes' as const] };
    render(ConflictDialog, {
      clash,
      mine: { ...emptyContent(at, 45), subjective: 'mine' },
      onchoose,
      onclose: vi.fn(),
    });
    return onchoose;
  };

  it('shows both texts, and takes the answer', async () => {
    const onchoose = show('draft');
    for (const text of ['mine', 'theirs', '45', '50']) expect(screen.getByText(text)).toBeTruthy();
    await userEvent.click(screen.getByText('Keep mine'));
    expect(onchoose).toHaveBeenCalledWith('mine');
  });

  it('does not offer to overwrite a signed note', () => {
    show('signed');
    expect(screen.queryByText('Keep mine')).toBeNull();
    expect(screen.getByText('Take the saved version')).toBeTruthy();
  });
});

describe('the reason', () => {
  it('is required, and a refusal stays in sight', async () => {
    const run = vi.fn(() => Promise.reject(new Error('no')));
    const words = { title: 'Amend', text: 'Why?', label: 'Reason', confirm: 'Do it' };
    render(ReasonDialog, { ...words, run, onclose: vi.fn() });
    await userEvent.click(screen.getByText('Do it'));
    expect(run).not.toHaveBeenCalled();
    expect(screen.getByText('Please fill this in.')).toBeTruthy();
    await userEvent.type(screen.getByLabelText(/Reason/), '  Wrong dose ');
    await userEvent.click(screen.getByText('Do it'));
    expect(run).toHaveBeenCalledWith('Wrong dose');
    expect(screen.getByRole('alert')).toBeTruthy();
  });
});

describe('what changed', () => {
  it('is marked as inserted and deleted', () => {
    render(DiffText, { before: 'left knee', after: 'right knee' });
    expect(document.querySelector('del')?.textContent).toBe('left');
    expect(document.querySelector('ins')?.textContent).toBe('right');
  });
});

describe('an excerpt', () => {
  it('is cut around what was found', () => {
    expect(pieces('a pain b', 'pain')).toEqual([
      { text: 'a ', hit: false },
      { text: 'pain', hit: true },
      { text: ' b', hit: false },
    ]);
    expect(pieces('abc', '')).toEqual([{ text: 'abc', hit: false }]);
    expect(pieces('abc', 'x')).toEqual([{ text: 'abc', hit: false }]);
  });
});
