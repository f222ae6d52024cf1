/** Who is signed in, and for how long. The pages read `session`; everything that ends a session comes through here. */
import { csrfToken, setHooks } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Account, Me } from '../../api/types';
import { go, router } from '../../lib/router.svelte';
import { restoreStorage } from '../../lib/storage';
import { preferLang } from '../../lib/i18n/index.svelte';
import type { Visitor } from '../../routes';
import { clearToasts } from '../../lib/toast.svelte';
import { SessionClock } from './clock';
import { openVault, whoWasHere } from './draftkey';
import { answerParting } from './parting.svelte';
import { endSession, fetchAccount, fetchMe } from './queries';
import { askForProof, proofGiven } from './stepup.svelte';

/** `operator`: signed in to run the server, with no practice in sight. */
export type Phase = 'starting' | 'in' | 'operator' | 'out' | 'unreachable';

let phase = $state<Phase>('starting');
let me = $state.raw<Me | undefined>();
let operator = $state.raw<Account | undefined>();
let person = '';
const clock = new SessionClock();
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('pazpaz-session');
const whenGone = new Set<(person: string | undefined) => void>();

export const session = {
  get phase(): Phase {
    return phase;
  },
  get me(): Me | undefined {
    return me;
  },
  get operator(): Account | undefined {
    return operator;
  },
  /** What is open to whoever is here: for the table of pages. */
  get visitor(): Visitor {
    if (phase !== 'in' && phase !== 'operator') return 'nobody';
    return (me ?? operator)?.security.must_enrol ? 'unproven' : phase === 'in' ? 'member' : 'operator';
  },
  get clock(): SessionClock {
    return clock;
  },
  /** Who is signed in, or was until the session ran out; nobody after a sign-out. */
  get person(): string {
    return person;
  },
  /** The session ended by itself: what was being typed should survive. */
  get expired(): boolean {
    return phase === 'out' && person !== '';
  },
};

/** Registers what must be forgotten when a session ends or another person comes: `person` is whose things may stay. */
export function onPersonChange(forget: (person: string | undefined) => void): void {
  whenGone.add(forget);
}

export function isPublic(path: string): boolean {
  return path === '/setup' || path === '/invitation' || path === '/sign-in' || path.startsWith('/sign-in/');
}

/** Takes over a person who has just signed in, or is still signed in. */
function adopt(next: Me, active: boolean): void {
  const arriving = `${next.user.id}/${next.workspace.id}`;
  if (!me || person !== arriving) forgetAllBut(arriving);
  person = arriving;
  me = next;
  operator = undefined;
  phase = 'in';
  clock.heard(next.session, Date.now(), active);
  // Who must set up a second factor first has no notes to seal yet, and is refused the key.
  if (!next.security.must_enrol)
    void openVault(arriving, next, Date.now() + clock.remaining(Date.now()).seconds * 1000);
  void preferLang(next.user.locale);
}

/** Takes over an operator, who has nothing to do with any practice's records. */
function adoptOperator(next: Account, active: boolean): void {
  const arriving = `${next.user_id}/platform`;
  if (person !== arriving) forgetAllBut(arriving);
  person = arriving;
  me = undefined;
  operator = next;
  phase = 'operator';
  clock.heard(next.session, Date.now(), active);
  void preferLang(next.locale);
}

/** Asks who is signed in. In the background it does not count as activity. */
async function look(background: boolean): Promise<void> {
  const account = phase === 'operator' ? await fetchAccount({ background }) : undefined;
  if (account?.kind === 'platform') return adoptOperator(account, !background);
  try {
    adopt(await fetchMe({ background }), !background);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'platform_session')) throw error;
    adoptOperator(await fetchAccount({ background }), !background);
  }
}

/** The same user in another workspace is another person to what is kept in memory. */
function forgetAllBut(kept: string | undefined): void {
  for (const forget of whenGone) forget(kept);
}

/** Signed in on this page just now. */
export async function enter(next: Me, to: string): Promise<void> {
  adopt(next, true);
  channel?.postMessage('in');
  await go(to, { replace: true, force: true });
}

/** Signed in to run the server just now. */
export async function enterAsOperator(to: string): Promise<void> {
  adoptOperator(await fetchAccount(), true);
  channel?.postMessage('in');
  await go(to, { replace: true, force: true });
}

export async function startSession(): Promise<void> {
  setHooks({
    unauthenticated: expire,
    active: () => clock.touched(Date.now()),
    stepUp: askForProof,
    factorRequired: () => void refresh(),
  });
  if (channel) channel.onmessage = (event) => void onOtherTab(event.data);
  // Without the pair's token nobody is signed in here: no need to be told so by the server.
  if (csrfToken(document.cookie)) await load();
  else expire();
}

export async function load(): Promise<void> {
  phase = 'starting';
  try {
    await look(false);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return;
    if (!(error instanceof ApiError && error.status === 0 && (await resume()))) phase = 'unreachable';
  }
}

/** Without a network, whoever was writing a note in this tab goes on with it for as long as the session would have lived. */
async function resume(): Promise<boolean> {
  const was = router.current.path.startsWith('/sessions/') ? await whoWasHere() : undefined;
  if (!was) return false;
  person = was.person;
  me = was.me;
  phase = 'in';
  const idle_seconds_left = (was.until - Date.now()) / 1000;
  clock.heard({ idle_seconds_left, absolute_seconds_left: Infinity }, Date.now(), false);
  void preferLang(was.me.user.locale);
  return true;
}

/** The session is over, by the server's word or by the clock: sign in, and come back to the same place. */
export function expire(): void {
  const ended = phase === 'in' || phase === 'operator';
  if (ended) forgetAllBut(person);
  proofGiven(false);
  answerParting(false);
  me = undefined;
  operator = undefined;
  phase = 'out';
  const { path, search } = router.current;
  if (isPublic(path)) return;
  const query = new URLSearchParams();
  const here = path + (search.size > 0 ? `?${search}` : '');
  if (here !== '/') query.set('next', here);
  if (ended) query.set('ended', '1');
  void go(`/sign-in${query.size > 0 ? `?${query}` : ''}`, { replace: true, force: true });
}

export async function signOut(): Promise<void> {
  try {
    await endSession();
  } catch (error) {
    // Without an answer the cookie may live on: saying "signed out" would be a lie.
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  restoreStorage(); // the answer told the browser to clear it
  leave();
  channel?.postMessage('out');
}

function leave(): void {
  proofGiven(false);
  answerParting(false);
  me = undefined;
  operator = undefined;
  phase = 'out';
  person = '';
  forgetAllBut(undefined);
  clearToasts();
  const { path, search } = router.current;
  // The server may have told of the end before: then the page waits at sign-in to go on, which is not wanted any more.
  if (!isPublic(path) || search.has('ended')) void go('/sign-in', { replace: true, force: true });
}

async function onOtherTab(message: unknown): Promise<void> {
  if (message === 'out' && person !== '') leave();
  if (message === 'in') await refresh();
}

/** Asks again who is signed in, without counting as activity. */
export async function refresh(): Promise<void> {
  try {
    await look(true);
  } catch {
    // 401 has been dealt with by the hook; without a network there is nothing to learn.
  }
}

/** Tells the server that somebody is here. */
export function stay(): Promise<void> {
  return look(false);
}
