import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';
import { mayLeave } from '../../lib/router.svelte';
import { toast } from '../../lib/toast.svelte';
import { signOut } from './session.svelte';

/** Signs out, unless there is unsaved text that the person wants to keep, and says how it went. */
export async function leaveApp(): Promise<void> {
  if (!(await mayLeave())) return;
  try {
    await signOut();
    toast(t('session.signedOut'));
  } catch (error) {
    toast(errorText(error), { kind: 'error' });
  }
}
