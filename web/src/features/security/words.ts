/** What went wrong with a passkey or a code, in words. */
import { ApiError } from '../../api/problem';
import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';
import { isHere, wasCalledOff } from './webauthn';

export function proofText(error: unknown): string {
  if (wasCalledOff(error)) return t('passkey.calledOff');
  if (isHere(error)) return t('error.passkey_taken');
  if (error instanceof DOMException) return t('passkey.failed');
  if (error instanceof ApiError && error.code === 'code_invalid') return t('proof.wrong');
  return errorText(error);
}

/** The secret of an authenticator app in groups that can be read out and typed. */
export function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}

/** The recovery codes as a file that can be kept. */
export function codesFile(heading: string, codes: readonly string[]): string {
  return `${heading}\r\n\r\n${codes.join('\r\n')}\r\n`;
}
