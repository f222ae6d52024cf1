import { answer, api, unwrap } from '../../api/client';
import { nextCursor, totalCount } from '../../api/paging';
import type { Appointment, AppointmentUpdate, PaymentInput, Session, WorkCounts } from '../../api/types';
import { byItself, type Asking, type Page } from '../../lib/paged.svelte';

export function fetchCounts(): Promise<WorkCounts> {
  return unwrap(api.GET('/api/v1/work', { headers: byItself }));
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

export async function fetchNeeding(need: Need, cursor: string | undefined, asking: Asking): Promise<Page<Appointment>> {
  const query = { needs: need, order: 'desc', limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/appointments', { params: { query }, ...asking })));
}

export async function fetchUnsigned(cursor: string | undefined, asking: Asking): Promise<Page<Session>> {
  const query = { status: 'draft', limit: 30, cursor } as const;
  return pageOf(await answer(api.GET('/api/v1/sessions', { params: { query }, ...asking })));
}

export function updateVisit(id: string, body: AppointmentUpdate): Promise<Appointment> {
  return unwrap(api.PUT('/api/v1/appointments/{id}', { params: { path: { id } }, body }));
}

export function payVisit(id: string, body: PaymentInput & { version: number }): Promise<Appointment> {
  return unwrap(api.PATCH('/api/v1/appointments/{id}/payment', { params: { path: { id } }, body }));
}
