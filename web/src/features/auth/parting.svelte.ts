/** A sign-out deletes what this device keeps: before text goes that the server has not got, the person is asked. */
import { t } from '../../lib/i18n/index.svelte';
import { toast } from '../../lib/toast.svelte';
import type { Unsent } from '../sessions/unsent';

/** How long a sign-out waits for text that is on its way, and when it says so, in milliseconds. */
const patience = 5000;
const silence = 1000;

interface Asked {
  unsent: readonly Unsent[];
  answer: (goOn: boolean) => void;
}

let asked = $state.raw<Asked>();
let agreed = $state(false);

export const parting = {
  /** What would be lost, while the person is being asked. */
  get unsent(): readonly Unsent[] | undefined {
    return asked?.unsent;
  },
  /** The person has agreed to lose it: nobody asks again. */
  get agreed(): boolean {
    return agreed;
  },
};

/** Sends what is not saved yet; answers what could not be sent. */
export async function sendUnsent(): Promise<Unsent[]> {
  const { outbox } = await import('../sessions/docs');
  return outbox.settle(patience);
}

/** Whether nothing would be lost, or the person agrees to it. */
export async function mayForgetText(): Promise<boolean> {
  const slow = setTimeout(() => toast(t('part.sending')), silence);
  const unsent = await sendUnsent().finally(() => clearTimeout(slow));
  if (unsent.length === 0) return true;
  await import('../sessions/PartingDialog.svelte'); // or the sign-out says that it cannot ask
  agreed = await new Promise<boolean>((answer) => ask({ unsent, answer }));
  return agreed;
}

function ask(next: Asked): void {
  asked?.answer(false);
  asked = next;
}

/** The person tried to send the text once more, and this is left of it. */
export function stillUnsent(unsent: readonly Unsent[]): void {
  if (asked) asked = { ...asked, unsent };
}

/** The answer of the person; or there is nobody to ask any more. */
export function answerParting(goOn: boolean): void {
  const was = asked;
  asked = undefined;
  was?.answer(goOn);
}

/** The sign-out is over, or did not come about. */
export function partingOver(): void {
  agreed = false;
}
