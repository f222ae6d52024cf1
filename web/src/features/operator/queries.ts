import { answer, api, unwrap } from '../../api/client';
import { nextCursor } from '../../api/paging';
import type {
  Activity,
  BlacklistEntry,
  ManagedPractice,
  PlatformInvitation,
  PracticeInvitationInput,
  ServerMetrics,
} from '../../api/types';
import type { Asking, Page } from '../../lib/paged.svelte';

const byId = (id: string) => ({ path: { id } });
export type Status = ManagedPractice['status'];

interface Listed<T> {
  data: T[];
  response: Response;
}

const page = <T>({ data, response }: Listed<T>): Page<T> => ({
  items: data,
  next: nextCursor(response.headers.get('Link')),
});

export async function fetchPractices(
  filter: { q: string; status: Status | undefined },
  cursor: string | undefined,
  asking: Asking,
): Promise<Page<ManagedPractice>> {
  const query = { q: filter.q || undefined, status: filter.status, cursor };
  return page(await answer(api.GET('/api/v1/platform/workspaces', { params: { query }, ...asking })));
}

export function fetchPractice(id: string): Promise<ManagedPractice> {
  return unwrap(api.GET('/api/v1/platform/workspaces/{id}', { params: byId(id) }));
}

export function suspend(id: string, reason: string): Promise<ManagedPractice> {
  return unwrap(api.POST('/api/v1/platform/workspaces/{id}/suspend', { params: byId(id), body: { reason } }));
}

export function reactivate(id: string): Promise<ManagedPractice> {
  return unwrap(api.POST('/api/v1/platform/workspaces/{id}/reactivate', { params: byId(id) }));
}

export function deletePractice(
  id: string,
  body: { name: string; reason: string; shred: boolean },
): Promise<ManagedPractice> {
  return unwrap(api.DELETE('/api/v1/platform/workspaces/{id}', { params: byId(id), body }));
}

export function setQuota(id: string, bytes: number): Promise<ManagedPractice> {
  return unwrap(api.PUT('/api/v1/platform/workspaces/{id}/quota', { params: byId(id), body: { bytes } }));
}

export function fetchInvitations(): Promise<PlatformInvitation[]> {
  return unwrap(api.GET('/api/v1/platform/invitations'));
}

export function invitePractice(body: PracticeInvitationInput): Promise<PlatformInvitation> {
  return unwrap(api.POST('/api/v1/platform/invitations', { body }));
}

export function resend(id: string): Promise<PlatformInvitation> {
  return unwrap(api.POST('/api/v1/platform/invitations/{id}/resend', { params: byId(id) }));
}

export async function revoke(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/platform/invitations/{id}', { params: byId(id) }));
}

export const activityKinds = ['practice', 'invitation', 'blacklist', 'operator', 'sign_in', 'server'] as const;

/** Which steps to show. */
export interface ActivityFilter {
  kind: '' | (typeof activityKinds)[number];
  changes: boolean;
}

/** What was done, each with a number that serves as its id. */
export async function fetchActivity(
  { kind, changes }: ActivityFilter,
  cursor: string | undefined,
  asking: Asking,
): Promise<Page<Activity & { id: string }>> {
  const query = { cursor, changes, kind: kind || undefined };
  const { items, next } = page(await answer(api.GET('/api/v1/platform/activity', { params: { query }, ...asking })));
  return { items: items.map((item) => ({ ...item, id: String(item.seq) })), next };
}

export function fetchMetrics(days: number): Promise<ServerMetrics> {
  return unwrap(api.GET('/api/v1/platform/metrics', { params: { query: { days } } }));
}

export async function fetchBlacklist(cursor: string | undefined, asking: Asking): Promise<Page<BlacklistEntry>> {
  return page(await answer(api.GET('/api/v1/platform/blacklist', { params: { query: { cursor } }, ...asking })));
}

export function blacklist(body: { value: string; reason: string }): Promise<BlacklistEntry> {
  return unwrap(api.POST('/api/v1/platform/blacklist', { body }));
}

export async function allowAgain(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/platform/blacklist/{id}', { params: byId(id) }));
}
