import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/problem';
import type { SignInState } from '../../api/types';
import { dropChallenge, entry, proceed, refusedStep } from './entry.svelte';
import * as session from './session.svelte';

vi.mock('./session.svelte', () => ({ enter: vi.fn(), enterAsOperator: vi.fn() }));
const wrong = new ApiError(401, 'code_invalid');

beforeEach(async () => {
  vi.clearAllMocks();
  await proceed({ state: 'second_factor', methods: ['totp', 'recovery'] } as SignInState, '/clients/7');
});

describe('the steps of a sign-in', () => {
  it('go on with a second one, and remember where to', () => {
    expect(location.pathname).toBe('/sign-in/second-factor');
    expect(entry.challenge).toEqual({ methods: ['totp', 'recovery'], to: '/clients/7', triesLeft: 5 });
    expect(session.enter).not.toHaveBeenCalled();
  });

  it('count the wrong codes, and begin again after the fifth', () => {
    const over = [1, 2, 3, 4, 5].map(() => refusedStep(wrong));
    expect(over).toEqual([false, false, false, false, true]);
  });

  it('do not count what is no wrong code', () => {
    expect(refusedStep(new ApiError(0, 'network'))).toBe(false);
    expect(refusedStep(new ApiError(429, 'too_many'))).toBe(false);
    expect(entry.challenge?.triesLeft).toBe(5);
  });

  it('begin again when the server has forgotten the first one', () => {
    expect(refusedStep(new ApiError(401, 'challenge_over'))).toBe(true);
    dropChallenge();
    expect(entry.challenge).toBeUndefined();
  });

  it('lead a member to the page that was asked for, and an operator to their own', async () => {
    const me = { state: 'signed_in', user: { id: 'ann' } } as unknown as SignInState;
    await proceed(me, '/clients/7');
    expect(session.enter).toHaveBeenCalledWith(me, '/clients/7');
    expect(entry.challenge).toBeUndefined();
    await proceed({ state: 'platform' } as SignInState, '/clients/7');
    expect(session.enterAsOperator).toHaveBeenLastCalledWith('/operator');
    await proceed({ state: 'platform' } as SignInState, '/operator/activity');
    expect(session.enterAsOperator).toHaveBeenLastCalledWith('/operator/activity');
  });
});
