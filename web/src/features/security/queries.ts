import { api, unwrap } from '../../api/client';
import type { Device, Enrolment, Factors, Method, Passkey, SignInState } from '../../api/types';

const byId = (id: string) => ({ path: { id } });
type Json = Record<string, unknown>;
/** What a code can be of. */
export type CodeMethod = Exclude<Method, 'passkey'>;

const optionsOf = (answer: Json): Json => answer.publicKey as Json;

export function fetchFactors(): Promise<Factors> {
  return unwrap(api.GET('/api/v1/auth/factors'));
}

export function beginTotp(): Promise<Enrolment> {
  return unwrap(api.POST('/api/v1/auth/totp'));
}

/** Recovery codes, when these are the first. */
export async function confirmTotp(code: string): Promise<string[] | undefined> {
  return (await unwrap(api.POST('/api/v1/auth/totp/confirm', { body: { code } }))).recovery_codes;
}

export async function removeTotp(): Promise<void> {
  await unwrap(api.DELETE('/api/v1/auth/totp'));
}

export async function renewRecoveryCodes(): Promise<string[]> {
  return (await unwrap(api.POST('/api/v1/auth/recovery-codes'))).recovery_codes ?? [];
}

export async function beginPasskey(): Promise<Json> {
  return optionsOf(await unwrap(api.POST('/api/v1/auth/passkeys/begin')));
}

export function keepPasskey(name: string, credential: Json): Promise<{ passkey: Passkey; recovery_codes?: string[] }> {
  return unwrap(api.POST('/api/v1/auth/passkeys', { body: { name, credential } }));
}

export function renamePasskey(id: string, name: string): Promise<Passkey> {
  return unwrap(api.PUT('/api/v1/auth/passkeys/{id}', { params: byId(id), body: { name } }));
}

export async function removePasskey(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/auth/passkeys/{id}', { params: byId(id) }));
}

export function fetchDevices(): Promise<Device[]> {
  return unwrap(api.GET('/api/v1/auth/sessions'));
}

export async function endDevice(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/auth/sessions/{id}', { params: byId(id) }));
}

export async function endOtherDevices(): Promise<void> {
  await unwrap(api.DELETE('/api/v1/auth/sessions'));
}

export async function setPolicy(required: boolean): Promise<void> {
  await unwrap(api.PUT('/api/v1/workspace/second-factor', { body: { required } }));
}

export function toPlatform(): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/platform'));
}

export function toPractice(): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/practice'));
}

/** The second step of a sign-in, by a code. */
export function proveByCode(method: CodeMethod, code: string): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/second-factor', { body: { method, code } }));
}

export async function beginProof(): Promise<Json> {
  return optionsOf(await unwrap(api.POST('/api/v1/auth/second-factor/passkey/begin')));
}

export function proveByPasskey(credential: Json): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/second-factor/passkey/finish', { body: { credential } }));
}

/** The whole of a sign-in, without a mail. */
export async function beginPasskeySignIn(): Promise<Json> {
  return optionsOf(await unwrap(api.POST('/api/v1/auth/passkey/begin')));
}

export function signInByPasskey(credential: Json): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/passkey/finish', { body: { credential } }));
}

export async function stepUpByCode(method: CodeMethod, code: string): Promise<void> {
  await unwrap(api.POST('/api/v1/auth/step-up', { body: { method, code } }));
}

export async function mailStepUp(): Promise<void> {
  await unwrap(api.POST('/api/v1/auth/step-up/mail'));
}

export async function beginStepUp(): Promise<Json> {
  return optionsOf(await unwrap(api.POST('/api/v1/auth/step-up/passkey/begin')));
}

export async function stepUpByPasskey(credential: Json): Promise<void> {
  await unwrap(api.POST('/api/v1/auth/step-up/passkey/finish', { body: { credential } }));
}
