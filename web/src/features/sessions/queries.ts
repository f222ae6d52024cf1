import { answer, api, unwrap } from '../../api/client';
import { ApiError } from '../../api/problem';
import type {
  Appointment,
  Client,
  NoteMatches,
  NoteTemplate,
  Session,
  SessionContent,
  SessionInput,
  SessionVersion,
} from '../../api/types';
import type { Section } from './content';

const byId = (id: string) => ({ path: { id } });

export function fetchSession(id: string, headers: Record<string, string> = {}): Promise<Session> {
  return unwrap(api.GET('/api/v1/sessions/{id}', { params: byId(id), headers }));
}

/** The key makes a repeated attempt safe: the server begins at most one note for it. */
export function createSession(body: SessionInput, key: string): Promise<Session> {
  return unwrap(api.POST('/api/v1/sessions', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function saveDraft(id: string, changes: SessionContent, version: number): Promise<Session> {
  const body: SessionContent & { version: number } = { ...changes, version };
  return unwrap(api.PATCH('/api/v1/sessions/{id}/draft', { params: byId(id), body }));
}

export function signSession(id: string, version: number): Promise<Session> {
  return unwrap(api.POST('/api/v1/sessions/{id}/finalize', { params: byId(id), body: { version } }));
}

export function amendSession(id: string, changes: SessionContent, reason: string, version: number): Promise<Session> {
  return unwrap(api.POST('/api/v1/sessions/{id}/amend', { params: byId(id), body: { ...changes, reason, version } }));
}

export function voidSession(id: string, reason: string, version: number): Promise<Session> {
  return unwrap(api.POST('/api/v1/sessions/{id}/entered-in-error', { params: byId(id), body: { reason, version } }));
}

export function copySections(id: string, from: string, sections: Section[], version: number): Promise<Session> {
  const body = { from_session_id: from, sections, version };
  return unwrap(api.POST('/api/v1/sessions/{id}/copy', { params: byId(id), body }));
}

export async function deleteSession(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/sessions/{id}', { params: byId(id) }));
}

export function restoreSession(id: string): Promise<Session> {
  return unwrap(api.POST('/api/v1/sessions/{id}/restore', { params: byId(id) }));
}

export function fetchVersions(id: string): Promise<SessionVersion[]> {
  return unwrap(api.GET('/api/v1/sessions/{id}/versions', { params: byId(id) }));
}

/** The newest signed note of a client, or nothing. */
export async function fetchPrevious(client: string): Promise<Session | undefined> {
  try {
    return await unwrap(api.GET('/api/v1/clients/{id}/sessions/latest', { params: byId(client) }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

export interface NoteSearch {
  query: string;
  client_id?: string;
}

/** By POST: words of health do not belong into addresses. */
export function searchNotes(body: NoteSearch, signal: AbortSignal): Promise<NoteMatches> {
  return unwrap(api.POST('/api/v1/sessions/search', { body, signal }));
}

export function fetchTemplates(headers: Record<string, string> = {}): Promise<NoteTemplate[]> {
  return unwrap(api.GET('/api/v1/note-templates', { headers }));
}

/** How long ago a visit may have begun, and how soon it may begin, to be the one that a note is about. */
const [before, ahead] = [18 * 3_600_000, 15 * 60_000];

export async function fetchVisitsOfToday(client_id: string, now = Date.now()): Promise<Appointment[]> {
  const [from, to] = [now - before, now + ahead].map((at) => new Date(at).toISOString());
  const query = { client_id, from, to, order: 'desc', limit: 5 } as const;
  return unwrap(api.GET('/api/v1/appointments', { params: { query } }));
}

export function fetchVisit(id: string): Promise<Appointment> {
  return unwrap(api.GET('/api/v1/appointments/{id}', { params: byId(id) }));
}

export function fetchClient(id: string): Promise<Client> {
  return unwrap(api.GET('/api/v1/clients/{id}', { params: byId(id) }));
}

/** Deleted drafts of a client that can still be brought back. */
export async function fetchDeleted(client: string, headers: Record<string, string> = {}): Promise<Session[]> {
  const query = { client_id: client, deleted: true, limit: 50 };
  return (await answer(api.GET('/api/v1/sessions', { params: { query }, headers }))).data;
}
