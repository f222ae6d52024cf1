import { answer, api, unwrap } from '../../api/client';
import { nextCursor, totalCount } from '../../api/paging';
import type { Client, ClientChange, ClientInput, CreatedClient } from '../../api/types';
import type { Asking } from '../../lib/paged.svelte';
import type { ClientPage, Query } from './list.svelte';

const pageSize = 50;

export async function fetchClients(query: Query, cursor: string | undefined, asking: Asking): Promise<ClientPage> {
  const { q, status } = query;
  const { data, response } = await answer(
    api.GET('/api/v1/clients', {
      params: { query: { q: q || undefined, status, include: ['appointments'], limit: pageSize, cursor } },
      ...asking,
    }),
  );
  return {
    items: data,
    total: totalCount(response.headers.get('X-Total-Count'), data.length),
    next: nextCursor(response.headers.get('Link')),
  };
}

export function fetchClient(id: string, headers: Record<string, string> = {}): Promise<Client> {
  return unwrap(api.GET('/api/v1/clients/{id}', { params: { path: { id } }, headers }));
}

/** The key makes a repeated attempt safe: the server creates at most one client for it. */
export function createClient(body: ClientInput, key: string): Promise<CreatedClient> {
  return unwrap(api.POST('/api/v1/clients', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function updateClient(id: string, changes: ClientChange, version: number): Promise<Client> {
  return unwrap(api.PUT('/api/v1/clients/{id}', { params: { path: { id } }, body: { ...changes, version } }));
}

export async function archiveClient(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/clients/{id}', { params: { path: { id } } }));
}

export function restoreClient(id: string): Promise<Client> {
  return unwrap(api.POST('/api/v1/clients/{id}/restore', { params: { path: { id } } }));
}
