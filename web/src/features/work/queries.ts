import { answer, api, unwrap } from '../../api/client';
import { nextCursor, totalCount } from '../../api/paging';
import type { Appointment, AppointmentUpdate, PaymentInput, Session, WorkCounts } from '../../api/types';
import { byItself, type Asking, type Page } from '../../lib/paged.svelte';

/** Without a person it is about everybody; so are the lists below. */
export function fetchCounts(practitioner_id: string | undefined): Promise<WorkCounts> {
  return unwrap(api.GET('/api/v1/work', { params: { query: { practitioner_id } }, headers: byItself }));
}

export type Need = 'status' | 'note' | 'payment';

function pageOf<T>({ data, response }: { data: T[]; response: Response }): Page<T> {
  const { headers } = response;
  return {
    items: data,
    next: nextCursor(headers.get('Link')),
    total: totalCount(headers.get('X-Total-Count'), data.length),
  };
}

export async function fetchNeeding(
  need: Need,
  practitioner_id: string | undefined,
  cursor: string | undefined,
  asking: Asking,
): Promise<Page<Appointment>> {
  const query = { needs: need, practitioner_id, order: 'desc', limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/appointments', { params: { query }, ...asking })));
}

export async function fetchUnsigned(
  author_id: string | undefined,
  cursor: string | undefined,
  asking: Asking,
): Promise<Page<Session>> {
  const query = { status: 'draft', author_id, limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/sessions', { params: { query }, ...asking })));
}

export async function fetchDeletedVisits(cursor: string | undefined, asking: Asking): Promise<Page<Appointment>> {
  const query = { deleted: true, order: 'desc', limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/appointments', { params: { query }, ...asking })));
}

export async function fetchDeletedDrafts(cursor: string | undefined, asking: Asking): Promise<Page<Session>> {
  const query = { deleted: true, limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/sessions', { params: { query }, ...asking })));
}

export function updateVisit(id: string, body: AppointmentUpdate): Promise<Appointment> {
  return unwrap(api.PUT('/api/v1/appointments/{id}', { params: { path: { id } }, body }));
}

export function payVisit(id: string, body: PaymentInput & { version: number }): Promise<Appointment> {
  return unwrap(api.PATCH('/api/v1/appointments/{id}/payment', { params: { path: { id } }, body }));
}
