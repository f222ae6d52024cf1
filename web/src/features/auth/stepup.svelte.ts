/** A fresh proof of who the person is, which some acts want. However many requests want it at once, the person is asked once. */
import { ApiError } from '../../api/problem';
import type { Method } from '../../api/types';

interface Asked {
  methods: readonly Method[];
  answer: (proven: boolean) => void;
}

let asked = $state.raw<Asked>();
let waiting: Promise<boolean> | undefined;

export const stepUp = {
  get methods(): readonly Method[] | undefined {
    return asked?.methods;
  },
};

/** Asks the person; the answer is whether they proved it. */
export function askForProof(methods: readonly Method[]): Promise<boolean> {
  waiting ??= new Promise<boolean>((answer) => (asked = { methods, answer }));
  return waiting;
}

/** The person did not want to prove it: all is as it was, and there is nothing to complain about. */
export const wasGivenUp = (error: unknown): boolean => error instanceof ApiError && error.code === 'step_up_required';

/** They proved it, gave up, or their session ended. */
export function proofGiven(proven: boolean): void {
  const was = asked;
  asked = undefined;
  waiting = undefined;
  was?.answer(proven);
}
