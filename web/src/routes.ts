/** Every page of the application, on one screen. */
import type { Component } from 'svelte';
import { matchPath, safeNext, type Params } from './lib/router.svelte';

// Each page declares the parameters of its own path.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Page = Component<any>;

export interface Route {
  path: string;
  /** `outside` needs no session; a signed-in visitor of an `entrance` is sent on. */
  place: 'inside' | 'outside' | 'entrance';
  load: () => Promise<{ default: Page }>;
}

export const routes: readonly Route[] = [
  { path: '/setup', place: 'entrance', load: () => import('./features/auth/SetupPage.svelte') },
  { path: '/sign-in', place: 'entrance', load: () => import('./features/auth/SignInPage.svelte') },
  { path: '/sign-in/link', place: 'outside', load: () => import('./features/auth/LinkPage.svelte') },
  { path: '/calendar', place: 'inside', load: () => import('./features/calendar/CalendarPage.svelte') },
  { path: '/clients', place: 'inside', load: () => import('./features/clients/ClientsPage.svelte') },
  { path: '/clients/new', place: 'inside', load: () => import('./features/clients/NewClientPage.svelte') },
  { path: '/clients/:id', place: 'inside', load: () => import('./features/clients/ClientPage.svelte') },
  { path: '/clients/:id/edit', place: 'inside', load: () => import('./features/clients/EditClientPage.svelte') },
  { path: '/sessions/new', place: 'inside', load: () => import('./features/sessions/NewSessionPage.svelte') },
  { path: '/sessions/:id', place: 'inside', load: () => import('./features/sessions/SessionPage.svelte') },
  { path: '/search', place: 'inside', load: () => import('./features/sessions/SearchPage.svelte') },
  { path: '/work', place: 'inside', load: () => import('./features/work/WorkPage.svelte') },
  { path: '/settings', place: 'inside', load: () => import('./features/settings/SettingsPage.svelte') },
  { path: '/settings/practice', place: 'inside', load: () => import('./features/settings/PracticePage.svelte') },
  { path: '/settings/services', place: 'inside', load: () => import('./features/settings/ServicesPage.svelte') },
  { path: '/settings/locations', place: 'inside', load: () => import('./features/settings/LocationsPage.svelte') },
  { path: '/settings/feeds', place: 'inside', load: () => import('./features/settings/FeedsPage.svelte') },
  { path: '/settings/templates', place: 'inside', load: () => import('./features/settings/TemplatesPage.svelte') },
];

const missing: Route = {
  path: '*',
  place: 'inside',
  load: () => import('./features/shell/NotFoundPage.svelte'),
};

export interface Found {
  route: Route;
  params: Params;
}

export function findRoute(path: string): Found {
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params) return { route, params };
  }
  return { route: missing, params: {} };
}

/** Where to go instead of an address, if anywhere. */
export function redirectOf(path: string, search: URLSearchParams, signedIn: boolean): string | undefined {
  if (path === '/') return '/calendar';
  const { route } = findRoute(path);
  if (route.place === 'entrance' && signedIn) return safeNext(search.get('next'));
  if (route.place === 'inside' && !signedIn) {
    return `/sign-in?${new URLSearchParams({ next: path + (search.size > 0 ? `?${search}` : '') })}`;
  }
  return undefined;
}
