import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findRoute, redirectOf, routes } from '../routes';
import { followed, go, matchPath, router, safeNext, setGuard, setLayer, setSearch, startRouter } from './router.svelte';

describe('matchPath', () => {
  it.each([
    ['/clients', '/clients', {}],
    ['/clients', '/clients/', {}],
    ['/', '/', {}],
    ['/clients/:id', '/clients/42', { id: '42' }],
    ['/clients/:id/edit', '/clients/42/edit', { id: '42' }],
    ['/clients/:id', '/clients/%D7%90', { id: 'א' }],
    ['/clients/:id', '/clients/%', { id: '%' }],
  ])('%s takes %s', (pattern, path, params) => {
    expect(matchPath(pattern, path)).toEqual(params);
  });

  it.each([
    ['/clients', '/client'],
    ['/clients/:id', '/clients'],
    ['/clients/:id', '/clients//'],
    ['/clients/:id', '/clients/42/edit'],
    ['/clients/:id/edit', '/clients//edit'],
  ])('%s refuses %s', (pattern, path) => {
    expect(matchPath(pattern, path)).toBeUndefined();
  });
});

describe('safeNext', () => {
  it.each([
    ['/clients/1?x=1', '/clients/1?x=1'],
    [null, '/'],
    ['', '/'],
    ['clients', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['/sign-in?next=/sign-in', '/'],
    ['/setup', '/'],
  ])('%s leads to %s', (next, to) => {
    expect(safeNext(next)).toBe(to);
  });
});

describe('routes', () => {
  it('finds the more exact page first', () => {
    expect(findRoute('/clients/new').route.path).toBe('/clients/new');
    expect(findRoute('/clients/1').route.path).toBe('/clients/:id');
    expect(findRoute('/nothing/here').route.path).toBe('*');
  });

  it('sends people where they may be', () => {
    const none = new URLSearchParams();
    expect(redirectOf('/', none, 'member')).toBe('/calendar');
    expect(redirectOf('/clients', none, 'member')).toBeUndefined();
    expect(redirectOf('/sign-in', none, 'nobody')).toBeUndefined();
    expect(redirectOf('/sign-in/link', none, 'member')).toBeUndefined();
    expect(redirectOf('/sign-in', new URLSearchParams({ next: '/clients/7' }), 'member')).toBe('/clients/7');
    expect(redirectOf('/setup', none, 'member')).toBe('/');
    expect(redirectOf('/clients', new URLSearchParams({ status: 'all' }), 'nobody')).toBe(
      '/sign-in?next=%2Fclients%3Fstatus%3Dall',
    );
  });

  it('keep who has to prove more, and who runs the server, to their pages', () => {
    const none = new URLSearchParams();
    expect(redirectOf('/clients', none, 'unproven')).toBe('/second-factor?next=%2Fclients');
    expect(redirectOf('/operator', none, 'unproven')).toBe('/second-factor?next=%2Foperator');
    expect(redirectOf('/second-factor', none, 'unproven')).toBeUndefined();
    expect(redirectOf('/second-factor', none, 'nobody')).toBe('/sign-in?next=%2Fsecond-factor');
    expect(redirectOf('/', none, 'operator')).toBe('/operator');
    expect(redirectOf('/clients', none, 'operator')).toBe('/operator');
    expect(redirectOf('/operator/practices', none, 'operator')).toBeUndefined();
    expect(redirectOf('/operator/practices', none, 'member')).toBe('/settings/security');
    expect(redirectOf('/operator', none, 'nobody')).toBe('/sign-in?next=%2Foperator');
    for (const visitor of ['nobody', 'member', 'operator', 'unproven'] as const) {
      expect(redirectOf('/invitation', none, visitor), visitor).toBeUndefined();
    }
  });

  it('loads every page', async () => {
    for (const route of routes) expect((await route.load()).default, route.path).toBeTypeOf('function');
  }, 30_000);
});

describe('navigation', () => {
  let stop: () => void;
  beforeEach(() => {
    history.replaceState(null, '', '/clients');
    stop = startRouter();
  });
  afterEach(() => stop());

  const back = () =>
    new Promise<void>((resolve) => {
      addEventListener('popstate', () => setTimeout(resolve), { once: true });
      history.back();
    });

  it('changes the address and tells', async () => {
    const before = router.current.key;
    await go('/clients/1?tab=a');
    expect(location.pathname).toBe('/clients/1');
    expect(router.current.path).toBe('/clients/1');
    expect(router.current.search.get('tab')).toBe('a');
    expect(router.current.key).toBeGreaterThan(before);
  });

  it('keeps the memory of an entry for Back, and none of it in the address', async () => {
    router.state.q = 'Dana';
    await go('/clients/1');
    expect(router.state.q).toBeUndefined();
    await back();
    expect(router.current.path).toBe('/clients');
    expect(router.state.q).toBe('Dana');
    expect(location.href).not.toContain('Dana');
  });

  it('replaces the query without leaving the page', () => {
    const key = router.current.key;
    setSearch(new URLSearchParams({ status: 'all' }));
    expect(location.search).toBe('?status=all');
    expect(router.current.search.get('status')).toBe('all');
    expect(router.current.key).toBe(key);
  });

  it('asks the guard, and goes only when it agrees', async () => {
    const guard = vi.fn().mockResolvedValueOnce(false).mockResolvedValueOnce(true);
    const off = setGuard(guard);
    await go('/settings');
    expect(router.current.path).toBe('/clients');
    await go('/settings');
    expect(router.current.path).toBe('/settings');
    expect(guard).toHaveBeenCalledTimes(2);
    await go('/clients');
    expect(guard).toHaveBeenCalledTimes(2); // it is gone once it agreed
    off();
  });

  it('goes without asking when forced', async () => {
    const guard = vi.fn().mockResolvedValue(false);
    setGuard(guard);
    await go('/sign-in', { force: true });
    expect(router.current.path).toBe('/sign-in');
    expect(guard).not.toHaveBeenCalled();
  });

  it('puts Back back when the guard refuses', async () => {
    await go('/clients/1/edit');
    const off = setGuard(() => Promise.resolve(false));
    await back();
    await vi.waitFor(() => expect(location.pathname).toBe('/clients/1/edit'));
    expect(router.current.path).toBe('/clients/1/edit');
    off();
  });

  it('closes what lies over the page, the topmost first, and stays', async () => {
    await go('/clients/2');
    const closed: string[] = [];
    const offSheet = setLayer(() => closed.push('sheet'));
    const offDialog = setLayer(() => closed.push('dialog'));
    await back();
    await vi.waitFor(() => expect(closed).toEqual(['dialog']));
    expect(location.pathname).toBe('/clients/2');
    offDialog();
    await back();
    await vi.waitFor(() => expect(closed).toEqual(['dialog', 'sheet']));
    expect(router.current.path).toBe('/clients/2');
    offSheet();
    await go('/clients/3');
    await back();
    await vi.waitFor(() => expect(router.current.path).toBe('/clients/2'));
    expect(closed).toHaveLength(2);
  });
});

describe('followed', () => {
  function click(html: string, init: MouseEventInit = {}): string | undefined {
    document.body.replaceChildren(document.createRange().createContextualFragment(html));
    let answer: string | undefined;
    const listen = (event: Event) => {
      answer = followed(event as MouseEvent);
      event.preventDefault();
    };
    addEventListener('click', listen, { once: true });
    document.body
      .querySelector('span, a')!
      .dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));
    return answer;
  }

  it('follows links inside the page, also from a child', () => {
    expect(click('<a href="/clients?status=all">x</a>')).toBe('/clients?status=all');
    expect(click('<a href="/settings"><span>x</span></a>')).toBe('/settings');
  });

  it('leaves the rest to the browser', () => {
    expect(click('<span>no link</span>')).toBeUndefined();
    expect(click('<a href="https://other.example/">x</a>')).toBeUndefined();
    expect(click('<a href="/clients" target="_blank">x</a>')).toBeUndefined();
    expect(click('<a href="/clients#main">x</a>')).toBeUndefined();
    expect(click('<a href="/docs">x</a>')).toBeUndefined();
    expect(click('<a href="/api/v1/clients/export" download>x</a>')).toBeUndefined();
    expect(click('<a href="/clients">x</a>', { ctrlKey: true })).toBeUndefined();
    expect(click('<a href="/clients">x</a>', { button: 1 })).toBeUndefined();
  });
});
