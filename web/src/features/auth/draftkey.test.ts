import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Me } from '../../api/types';
import { forgetVault, lockVault, openVault, vault, whoWasHere } from './draftkey';
import * as queries from './queries';

vi.mock('./queries', () => ({ fetchDraftKey: vi.fn() }));
const fetchDraftKey = vi.mocked(queries.fetchDraftKey);
const half = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA';
const person = 'ann/w1';
const me = { user: { id: 'ann' } } as Me;
const later = () => Date.now() + 60_000;

/** As a page begins after a reload: what is in memory is gone, what the tab holds is there. */
async function reloaded() {
  const tab = sessionStorage.getItem('pazpaz.tab');
  lockVault();
  if (tab) sessionStorage.setItem('pazpaz.tab', tab);
}

describe('the key of unsaved text', () => {
  beforeEach(() => {
    forgetVault();
    fetchDraftKey.mockReset();
    fetchDraftKey.mockResolvedValue(half);
  });

  it('opens what was kept after a reload without a network, while the session would live', async () => {
    await openVault(person, me, later());
    await vault.keep(person, 'note:1', 'typed');
    await reloaded();
    fetchDraftKey.mockRejectedValue(networkError());
    expect((await whoWasHere())?.me).toEqual(me);
    expect(await vault.find(person, 'note:1')).toBe('typed');
  });

  it('opens nothing without a network when the session would be over', async () => {
    await openVault(person, me, Date.now() - 1);
    await vault.keep(person, 'note:1', 'typed');
    await reloaded();
    fetchDraftKey.mockRejectedValue(networkError());
    expect(await whoWasHere()).toBeUndefined();
    expect(await vault.find(person, 'note:1')).toBeUndefined();
    expect(sessionStorage.length).toBe(0);
  });

  it('opens nothing after the end of a session until the server gives its half again', async () => {
    await openVault(person, me, later());
    await vault.keep(person, 'note:1', 'typed');
    lockVault();
    expect(sessionStorage.length).toBe(0);
    for (const error of [networkError(), new ApiError(401, 'session_idle')]) {
      fetchDraftKey.mockRejectedValueOnce(error);
      expect(await vault.find(person, 'note:1')).toBeUndefined();
    }
    expect(await vault.find(person, 'note:1')).toBe('typed');
  });

  it('does not take the half of another person, and not the one of before when the server refuses it', async () => {
    await openVault(person, me, later());
    await vault.keep(person, 'note:1', 'typed');
    await reloaded();
    fetchDraftKey.mockRejectedValueOnce(new ApiError(401, 'unauthenticated'));
    expect(await vault.find(person, 'note:1')).toBeUndefined();
    fetchDraftKey.mockRejectedValueOnce(networkError());
    expect(await vault.keep('bob/w1', 'note:1', 'x').catch(() => false)).toBe(false);
  });

  it('leaves nothing after a sign-out', async () => {
    await openVault(person, me, later());
    await vault.keep(person, 'note:1', 'typed');
    forgetVault();
    expect(sessionStorage.length).toBe(0);
    expect(await vault.find(person, 'note:1')).toBeUndefined();
  });
});
