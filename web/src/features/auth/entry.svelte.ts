/** How far a sign-in has come, and where it leads. */
import { ApiError } from '../../api/problem';
import type { Me, Method, SignInState } from '../../api/types';
import { go } from '../../lib/router.svelte';
import { enter, enterAsOperator } from './session.svelte';

/** How often the server lets a code be tried before the sign-in has to begin again. */
const tries = 5;

interface Challenge {
  methods: readonly Method[];
  /** Where the person wanted to go. */
  to: string;
  triesLeft: number;
}

let challenge = $state.raw<Challenge>();

export const entry = {
  /** The second step that is open; nothing after a reload, which begins anew. */
  get challenge(): Challenge | undefined {
    return challenge;
  },
};

/** Goes on with what the server answered to a step of signing in. */
export async function proceed(next: SignInState, to: string): Promise<void> {
  if (next.state === 'second_factor') {
    challenge = { methods: (next.methods ?? []) as Method[], to, triesLeft: tries };
    return go('/sign-in/second-factor', { replace: true, force: true });
  }
  challenge = undefined;
  if (next.state === 'platform') return enterAsOperator(to.startsWith('/operator') ? to : '/operator');
  return enter(next as Me, to);
}

/** Takes note of a refusal; answers whether the sign-in has to begin again. */
export function refusedStep(error: unknown): boolean {
  if (!challenge || !(error instanceof ApiError)) return false;
  if (error.code === 'challenge_over') return true;
  if (error.status !== 401) return false;
  challenge = { ...challenge, triesLeft: challenge.triesLeft - 1 };
  return challenge.triesLeft <= 0;
}

/** Begins anew. */
export function dropChallenge(): void {
  challenge = undefined;
}
