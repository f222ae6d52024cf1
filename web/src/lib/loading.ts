import { errorText } from './errors';
import { t } from './i18n/index.svelte';

/** The words around something that is loaded. */
export interface LoadTexts {
  /** What did not come. */
  failed: string;
  /** Why, and what to do. */
  why: (error: unknown) => string;
  waiting: string;
  retry: string;
}

export function loadTexts(failed: string): LoadTexts {
  return { failed, why: errorText, waiting: t('app.loading'), retry: t('action.retry') };
}
