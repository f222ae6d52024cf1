/**
 * Passkeys. The server speaks the JSON of the standard; a browser speaks in buffers, and not all that we serve can translate
 * between the two by themselves.
 */
type Json = Record<string, unknown>;

/** Whether this browser can make and use passkeys here. They exist on secure origins only. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === 'function';
}

/** Whether the browser can offer passkeys in the list under a text field. */
export async function offersInField(): Promise<boolean> {
  if (!passkeysWork() || !PublicKeyCredential.isConditionalMediationAvailable) return false;
  return PublicKeyCredential.isConditionalMediationAvailable().catch(() => false);
}

/** Makes a passkey; answers what the server wants to see of it. */
export async function createPasskey(options: Json): Promise<Json> {
  const made = await navigator.credentials.create({ publicKey: creationOf(options) });
  return jsonOf(made as PublicKeyCredential);
}

/** Proves with a passkey. `conditional` waits, without a window, until the person picks one under a field. */
export async function usePasskey(options: Json, waiting?: AbortSignal): Promise<Json> {
  const how = waiting ? ({ mediation: 'conditional', signal: waiting } as const) : {};
  const got = await navigator.credentials.get({ publicKey: requestOf(options), ...how });
  return jsonOf(got as PublicKeyCredential);
}

/** The person closed the browser's window, or took too long: nothing to complain about. */
export function wasCalledOff(error: unknown): boolean {
  return ['NotAllowedError', 'AbortError'].includes((error as Partial<Error> | undefined)?.name ?? '');
}

/** The authenticator holds a passkey of this account already. */
export function isHere(error: unknown): boolean {
  return (error as Partial<Error> | undefined)?.name === 'InvalidStateError';
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

interface Named {
  id: string;
}

const withBytes = <T extends Named>(list: unknown): (Omit<T, 'id'> & { id: Uint8Array<ArrayBuffer> })[] =>
  ((list ?? []) as T[]).map((each) => ({ ...each, id: bytesOf(each.id) }));

function creationOf(options: Json): PublicKeyCredentialCreationOptions {
  const user = options.user as Named;
  return {
    ...options,
    challenge: bytesOf(options.challenge as string),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function requestOf(options: Json): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytesOf(options.challenge as string),
    allowCredentials: withBytes(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function jsonOf(credential: PublicKeyCredential): Json {
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: responseOf(credential.response),
  };
}

function responseOf(response: AuthenticatorResponse): Json {
  const clientDataJSON = textOf(response.clientDataJSON);
  if ('attestationObject' in response) {
    const made = response as AuthenticatorAttestationResponse;
    return { clientDataJSON, attestationObject: textOf(made.attestationObject), transports: made.getTransports() };
  }
  const used = response as AuthenticatorAssertionResponse;
  return {
    clientDataJSON,
    authenticatorData: textOf(used.authenticatorData),
    signature: textOf(used.signature),
    userHandle: used.userHandle ? textOf(used.userHandle) : undefined,
  };
}
