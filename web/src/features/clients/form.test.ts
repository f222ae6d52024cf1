import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/problem';
import { setLang } from '../../lib/i18n/index.svelte';
import ClientForm from './ClientForm.svelte';
import { emptyDraft } from './form';
import StaleDialog from './StaleDialog.svelte';

const save = vi.fn();
const user = userEvent.setup();
const shown = (label: RegExp) => screen.getByLabelText(label) as HTMLInputElement;
const errorOf = (label: RegExp) => {
  const ids = shown(label).getAttribute('aria-describedby')?.split(' ') ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(' ');
};

beforeAll(() => setLang('en'));
beforeEach(() => {
  save.mockReset(); // its answer must not become a clean-up
});

describe('ClientForm', () => {
  const open = () => render(ClientForm, { base: emptyDraft(), submitLabel: 'Create', cancelTo: '/clients', save });

  it('asks the server only when the form is right, and goes to the first mistake', async () => {
    open();
    await user.type(shown(/^E-mail/), 'dana');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect(save).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(shown(/^First name/));
    expect(errorOf(/^E-mail/)).toBe('This is not a complete e-mail address.');
    expect(screen.getByText('Please check 3 fields')).toBeTruthy();
  });

  it('takes an error away when the field is right again', async () => {
    open();
    await user.type(shown(/^E-mail/), 'dana');
    await user.tab();
    expect(errorOf(/^E-mail/)).not.toBe('');
    await user.type(shown(/^E-mail/), '@example.com');
    await user.tab();
    expect(errorOf(/^E-mail/)).toBe('');
  });

  it('shows what the server says under its fields', async () => {
    save.mockRejectedValue(new ApiError(422, 'invalid', { phone: { code: 'characters', message: 'x' } }));
    open();
    await user.type(shown(/^First name/), 'Dana');
    await user.type(shown(/^Last name/), 'Levi');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(save).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(errorOf(/^Phone/)).toContain('cannot be stored'));
    expect(document.activeElement).toBe(shown(/^Phone/));
  });

  it('keeps the text when saving fails, and says why', async () => {
    save.mockRejectedValue(new ApiError(0, 'network'));
    open();
    await user.type(shown(/^First name/), 'Dana');
    await user.type(shown(/^Last name/), 'Levi');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect((await screen.findByRole('alert')).textContent).toContain('cannot be reached');
    expect(shown(/^First name/).value).toBe('Dana');
  });
});

describe('StaleDialog', () => {
  const mine = { ...emptyDraft(), first_name: 'D', last_name: 'L', phone: 'mine', notes: '', tags: ['a'] };
  const theirs = { ...mine, phone: 'theirs', notes: 'theirs', tags: ['b'] };

  it('shows both values and gives back the choice', async () => {
    const onchoose = vi.fn();
    render(StaleDialog, { fields: ['phone', 'notes', 'tags'], mine, theirs, onchoose });
    expect(screen.getByText('mine')).toBeTruthy();
    expect(screen.getAllByText('theirs')).toHaveLength(2);
    expect(screen.getByText('Empty')).toBeTruthy();
    const phone = screen.getByRole('group', { name: 'Phone' });
    await user.click(phone.querySelector('input[value="theirs"]')!);
    await user.click(screen.getByText('Save my choice'));
    expect(onchoose).toHaveBeenCalledWith({ ...mine, phone: 'theirs' });
  });

  it('changes nothing when it is put aside', async () => {
    const onchoose = vi.fn();
    render(StaleDialog, { fields: ['phone'], mine, theirs, onchoose });
    await user.click(screen.getByText('Keep editing'));
    expect(onchoose).toHaveBeenCalledWith(undefined);
  });
});
