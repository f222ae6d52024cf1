/** Who is signed in, and for how long. The pages read `session`; everything that ends a session comes through here. */
import { setHooks } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Me } from '../../api/types';
import { go, router } from '../../lib/router.svelte';
import { preferLang } from '../../lib/i18n/index.svelte';
import { clearToasts } from '../../lib/toast.svelte';
import { SessionClock } from './clock';
import { endSession, fetchMe } from './queries';

export type Phase = 'starting' | 'in' | 'out' | 'unreachable';

let phase = $state<Phase>('starting');
let me = $state.raw<Me | undefined>();
const clock = new SessionClock();
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('pazpaz-session');
const whenGone = new Set<(userId: string | undefined) => void>();

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
};

/** Registers what must be forgotten when the person changes: `next` is who comes, or nobody. */
export function onPersonChange(forget: (next: string | undefined) => void): void {
  whenGone.add(forget);
}

export function isPublic(path: string): boolean {
  return path === '/setup' || path === '/sign-in' || path.startsWith('/sign-in/');
}

/** Takes over a person who has just signed in, or is still signed in. */
function adopt(next: Me, active: boolean): void {
  if (me?.user.id !== next.user.id) for (const forget of whenGone) forget(personOf(next));
  me = next;
  phase = 'in';
  clock.heard(next.session, Date.now(), active);
  void preferLang(next.user.locale);
}

/** The same person in another workspace is another person to what is kept in memory. */
export function personOf(who: Me): string {
  return `${who.user.id}/${who.workspace.id}`;
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
  await load();
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
  leave();
  channel?.postMessage('out');
}

function leave(): void {
  me = undefined;
  phase = 'out';
  for (const forget of whenGone) forget(undefined);
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
