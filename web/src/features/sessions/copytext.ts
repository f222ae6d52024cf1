import { t } from '../../lib/i18n/index.svelte';
import { toast } from '../../lib/toast.svelte';

/** Puts text on the clipboard, and says whether that worked. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('note.copied'));
  } catch {
    toast(t('note.copyFailed'), { kind: 'error' });
  }
}
