import { answer, api, unwrap } from '../../api/client';
import type {
  Appointment,
  AppointmentInput,
  AppointmentUpdate,
  Clash,
  ClientSummary,
  PaymentInput,
  PracticeLocation,
  Practitioner,
  Series,
  SeriesChanged,
  SeriesInput,
  SeriesPreview,
  SeriesUpdate,
  Service,
  Slot,
} from '../../api/types';
import { byItself } from '../../lib/paged.svelte';

export interface Range {
  /** Instants. */
  from: string;
  to: string;
  /** Only those of this one; empty: of all. */
  practitioner: string;
}

const most = 1000;
const byId = (id: string) => ({ path: { id } });

export function fetchRange(range: Range, signal: AbortSignal, background = false): Promise<Appointment[]> {
  const query = { from: range.from, to: range.to, practitioner_id: range.practitioner || undefined, limit: most };
  const headers = background ? byItself : {};
  return unwrap(api.GET('/api/v1/appointments', { params: { query }, signal, headers }));
}

export function fetchAppointment(id: string, headers: Record<string, string> = {}): Promise<Appointment> {
  return unwrap(api.GET('/api/v1/appointments/{id}', { params: byId(id), headers }));
}

/** The key makes a repeated attempt safe: the server books at most one appointment for it. */
export function book(body: AppointmentInput, key: string): Promise<Appointment> {
  return unwrap(api.POST('/api/v1/appointments', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function update(id: string, body: AppointmentUpdate): Promise<Appointment> {
  return unwrap(api.PUT('/api/v1/appointments/{id}', { params: byId(id), body }));
}

export function pay(id: string, body: PaymentInput & { version: number }): Promise<Appointment> {
  return unwrap(api.PATCH('/api/v1/appointments/{id}/payment', { params: byId(id), body }));
}

export async function remove(id: string, note: 'keep' | 'delete'): Promise<void> {
  await unwrap(api.DELETE('/api/v1/appointments/{id}', { params: byId(id), body: { session_note_action: note } }));
}

export function restore(
  id: string,
  body: { series?: boolean; override?: boolean; reason?: string },
): Promise<Appointment> {
  return unwrap(api.POST('/api/v1/appointments/{id}/restore', { params: byId(id), body }));
}

export interface ClashQuery {
  starts_at: string;
  ends_at: string;
  practitioner_id?: string;
  service_id?: string;
  location_id?: string;
  exclude_appointment_id?: string;
}

export async function fetchClashes(query: ClashQuery, signal: AbortSignal): Promise<Clash[]> {
  const found = await unwrap(api.GET('/api/v1/appointments/conflicts', { params: { query }, signal }));
  return found.conflicting_appointments;
}

export interface SlotQuery {
  service_id?: string;
  duration_minutes?: number;
  practitioner_id?: string;
  location_id?: string;
  exclude_appointment_id?: string;
  from?: string;
  to?: string;
  limit?: number;
}

export function fetchSlots(query: SlotQuery, signal: AbortSignal): Promise<Slot[]> {
  return unwrap(api.GET('/api/v1/appointments/slots', { params: { query }, signal }));
}

export function previewSeries(body: SeriesInput, signal: AbortSignal): Promise<SeriesPreview> {
  return unwrap(api.POST('/api/v1/series/preview', { body, signal }));
}

export function bookSeries(body: SeriesInput, key: string): Promise<Series> {
  return unwrap(api.POST('/api/v1/series', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function updateSeries(id: string, body: SeriesUpdate): Promise<SeriesChanged> {
  return unwrap(api.PUT('/api/v1/appointments/{id}/series', { params: byId(id), body }));
}

export function removeSeries(id: string, scope: 'following' | 'all'): Promise<SeriesChanged> {
  return unwrap(api.DELETE('/api/v1/appointments/{id}/series', { params: byId(id), body: { scope } }));
}

export function fetchPractitioners(headers: Record<string, string> = {}): Promise<Practitioner[]> {
  return unwrap(api.GET('/api/v1/practitioners', { headers }));
}

export function fetchServices(headers: Record<string, string> = {}): Promise<Service[]> {
  return unwrap(api.GET('/api/v1/services', { params: { query: { limit: 100 } }, headers }));
}

export function fetchLocations(headers: Record<string, string> = {}): Promise<PracticeLocation[]> {
  return unwrap(api.GET('/api/v1/locations', { params: { query: { limit: 100 } }, headers }));
}

export async function searchClients(q: string, signal: AbortSignal): Promise<ClientSummary[]> {
  const query = { q: q || undefined, status: 'active', limit: 8 } as const;
  return (await answer(api.GET('/api/v1/clients', { params: { query }, signal }))).data;
}

export function fetchClientName(id: string): Promise<{ id: string; full_name: string }> {
  return unwrap(api.GET('/api/v1/clients/{id}', { params: byId(id) }));
}
