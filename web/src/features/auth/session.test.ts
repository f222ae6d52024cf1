import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/problem';
import type { Me } from '../../api/types';
import { startRouter } from '../../lib/router.svelte';
import * as queries from './queries';
import { enter, isPublic, onPersonChange, refresh, session, signOut, startSession } from './session.svelte';

vi.mock('./queries', () => ({ fetchMe: vi.fn(), endSession: vi.fn() }));
const fetchMe = vi.mocked(queries.fetchMe);
const endSession = vi.mocked(queries.endSession);

const person = (id: string, workspace = 'w1') =>
  ({
    user: { id, email: 'a@b', full_name: 'A B', role: 'owner', locale: 'en' },
    workspace: { id: workspace },
    session: { id: 's', idle_seconds_left: 1800, absolute_seconds_left: 40_000 },
  }) as Me;

const refused = new ApiError(401, 'unauthenticated');
const forget = vi.fn();
let hooks: { unauthenticated?: () => void };

vi.mock('../../api/client', async (original) => ({
  ...(await original<object>()),
  setHooks: (next: typeof hooks) => (hooks = next),
}));

let stop: () => void;
beforeAll(() => {
  stop = startRouter();
  onPersonChange(forget);
});
afterAll(() => stop());

beforeEach(async () => {
  fetchMe.mockReset();
  endSession.mockReset();
  document.cookie = 'csrf_token=pair; path=/';
  fetchMe.mockResolvedValue(person('ann'));
  history.replaceState({ index: 0 }, '', '/clients');
  await startSession();
  await enter(person('ann'), '/clients/7?tab=a');
  forget.mockReset();
});

describe('the session', () => {
  it('starts with whoever is signed in', () => {
    expect([session.phase, session.me?.user.id, session.person]).toEqual(['in', 'ann', 'ann/w1']);
    expect(location.pathname).toBe('/clients/7');
  });

  it('does not ask when there is no token: nobody is signed in', async () => {
    document.cookie = 'csrf_token=; path=/; max-age=0';
    fetchMe.mockClear();
    await startSession();
    expect(fetchMe).not.toHaveBeenCalled();
    expect(session.phase).toBe('out');
  });

  it('says when the server cannot be reached, and does not call that signed out', async () => {
    fetchMe.mockRejectedValue(new ApiError(0, 'network'));
    await startSession();
    expect(session.phase).toBe('unreachable');
  });

  it('leads to sign-in and back when it ran out', () => {
    hooks.unauthenticated!();
    expect([session.phase, session.me, session.expired]).toEqual(['out', undefined, true]);
    expect(location.pathname).toBe('/sign-in');
    const query = new URLSearchParams(location.search);
    expect([query.get('next'), query.get('ended')]).toEqual(['/clients/7?tab=a', '1']);
    expect(forget).toHaveBeenCalledWith('ann/w1'); // lists go, drafts of that person stay
  });

  it('stays on the sign-in page when that is where we are', () => {
    hooks.unauthenticated!();
    const before = location.href;
    hooks.unauthenticated!();
    expect(location.href).toBe(before);
  });

  it('forgets the one before when another person signs in, or the same in another practice', async () => {
    await enter(person('ann'), '/clients');
    expect(forget).not.toHaveBeenCalled();
    await enter(person('ann', 'w2'), '/clients');
    expect(forget).toHaveBeenLastCalledWith('ann/w2');
    await enter(person('bob', 'w2'), '/clients');
    expect(forget).toHaveBeenLastCalledWith('bob/w2');
  });

  it('ends everything at sign-out', async () => {
    await signOut();
    expect([session.phase, session.expired, session.person]).toEqual(['out', false, '']);
    expect(forget).toHaveBeenCalledWith(undefined);
    expect(location.pathname + location.search).toBe('/sign-in');
  });

  it('signs out also when the session was gone already', async () => {
    endSession.mockRejectedValue(refused);
    await signOut();
    expect(session.phase).toBe('out');
  });

  it('does not claim to be signed out when the server did not answer', async () => {
    endSession.mockRejectedValue(new ApiError(0, 'network'));
    await expect(signOut()).rejects.toMatchObject({ code: 'network' });
    expect(session.phase).toBe('in');
  });

  it('learns in the background without lengthening anything', async () => {
    fetchMe.mockResolvedValue({
      ...person('ann'),
      session: { id: 's', idle_seconds_left: 60, absolute_seconds_left: 40_000 },
    });
    await refresh();
    expect(fetchMe).toHaveBeenLastCalledWith({ background: true });
    expect(Math.round(session.clock.remaining(Date.now()).seconds)).toBe(60);
  });

  it('knows its public pages', () => {
    expect(['/setup', '/sign-in', '/sign-in/link', '/clients', '/sign-inx'].map(isPublic)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
