import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { setGuard } from '../router.svelte';
import Button from './Button.svelte';
import Dialog from './Dialog.svelte';
import LeaveGuard from './LeaveGuard.svelte';
import SearchBox from './SearchBox.svelte';
import Segmented from './Segmented.svelte';
import TagField from './TagField.svelte';
import TextField from './TextField.svelte';
import Toasts from './Toasts.svelte';
import { toast } from '../toast.svelte';

vi.mock('../router.svelte', async (original) => ({ ...(await original<object>()), setGuard: vi.fn() }));

const text = (words: string) => createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));
const user = userEvent.setup();

describe('Button', () => {
  it('does nothing while it is busy, and keeps its focus', async () => {
    const onclick = vi.fn();
    const { rerender } = render(Button, { children: text('Save'), onclick, busy: true });
    const button = screen.getByRole('button', { name: 'Save' });
    await user.click(button);
    expect(onclick).not.toHaveBeenCalled();
    expect(button).toBe(document.activeElement);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await rerender({ busy: false });
    await user.click(button);
    expect(onclick).toHaveBeenCalledTimes(1);
  });

  it('is a link when it leads somewhere', () => {
    render(Button, { children: text('Edit'), href: '/clients/1/edit' });
    expect(screen.getByRole('link', { name: 'Edit' }).getAttribute('href')).toBe('/clients/1/edit');
  });
});

describe('TextField', () => {
  const base = { label: 'Phone', name: 'phone', value: '' };

  it('ties label, hint and error to the control', () => {
    render(TextField, { ...base, hint: 'With the area code', error: 'At most 50 characters.' });
    const input = screen.getByLabelText(/Phone/);
    const described = input.getAttribute('aria-describedby')!.split(' ');
    expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
      'At most 50 characters.',
      'With the area code',
    ]);
    expect(input.getAttribute('aria-invalid')).toBe('true');
  });

  it('is quiet when nothing is wrong', () => {
    render(TextField, base);
    const input = screen.getByLabelText('Phone');
    expect([input.getAttribute('aria-describedby'), input.getAttribute('aria-invalid')]).toEqual([null, null]);
  });

  it('counts only near the limit, and cuts nothing off', async () => {
    render(TextField, { ...base, limit: 10 });
    await user.type(screen.getByLabelText('Phone'), '123456789');
    expect(screen.queryByText('9 / 10')).toBeNull();
    await user.type(screen.getByLabelText('Phone'), '012');
    expect(screen.getByText('12 / 10')).toBeTruthy();
  });
});

describe('TagField', () => {
  const setup = (value: string[] = []) => {
    render(TagField, {
      label: 'Tags',
      hint: 'h',
      placeholder: 'p',
      removeLabel: (tag: string) => `Remove ${tag}`,
      countLabel: 'n tags',
      limit: 50,
      value,
    });
    return {
      input: screen.getByRole('textbox'),
      tags: () => screen.queryAllByRole('listitem').map((li) => li.textContent?.trim()),
    };
  };

  it('adds with Enter, a comma and on leaving, each once', async () => {
    const { input, tags } = setup();
    await user.type(input, 'knee{Enter}sports,knee,last');
    await user.tab();
    expect(tags()).toEqual(['knee', 'sports', 'last']);
  });

  it('takes away by button and by Backspace', async () => {
    const { input, tags } = setup(['a', 'b', 'c']);
    await user.click(screen.getByRole('button', { name: 'Remove a' }));
    expect(document.activeElement).toBe(input);
    await user.keyboard('{Backspace}');
    expect(tags()).toEqual(['b']);
    await user.keyboard('x{Backspace}');
    expect(tags()).toEqual(['b']);
  });
});

describe('Segmented', () => {
  it('is a group of radio buttons', async () => {
    const onchange = vi.fn();
    const options = [
      { value: 'a', text: 'One' },
      { value: 'b', text: 'Two' },
    ];
    render(Segmented, { label: 'Pick', options, value: 'a', onchange });
    expect(screen.getByRole('group', { name: 'Pick' })).toBeTruthy();
    expect((screen.getByLabelText('One') as HTMLInputElement).checked).toBe(true);
    await user.click(screen.getByLabelText('Two'));
    expect(onchange).toHaveBeenCalledWith('b');
  });
});

describe('SearchBox', () => {
  it('clears with Escape and with its button, and hands down to the results', async () => {
    const [oninput, onclear, ondown] = [vi.fn(), vi.fn(), vi.fn()];
    render(SearchBox, { label: 'Search', placeholder: 'p', clearLabel: 'Clear', value: '', oninput, onclear, ondown });
    const box = screen.getByRole('searchbox', { name: 'Search' });
    await user.type(box, '{Escape}');
    expect(onclear).not.toHaveBeenCalled();
    await user.type(box, 'dana');
    expect(oninput).toHaveBeenCalledTimes(4);
    await user.keyboard('{ArrowDown}');
    expect(ondown).toHaveBeenCalledTimes(1);
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    expect(onclear).toHaveBeenCalledTimes(2);
  });
});

describe('Dialog', () => {
  it('opens, is named by its title, and reports that it was closed', async () => {
    const onclose = vi.fn();
    const shared = { title: 'Sure?', onclose, children: text('body'), actions: text('buttons') };
    const { rerender } = render(Dialog, { ...shared, open: false });
    const dialog = document.querySelector('dialog')!;
    expect(dialog.open).toBe(false);
    await rerender({ open: true });
    expect(screen.getByRole('dialog', { name: 'Sure?' })).toBe(dialog);
    dialog.close(); // as Escape does
    expect(onclose).toHaveBeenCalledTimes(1);
  });

  it('is not closed by the late word of an earlier closing', async () => {
    const onclose = vi.fn();
    render(Dialog, { title: 'Sure?', onclose, children: text('body'), actions: text('buttons'), open: true });
    document.querySelector('dialog')!.dispatchEvent(new Event('close')); // it is open again by now
    expect(onclose).toHaveBeenCalledTimes(0);
  });
});

describe('LeaveGuard', () => {
  it('asks, and passes the answer on', async () => {
    const texts = { title: 'Leave?', text: 't', stayLabel: 'Stay', goLabel: 'Go' };
    render(LeaveGuard, { ...texts, active: true });
    const ask = vi.mocked(setGuard).mock.lastCall![0];
    const first = ask();
    await user.click(await screen.findByText('Stay'));
    expect(await first).toBe(false);
    const second = ask();
    await user.click(await screen.findByText('Go'));
    expect(await second).toBe(true);
  });

  it('stops the browser from closing the tab only while there is something to lose', async () => {
    const texts = { title: 'Leave?', text: 't', stayLabel: 'Stay', goLabel: 'Go' };
    const { rerender } = render(LeaveGuard, { ...texts, active: false });
    const unload = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(unload()).toBe(false);
    await rerender({ active: true });
    expect(unload()).toBe(true);
  });
});

describe('Toasts', () => {
  it('speak politely and carry their action', async () => {
    render(Toasts, { label: 'Notifications', dismissLabel: 'Dismiss' });
    const region = screen.getByRole('status');
    expect(region.getAttribute('aria-live')).toBe('polite');
    const run = vi.fn();
    toast('Archived', { action: { label: 'Undo', run } });
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(run).toHaveBeenCalledTimes(1);
    expect(region.textContent?.trim()).toBe('');
  });
});
