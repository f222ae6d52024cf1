/** Who is signed in, and for how long. The pages read `session`; everything that ends a session comes through here. */
import { csrfToken, setHooks } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Me } from '../../api/types';
import { go, router } from '../../lib/router.svelte';
import { restoreStorage } from '../../lib/storage';
import { preferLang } from '../../lib/i18n/index.svelte';
import { clearToasts } from '../../lib/toast.svelte';
import { SessionClock } from './clock';
import { endSession, fetchMe } from './queries';

export type Phase = 'starting' | 'in' | 'out' | 'unreachable';

let phase = $state<Phase>('starting');
let me = $state.raw<Me | undefined>();
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
  return path === '/setup' || path === '/sign-in' || path.startsWith('/sign-in/');
}

/** Takes over a person who has just signed in, or is still signed in. */
function adopt(next: Me, active: boolean): void {
  const arriving = `${next.user.id}/${next.workspace.id}`;
  if (!me || person !== arriving) forgetAllBut(arriving);
  person = arriving;
  me = next;
  phase = 'in';
  clock.heard(next.session, Date.now(), active);
  void preferLang(next.user.locale);
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

export async function startSession(): Promise<void> {
  setHooks({ unauthenticated: expire, active: () => clock.touched(Date.now()) });
  if (channel) channel.onmessage = (event) => void onOtherTab(event.data);
  // Without the pair's token nobody is signed in here: no need to be told so by the server.
  if (csrfToken(document.cookie)) await load();
  else expire();
}

export async function load(): Promise<void> {
  phase = 'starting';
  try {
    adopt(await fetchMe(), true);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) phase = 'unreachable';
  }
}

/** The server does not know this session (any more): sign in, and come back to the same place. */
function expire(): void {
  const ended = phase === 'in';
  if (ended) forgetAllBut(person);
  me = undefined;
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
  me = undefined;
  phase = 'out';
  person = '';
  forgetAllBut(undefined);
  clearToasts();
  if (!isPublic(router.current.path)) void go('/sign-in', { replace: true, force: true });
}

async function onOtherTab(message: unknown): Promise<void> {
  if (message === 'out' && phase === 'in') leave();
  if (message === 'in') await refresh();
}

/** Asks again who is signed in, without counting as activity. */
export async function refresh(): Promise<void> {
  try {
    adopt(await fetchMe({ background: true }), false);
  } catch {
    // 401 has been dealt with by the hook; without a network there is nothing to learn.
  }
}

/** Tells the server that somebody is here. */
export async function stay(): Promise<void> {
  adopt(await fetchMe(), true);
}
