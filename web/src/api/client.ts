/** The one place that talks to the server. Pages do not import it: the queries.ts of their feature do. */
import createClient, { type Middleware } from 'openapi-fetch';

import { isAbort, networkError, problemError } from './problem';
import type { paths } from './schema';
import type { Method } from './types';

const patience = 30_000;
const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Hooks {
  /** The server no longer knows this session. */
  unauthenticated: () => void;
  /** A request that counts as activity was answered. */
  active: () => void;
  /** Asks the person to prove who they are, in one of these ways; answers whether they did. */
  stepUp: (methods: readonly Method[]) => Promise<boolean>;
  /** Nothing else is open to the person before they have a second factor. */
  factorRequired: () => void;
}

let hooks: Partial<Hooks> = {};

export function setHooks(next: Partial<Hooks>): void {
  hooks = next;
}

/** The token of the double-submit pair, under the name it has over HTTPS or without. */
export function csrfToken(cookies: string): string {
  const match = /(?:^|;\s*)(?:__Host-)?csrf_token=([^;]+)/.exec(cookies);
  return match ? decodeURIComponent(match[1]!) : '';
}

const guard: Middleware = {
  onRequest({ request }) {
    if (!safe.has(request.method)) request.headers.set('X-CSRF-Token', csrfToken(document.cookie));
    return request;
  },
  onResponse({ request, response }) {
    if (response.status === 401 && !isSignIn(request.url)) hooks.unauthenticated?.();
    else if (response.ok && !request.headers.has('X-Background')) hooks.active?.();
  },
};

/** Paths that answer 401 for a wrong code or link, which says nothing of the session. */
function isSignIn(url: string): boolean {
  return /\/(?:setup|auth\/(?:verify|code|magic-link|(?:second-factor|passkey|invitation)\b.*))$/.test(
    new URL(url).pathname,
  );
}

async function patientFetch(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(patience)]);
  try {
    return await globalThis.fetch(request, { signal });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw networkError();
  }
}

/** Sends a request; when it wants a fresh proof of who the person is, and they give it, sends it again. */
async function provenFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await patientFetch(request);
  if (response.status !== 403) return response;
  const refusal = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string; methods?: Method[] };
  if (refusal.code === 'factor_required') hooks.factorRequired?.();
  if (refusal.code !== 'step_up_required' || request.url.includes('/auth/step-up')) return response;
  if (!(await hooks.stepUp?.(refusal.methods ?? []))) return response;
  if (!safe.has(again.method)) again.headers.set('X-CSRF-Token', csrfToken(document.cookie));
  return patientFetch(again);
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: provenFetch });
api.use(guard);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer together with the response; a failure is thrown as an ApiError. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemError(response, error);
  return { data: data as T, response };
}

export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await answer(call)).data;
}

/** A key that lets the server recognise a repeated create. randomUUID exists on secure origins only. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
