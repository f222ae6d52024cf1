import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Account, Me, Method } from '../../api/types';
import { go, startRouter } from '../../lib/router.svelte';
import * as draftkey from './draftkey';
import * as queries from './queries';
import { proofGiven, stepUp } from './stepup.svelte';
import { enter, isPublic, onPersonChange, refresh, session, signOut, startSession } from './session.svelte';

vi.mock('./queries', () => ({ fetchMe: vi.fn(), fetchAccount: vi.fn(), endSession: vi.fn() }));
const fetchMe = vi.mocked(queries.fetchMe);
const fetchAccount = vi.mocked(queries.fetchAccount);
const endSession = vi.mocked(queries.endSession);

const rest = {
  session: { id: 's', idle_seconds_left: 1800, absolute_seconds_left: 40_000 },
  security: { has_factor: false, must_enrol: false, platform_admin: false, fresh_seconds_left: 300 },
};

const person = (id: string, workspace = 'w1') =>
  ({
    user: { id, email: 'a@b', full_name: 'A B', role: 'owner', locale: 'en' },
    workspace: { id: workspace },
    ...rest,
  }) as Me;

const refused = new ApiError(401, 'unauthenticated');
const forget = vi.fn();
let hooks: Partial<{
  unauthenticated: () => void;
  factorRequired: () => void;
  stepUp: (methods: readonly Method[]) => Promise<boolean>;
}>;

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

  it('goes on without a network where a note is being written, and nowhere else', async () => {
    const was = { person: 'ann/w1', me: person('ann'), until: Date.now() + 60_000 };
    vi.spyOn(draftkey, 'whoWasHere').mockResolvedValue(was);
    fetchMe.mockRejectedValue(networkError());
    await startSession();
    expect(session.phase).toBe('unreachable');
    await go('/sessions/7', { force: true });
    await startSession();
    expect([session.phase, session.person]).toEqual(['in', 'ann/w1']);
    expect(Math.round(session.clock.remaining(Date.now()).seconds)).toBe(60);
    fetchMe.mockRejectedValue(new ApiError(503, 'unavailable'));
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

  it('forgets all at a sign-out that the server told of first, as if it had run out', async () => {
    hooks.unauthenticated!();
    expect([session.expired, location.search]).toEqual([true, expect.stringContaining('ended=1')]);
    endSession.mockResolvedValue(undefined);
    await signOut();
    expect([session.person, session.expired]).toEqual(['', false]);
    expect(forget).toHaveBeenLastCalledWith(undefined);
    expect(location.pathname + location.search).toBe('/sign-in');
  });

  it('does the same when it was another tab that signed out', async () => {
    hooks.unauthenticated!();
    const other = new BroadcastChannel('pazpaz-session');
    other.postMessage('out');
    await vi.waitFor(() => expect(session.person).toBe(''));
    other.close();
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

  it('knows who runs the server from who works in a practice, and back', async () => {
    const account = { kind: 'platform', user_id: 'ann', locale: 'en', ...rest } as Account;
    fetchMe.mockRejectedValue(new ApiError(403, 'platform_session'));
    fetchAccount.mockResolvedValue(account);
    await refresh();
    expect([session.phase, session.visitor, session.me, session.person]).toEqual([
      'operator',
      'operator',
      undefined,
      'ann/platform',
    ]);
    expect(forget).toHaveBeenCalledWith('ann/platform'); // nothing of the practice stays
    fetchAccount.mockResolvedValue({ ...account, kind: 'practice' });
    fetchMe.mockResolvedValue(person('ann'));
    await refresh();
    expect([session.visitor, session.operator, session.person]).toEqual(['member', undefined, 'ann/w1']);
  });

  it('tells who must set up a second factor first', async () => {
    fetchMe.mockResolvedValue({ ...person('ann'), security: { ...rest.security, must_enrol: true } });
    hooks.factorRequired!();
    await vi.waitFor(() => expect(session.visitor).toBe('unproven'));
  });

  it('asks once for a proof that several requests want, and gives up when the session ends', async () => {
    const both = [hooks.stepUp!(['totp']), hooks.stepUp!(['totp'])];
    expect(stepUp.methods).toEqual(['totp']);
    proofGiven(true);
    expect(await Promise.all(both)).toEqual([true, true]);
    const late = hooks.stepUp!(['mail']);
    hooks.unauthenticated!();
    expect([await late, stepUp.methods]).toEqual([false, undefined]);
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
