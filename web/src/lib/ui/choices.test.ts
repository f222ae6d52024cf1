import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import Ellipsis from '@lucide/svelte/icons/ellipsis';
import Menu from './Menu.svelte';
import Tabs from './Tabs.svelte';

afterEach(cleanup);

describe('Menu', () => {
  const show = () => {
    const run = vi.fn();
    const items = ['Copy', 'Delete', 'Dump'].map((text) => ({ text, run: () => run(text) }));
    render(Menu, { label: 'More', icon: Ellipsis, items });
    return run;
  };
  const focused = () => document.activeElement?.textContent?.trim();

  it('opens, walks in a circle, chooses, and gives the focus back', async () => {
    const run = show();
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    await vi.waitFor(() => expect(focused()).toBe('Copy'));
    await userEvent.keyboard('{ArrowUp}');
    expect(focused()).toBe('Dump');
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(run).toHaveBeenCalledWith('Delete');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'More' }));
  });

  it('jumps by letter, from one to the next', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    await userEvent.keyboard('d');
    expect(focused()).toBe('Delete');
    await userEvent.keyboard('d');
    expect(focused()).toBe('Dump');
  });

  it('closes by Escape and when it is left', async () => {
    const run = show();
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    await userEvent.keyboard('{ArrowDown}');
    await userEvent.click(document.body);
    await vi.waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
    expect(run).not.toHaveBeenCalled();
  });
});

describe('Tabs', () => {
  it('are one stop, chosen by arrows, with a panel that says its name', async () => {
    const onchange = vi.fn();
    const children = createRawSnippet((value: () => string) => ({ render: () => `<p>${value()}</p>` }));
    const tabs = [
      { value: 'a', text: 'First' },
      { value: 'b', text: 'Second', count: 3 },
    ];
    render(Tabs, { label: 'Lists', tabs, value: 'a', onchange, children });
    expect(screen.getByRole('tabpanel', { name: 'First' })).toBeTruthy();
    expect(screen.getAllByRole('tab').map((tab) => tab.tabIndex)).toEqual([0, -1]);
    screen.getByRole('tab', { name: 'First' }).focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(onchange).toHaveBeenLastCalledWith('b');
    await userEvent.keyboard('{Home}');
    expect(onchange).toHaveBeenLastCalledWith('a');
  });
});
