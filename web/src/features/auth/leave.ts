import { tick } from 'svelte';
import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';
import { mayLeave } from '../../lib/router.svelte';
import { toast } from '../../lib/toast.svelte';
import { mayForgetText, partingOver } from './parting.svelte';
import { session, signOut } from './session.svelte';

/** Signs out, unless there is unsaved text that the person wants to keep, and says how it went. */
export async function leaveApp(): Promise<void> {
  try {
    if (!(await agreed())) return;
    await signOut();
    toast(t('session.signedOut'));
  } catch (error) {
    toast(errorText(error), { kind: 'error' });
  } finally {
    partingOver();
  }
}

async function agreed(): Promise<boolean> {
  if (session.phase === 'in' && !(await mayForgetText())) return false;
  await tick(); // a page that has asked about its text does not ask again
  return mayLeave();
}
