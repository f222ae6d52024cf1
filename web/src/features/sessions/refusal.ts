import { ApiError } from '../../api/problem';
import type { Appointment, Me } from '../../api/types';
import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';

export type Refusal = 'cancelled' | 'theirs' | 'assistant';

/** Why this person cannot begin a note about a visit; the server has the last word. */
export function refusalOf(
  visit: Pick<Appointment, 'status' | 'practitioner_id'>,
  user: Pick<Me['user'], 'id' | 'role'>,
): Refusal | undefined {
  if (user.role === 'assistant') return 'assistant';
  if (user.role !== 'owner' && visit.practitioner_id !== user.id) return 'theirs';
  return visit.status === 'cancelled' ? 'cancelled' : undefined;
}

const codeOf = (error: unknown): string => (error instanceof ApiError ? error.code : '');

/** Why what was written cannot be saved. The text stays on the page and on the device. */
export function stuckText(error: unknown): string {
  switch (codeOf(error)) {
    case 'denied':
      return t('note.refused.theirs.text');
    case 'cancelled':
      return t('note.refused.cancelled.text');
    case 'not_found':
      return t('note.stuck.gone');
  }
  return errorText(error);
}

/** Why a note cannot be signed. */
export function signText(error: unknown): string {
  return codeOf(error) === 'too_early' ? t('note.sign.early') : stuckText(error);
}
