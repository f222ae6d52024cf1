import { api, unwrap } from '../../api/client';
import type { Lang } from '../../lib/i18n/index.svelte';
import type { Account, Me, SetupInput, SignInState } from '../../api/types';

const background = { params: { header: { 'X-Background': 'true' } } };

/** Who is signed in. In the background it does not count as activity. */
export function fetchMe(options: { background?: boolean } = {}): Promise<Me> {
  return unwrap(api.GET('/api/v1/auth/me', options.background ? background : {}));
}

/** Who is signed in, in a practice or to run the server. */
export function fetchAccount(options: { background?: boolean } = {}): Promise<Account> {
  return unwrap(api.GET('/api/v1/auth/session', options.background ? background : {}));
}

/** The half of the key of unsaved text that the server gives to its author. */
export async function fetchDraftKey(): Promise<string> {
  return (await unwrap(api.GET('/api/v1/auth/draft-key', { headers: { 'X-Background': 'true' } }))).key;
}

export async function fetchSetupOpen(): Promise<boolean> {
  return (await unwrap(api.GET('/api/v1/setup'))).open;
}

export function setUp(body: SetupInput): Promise<Me> {
  return unwrap(api.POST('/api/v1/setup', { body }));
}

export async function askForLink(email: string, locale: Lang): Promise<void> {
  await unwrap(api.POST('/api/v1/auth/magic-link', { body: { email, locale } }));
}

export function verifyLink(token: string): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/verify', { body: { token } }));
}

export function verifyCode(code: string): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/code', { body: { code } }));
}

export async function endSession(): Promise<void> {
  await unwrap(api.POST('/api/v1/auth/logout'));
}
