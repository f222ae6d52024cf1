import { ApiError } from '../../api/problem';
import { t } from '../../lib/i18n/index.svelte';

/** A whole number between two others, or nothing when it is none. */
export function wholeOf(text: string, least: number, most: number): number | undefined {
  const clean = text.trim();
  const value = Number(clean);
  return /^\d{1,6}$/.test(clean) && value >= least && value <= most ? value : undefined;
}

/** What to do about a name that another entry has. */
export function nameTaken(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'name_taken') return t('settings.nameTaken');
  if (error.code === 'name_archived') return t('settings.nameArchived');
  return undefined;
}
