/** What happened with a client: requests of the timeline, the notes and the consents. */
import { answer, api, unwrap } from '../../api/client';
import { nextCursor, totalCount } from '../../api/paging';
import type { Consent, ConsentInput, Session, TimelineItem } from '../../api/types';
import type { Asking, Page } from '../../lib/paged.svelte';

const byId = (id: string) => ({ path: { id } });
export type Kind = TimelineItem['kind'];

export async function fetchTimeline(
  client: string,
  kinds: Kind[],
  cursor: string | undefined,
  asking: Asking,
): Promise<Page<TimelineItem>> {
  const params = { ...byId(client), query: { kinds, limit: 30, cursor } };
  const { data, response } = await answer(api.GET('/api/v1/clients/{id}/timeline', { params, ...asking }));
  return { items: data, next: nextCursor(response.headers.get('Link')) };
}

export async function fetchNotes(client: string, cursor: string | undefined, asking: Asking): Promise<Page<Session>> {
  const query = { client_id: client, limit: 30, cursor };
  const { data, response } = await answer(api.GET('/api/v1/sessions', { params: { query }, ...asking }));
  return {
    items: data,
    next: nextCursor(response.headers.get('Link')),
    total: totalCount(response.headers.get('X-Total-Count'), data.length),
  };
}

export function fetchConsents(client: string, headers: Record<string, string> = {}): Promise<Consent[]> {
  return unwrap(api.GET('/api/v1/clients/{id}/consents', { params: byId(client), headers }));
}

export function giveConsent(client: string, body: ConsentInput): Promise<Consent> {
  return unwrap(api.POST('/api/v1/clients/{id}/consents', { params: byId(client), body }));
}

export function withdrawConsent(client: string, consent: string): Promise<Consent> {
  const params = { path: { id: client, consent_id: consent } };
  return unwrap(api.POST('/api/v1/clients/{id}/consents/{consent_id}/withdraw', { params }));
}
