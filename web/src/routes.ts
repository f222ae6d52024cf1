/** Every page of the application, on one screen. */
import type { Component } from 'svelte';
import { matchPath, safeNext, type Params } from './lib/router.svelte';

// Each page declares the parameters of its own path.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Page = Component<any>;

export interface Route {
  path: string;
  /**
   * `outside` needs no session; a signed-in visitor of an `entrance` is sent on; `proof` is for whoever is signed in and
   * still has to prove it better; `operator` pages bring a frame of their own.
   */
  place: 'inside' | 'outside' | 'entrance' | 'proof' | 'operator';
  load: () => Promise<{ default: Page }>;
}

/** Who looks at a page. `unproven`: signed in, but nothing is open before a second factor is set up. */
export type Visitor = 'nobody' | 'unproven' | 'member' | 'operator';

export const routes: readonly Route[] = [
  { path: '/setup', place: 'entrance', load: () => import('./features/auth/SetupPage.svelte') },
  { path: '/sign-in', place: 'entrance', load: () => import('./features/auth/SignInPage.svelte') },
  { path: '/sign-in/link', place: 'outside', load: () => import('./features/auth/LinkPage.svelte') },
  {
    path: '/sign-in/second-factor',
    place: 'outside',
    load: () => import('./features/auth/SecondFactorPage.svelte'),
  },
  { path: '/invitation', place: 'outside', load: () => import('./features/members/InvitationPage.svelte') },
  { path: '/second-factor', place: 'proof', load: () => import('./features/security/EnrolPage.svelte') },
  { path: '/calendar', place: 'inside', load: () => import('./features/calendar/CalendarPage.svelte') },
  { path: '/clients', place: 'inside', load: () => import('./features/clients/ClientsPage.svelte') },
  { path: '/clients/new', place: 'inside', load: () => import('./features/clients/NewClientPage.svelte') },
  { path: '/clients/:id', place: 'inside', load: () => import('./features/clients/ClientPage.svelte') },
  { path: '/clients/:id/edit', place: 'inside', load: () => import('./features/clients/EditClientPage.svelte') },
  { path: '/sessions/new', place: 'inside', load: () => import('./features/sessions/NewSessionPage.svelte') },
  { path: '/sessions/begin', place: 'inside', load: () => import('./features/sessions/BeginNotePage.svelte') },
  { path: '/sessions/:id', place: 'inside', load: () => import('./features/sessions/SessionPage.svelte') },
  { path: '/search', place: 'inside', load: () => import('./features/sessions/SearchPage.svelte') },
  { path: '/work', place: 'inside', load: () => import('./features/work/WorkPage.svelte') },
  { path: '/deleted', place: 'inside', load: () => import('./features/work/DeletedPage.svelte') },
  { path: '/settings', place: 'inside', load: () => import('./features/settings/SettingsPage.svelte') },
  { path: '/settings/practice', place: 'inside', load: () => import('./features/settings/PracticePage.svelte') },
  { path: '/settings/services', place: 'inside', load: () => import('./features/settings/ServicesPage.svelte') },
  { path: '/settings/locations', place: 'inside', load: () => import('./features/settings/LocationsPage.svelte') },
  { path: '/settings/feeds', place: 'inside', load: () => import('./features/settings/FeedsPage.svelte') },
  { path: '/settings/audit', place: 'inside', load: () => import('./features/audit/AuditPage.svelte') },
  { path: '/settings/templates', place: 'inside', load: () => import('./features/settings/TemplatesPage.svelte') },
  { path: '/settings/security', place: 'inside', load: () => import('./features/security/SecurityPage.svelte') },
  { path: '/settings/members', place: 'inside', load: () => import('./features/members/MembersPage.svelte') },
  { path: '/operator', place: 'operator', load: () => import('./features/operator/OverviewPage.svelte') },
  { path: '/operator/practices', place: 'operator', load: () => import('./features/operator/PracticesPage.svelte') },
  { path: '/operator/practices/:id', place: 'operator', load: () => import('./features/operator/PracticePage.svelte') },
  {
    path: '/operator/invitations',
    place: 'operator',
    load: () => import('./features/operator/InvitationsPage.svelte'),
  },
  { path: '/operator/activity', place: 'operator', load: () => import('./features/operator/ActivityPage.svelte') },
  { path: '/operator/blacklist', place: 'operator', load: () => import('./features/operator/BlacklistPage.svelte') },
  { path: '/operator/security', place: 'operator', load: () => import('./features/operator/SecurityPage.svelte') },
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
export function redirectOf(path: string, search: URLSearchParams, visitor: Visitor): string | undefined {
  if (path === '/') return visitor === 'operator' ? '/operator' : '/calendar';
  const { place } = findRoute(path).route;
  if (place === 'outside') return undefined;
  if (visitor === 'nobody') return place === 'entrance' ? undefined : withNext('/sign-in', path, search);
  if (place === 'entrance') return safeNext(search.get('next'));
  if (place === 'proof') return undefined;
  if (visitor === 'unproven') return withNext('/second-factor', path, search);
  if (place === 'operator') return visitor === 'member' ? '/settings/security' : undefined;
  return visitor === 'operator' ? '/operator' : undefined;
}

function withNext(to: string, path: string, search: URLSearchParams): string {
  return `${to}?${new URLSearchParams({ next: path + (search.size > 0 ? `?${search}` : '') })}`;
}
