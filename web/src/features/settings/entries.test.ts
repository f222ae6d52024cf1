import { describe, expect, it, vi } from 'vitest';
import { networkError } from '../../api/problem';
import { Entries, type Entry } from './entries.svelte';

const entry = (id: string, name: string, is_active = true, version = 1): Entry => ({ id, name, is_active, version });

describe('the entries of a list in the settings', () => {
  const scene = async (
    update = vi.fn(async (id: string, change: { is_active: boolean; version: number }) =>
      entry(id, 'Massage', change.is_active, change.version + 1),
    ),
  ) => {
    const changed = vi.fn();
    const entries = new Entries<Entry>({
      fetch: async () => [entry('1', 'Massage'), entry('2', 'Old', false)],
      update,
      changed,
    });
    await entries.load();
    return { entries, update, changed };
  };
  const names = (list: readonly Entry[]) => list.map(({ name, version }) => `${name}${version}`);

  it('are shown by whether they are in use', async () => {
    const { entries } = await scene();
    expect([names(entries.active), names(entries.archived)]).toEqual([['Massage1'], ['Old1']]);
  });

  it('are archived at once, with the version that was seen', async () => {
    const { entries, update, changed } = await scene();
    const working = entries.setActive(entries.active[0]!, false);
    expect(names(entries.archived)).toEqual(['Massage1', 'Old1']);
    await working;
    expect(names(entries.archived)).toEqual(['Massage2', 'Old1']);
    expect([update.mock.calls[0], changed.mock.calls.length > 0]).toEqual([
      ['1', { is_active: false, version: 1 }],
      true,
    ]);
  });

  it('go back when that failed', async () => {
    const { entries } = await scene(vi.fn(() => Promise.reject(networkError())));
    await entries.setActive(entries.active[0]!, false);
    expect(names(entries.active)).toEqual(['Massage1']);
  });

  it('take a new one in by its name', async () => {
    const { entries } = await scene();
    entries.put(entry('3', 'Acupuncture'));
    expect(names(entries.active)).toEqual(['Acupuncture1', 'Massage1']);
  });
});
