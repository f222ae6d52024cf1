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

function take(): void {
  const found = tokenOf(location.hash);
  if (!found) return;
  token = found;
  history.replaceState(history.state, '', location.pathname + location.search);
}

/** Takes the token now, and again when another link is opened in the same tab. */
export function startLinkToken(): void {
  take();
  addEventListener('hashchange', take);
}

/** The server has seen it: it is used up, or will never work. */
export function forgetToken(): void {
  token = '';
}
