/** Opens notes: from the server, or from what this device has kept of them. */
import { ApiError } from '../../api/problem';
import type { Appointment, Client, Session } from '../../api/types';
import { setPath } from '../../lib/router.svelte';
import { vault } from '../../lib/vault';
import { onPersonChange, session } from '../auth/session.svelte';
import { emptyContent } from './content';
import { NoteDoc, placeOf, type LocalCopy, type Origin } from './doc.svelte';
import { copySections, createSession, fetchClient, fetchSession, fetchVisit, saveDraft, signSession } from './queries';

const server = { create: createSession, save: saveDraft, sign: signSession, copy: copySections };

/** Notes that were left before all of their text had reached the server go on trying; coming back finds them here. */
const unsaved = new Map<string, NoteDoc>();

onPersonChange((person) => {
  for (const [place, doc] of unsaved) {
    if (doc.person === person) continue;
    doc.autosave.stop();
    unsaved.delete(place);
  }
});

/** Leaves a note: what is not saved yet is being saved on the way out. */
export async function leave(doc: NoteDoc): Promise<void> {
  unsaved.set(doc.place, doc);
  if (!(await doc.autosave.flush())) return;
  doc.autosave.stop();
  if (unsaved.get(doc.place) === doc) unsaved.delete(doc.place);
}

function left(of: { id: string } | Origin): NoteDoc | undefined {
  const place = placeOf(of);
  const doc = unsaved.get(place);
  unsaved.delete(place);
  return doc;
}

async function restore(doc: NoteDoc): Promise<NoteDoc> {
  const copy = await vault.find<LocalCopy>(session.person, doc.place);
  if (copy && doc.note?.status !== 'signed') doc.take(copy);
  return doc;
}

export async function openNote(id: string): Promise<NoteDoc> {
  const own = left({ id });
  if (own) return own;
  const person = session.person;
  try {
    return await restore(new NoteDoc({ person, server, vault, note: await fetchSession(id) }));
  } catch (error) {
    const copy = unreachable(error) ? await vault.find<LocalCopy>(person, placeOf({ id })) : undefined;
    if (!copy?.note) throw error;
    return restore(new NoteDoc({ person, server, vault, note: copy.note }));
  }
}

const unreachable = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

export interface NewNote {
  doc: NoteDoc;
  client: Pick<Client, 'id' | 'full_name'>;
  visit: Appointment | undefined;
}

/** A new note about a visit, or about a client alone. Answers the id of the note that the visit has already. */
export async function openNewNote(origin: Origin): Promise<NewNote | string> {
  if ('client_id' in origin) return begin(origin, await fetchClient(origin.client_id), undefined);
  const visit = await fetchVisit(origin.appointment_id);
  if (visit.note) return visit.note.id;
  return begin(origin, visit.client, visit);
}

async function begin(origin: Origin, client: NewNote['client'], visit: Appointment | undefined): Promise<NewNote> {
  const start = emptyContent(startOf(visit), visit ? minutesOf(visit) : null);
  const oncreated = (note: Session) => {
    if (location.pathname === '/sessions/new') setPath(`/sessions/${note.id}`);
  };
  const doc =
    left(origin) ?? (await restore(new NoteDoc({ person: session.person, server, vault, origin, start, oncreated })));
  return { doc, client, visit };
}

function startOf(visit: Appointment | undefined): string {
  const now = Date.now();
  return new Date(visit ? Math.min(Date.parse(visit.starts_at), now) : now - (now % 60_000)).toISOString();
}

function minutesOf(visit: Appointment): number {
  return Math.min(480, Math.round((Date.parse(visit.ends_at) - Date.parse(visit.starts_at)) / 60_000));
}
