/**
 * A small router over the History API. The table of pages is in src/routes.ts. It keeps an index in each history entry, so
 * that a guard can undo a Back it did not allow, and the scroll position and page state of each entry in memory: what a
 * person typed into a search box is health data and has no place in an address.
 */
export interface Location {
  path: string;
  search: URLSearchParams;
  /** Changes on each navigation, also to the same path. */
  key: number;
}

export type Guard = () => Promise<boolean>;

interface Entry {
  scroll: number;
  state: Record<string, unknown>;
}

let index = 0;
let turn = 0;
let guard: Guard | undefined;
/** What lies over the page, the topmost last: Back takes it away, and the page stays. */
const layers: (() => void)[] = [];
/** Called when a Back that was taken back has arrived. */
let undone: (() => void) | undefined;
const entries = new Map<number, Entry>();

let current = $state.raw<Location>(read());

function read(): Location {
  return { path: location.pathname, search: new URLSearchParams(location.search), key: turn };
}

function entry(at: number): Entry {
  let found = entries.get(at);
  if (!found) {
    found = { scroll: 0, state: {} };
    entries.set(at, found);
  }
  return found;
}

function arrive(at: number): void {
  index = at;
  turn += 1;
  current = read();
}

export const router = {
  get current(): Location {
    return current;
  },
  /** Memory of the current history entry: it is still there after Back. */
  get state(): Record<string, unknown> {
    return entry(index).state;
  },
  get scroll(): number {
    return entry(index).scroll;
  },
};

/** Asks before the page is left; at most one at a time. Answers the function that takes the guard away. */
export function setGuard(next: Guard): () => void {
  guard = next;
  return () => {
    if (guard === next) guard = undefined;
  };
}

/** Back closes what was opened over the page. Answers the function that is called when it is closed. */
export function setLayer(close: () => void): () => void {
  layers.push(close);
  return () => void layers.splice(layers.lastIndexOf(close), 1);
}

/** Asks the guard, if there is one. Once it agreed it is gone. */
export async function mayLeave(): Promise<boolean> {
  const asked = guard;
  if (!asked) return true;
  if (!(await asked())) return false;
  if (guard === asked) guard = undefined;
  return true;
}

export interface GoOptions {
  replace?: boolean;
  /** Leaves without asking the guard: the session is over, or the page has just saved. */
  force?: boolean;
}

export async function go(to: string, options: GoOptions = {}): Promise<void> {
  if (options.force) guard = undefined;
  else if (!(await mayLeave())) return;
  entry(index).scroll = scrollY;
  if (options.replace) {
    entries.delete(index);
    history.replaceState({ index }, '', to);
    arrive(index);
  } else {
    for (const at of entries.keys()) if (at > index) entries.delete(at);
    history.pushState({ index: index + 1 }, '', to);
    arrive(index + 1);
  }
}

/** Changes the query of the current page without a new entry and without telling the page it was left. */
export function setSearch(search: URLSearchParams): void {
  const query = search.toString();
  history.replaceState(history.state, '', current.path + (query && `?${query}`));
  current = { ...current, search };
}

/** Gives the current page its lasting address without leaving it: what was new has been created. */
export function setPath(path: string): void {
  history.replaceState(history.state, '', path);
  current = { ...current, path, search: new URLSearchParams() };
}

async function onPop(event: PopStateEvent): Promise<void> {
  if (undone) {
    undone();
    undone = undefined;
    return;
  }
  const state = event.state as { index?: number } | null;
  if (state === null) {
    history.replaceState({ index }, ''); // only the fragment changed: the page stays
    return;
  }
  const to = state.index ?? index;
  if (to === index || (!guard && layers.length === 0)) {
    entry(index).scroll = scrollY;
    arrive(to);
    return;
  }
  // A guard may agree at once: going on before the undoing has arrived would cancel both.
  const arrived = new Promise<void>((resolve) => (undone = resolve));
  history.go(index - to);
  await arrived;
  const close = layers.at(-1);
  if (close) close();
  else if (await mayLeave()) history.go(to - index);
}

/** The path to follow for a click, or nothing when the browser should act. */
export function followed(event: MouseEvent): string | undefined {
  const anchor = (event.target as Element).closest('a');
  if (!anchor || anchor.origin !== location.origin || anchor.target || anchor.hasAttribute('download'))
    return undefined;
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  if (anchor.hash || isServerPath(anchor.pathname)) return undefined;
  return anchor.pathname + anchor.search;
}

function isServerPath(path: string): boolean {
  return path.startsWith('/api/') || path === '/docs' || path === '/redoc' || path === '/openapi.json';
}

function onClick(event: MouseEvent): void {
  const to = followed(event);
  if (to === undefined) return;
  event.preventDefault();
  void go(to);
}

export function startRouter(): () => void {
  history.scrollRestoration = 'manual';
  index = (history.state as { index?: number } | null)?.index ?? 0;
  history.replaceState({ index }, '');
  addEventListener('popstate', onPop);
  addEventListener('click', onClick);
  return () => {
    removeEventListener('popstate', onPop);
    removeEventListener('click', onClick);
  };
}

export type Params = Record<string, string>;

/** Matches `/clients/:id/edit` against a path; the parameters, or nothing. */
export function matchPath(pattern: string, path: string): Params | undefined {
  const want = parts(pattern);
  const have = parts(path);
  if (want.length !== have.length) return undefined;
  const params: Params = {};
  for (const [at, part] of want.entries()) {
    const value = have[at]!;
    if (part.startsWith(':')) {
      if (value === '') return undefined;
      params[part.slice(1)] = decode(value);
    } else if (part !== value) return undefined;
  }
  return params;
}

function parts(path: string): string[] {
  return path.replace(/\/+$/, '').split('/');
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A path inside this site that is safe to go to after sign-in, else the home page. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return /^\/(?:sign-in|setup|second-factor|invitation)\b/.test(next) ? '/' : next;
}
