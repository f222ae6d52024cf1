import { go } from '../../lib/router.svelte';

/**
 * The one-time token of a link from a mail or from the console. It travels in the fragment, which no server sees, and is
 * taken out of the address bar before anything else runs.
 */
let token = $state('');

export const linkToken = {
  get current(): string {
    return token;
  },
};

export function tokenOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
}

function take(): boolean {
  const found = tokenOf(location.hash);
  if (!found) return false;
  token = found;
  history.replaceState(history.state, '', location.pathname + location.search);
  return true;
}

/** Takes the token now, and again when another link is opened in the same tab: then its page begins anew. */
export function startLinkToken(): void {
  take();
  addEventListener('hashchange', () => {
    if (take()) void go(location.pathname + location.search, { replace: true, force: true });
  });
}

/** The server has seen it: it is used up, or will never work. */
export function forgetToken(): void {
  token = '';
}
