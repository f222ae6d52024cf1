/** Opens notes: from the server, or from what this device has kept of them. */
import { ApiError } from '../../api/problem';
import type { Appointment, Session } from '../../api/types';
import { setPath } from '../../lib/router.svelte';
import { vault } from '../auth/draftkey';
import { onPersonChange, session } from '../auth/session.svelte';
import { emptyContent } from './content';
import { NoteDoc, placeOf, type Origin } from './doc.svelte';
import { copyPlace, type About, type LocalCopy } from './localcopy';
import { copySections, createSession, fetchClient, fetchSession, fetchVisit, saveDraft, signSession } from './queries';

const server = { read: fetchSession, create: createSession, save: saveDraft, sign: signSession, copy: copySections };

/** Notes that were left before all of their text had reached the server go on trying; coming back finds them here. */
const unsaved = new Map<string, NoteDoc>();

onPersonChange((person) => {
  for (const [place, doc] of unsaved) {
    if (doc.person === person) void seal(doc);
    else drop(place, doc);
  }
});

function drop(place: string, doc: NoteDoc): void {
  doc.autosave.stop();
  if (unsaved.get(place) === doc) unsaved.delete(place);
}

/** The session ended: what the device has sealed need not stay readable in this page. */
async function seal(doc: NoteDoc): Promise<void> {
  if (session.phase !== 'in' && (await doc.sealed())) drop(doc.place, doc);
}

/** Leaves a note: what is not saved yet is being saved on the way out. */
export async function leave(doc: NoteDoc): Promise<void> {
  unsaved.set(doc.place, doc);
  if (await doc.autosave.flush()) drop(doc.place, doc);
  else await seal(doc);
}

function left(of: { id: string } | Origin): NoteDoc | undefined {
  const place = placeOf(of);
  const doc = unsaved.get(place);
  unsaved.delete(place);
  return doc;
}

const copiesOf = (of: { id: string } | Origin): Promise<LocalCopy[]> =>
  vault.findAll<LocalCopy>(session.person, copyPlace(placeOf(of)));

export async function openNote(id: string): Promise<NoteDoc> {
  const own = left({ id });
  if (own) return resumed(own);
  const { person } = session;
  const copies = await copiesOf({ id });
  const note = await fetchSession(id).catch((error: unknown) => {
    const known = unreachable(error) ? copies[0]?.note : undefined;
    if (!known) throw error;
    return known;
  });
  const doc = new NoteDoc({ person, server, vault, note });
  doc.take(copies);
  return doc;
}

/** It was left with unsaved text: saving goes on. */
function resumed(doc: NoteDoc): NoteDoc {
  void doc.autosave.retry();
  return doc;
}

const unreachable = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

/** A new note about a visit, or about a client alone. Answers the id of the note that the visit has already. */
export async function openNewNote(origin: Origin): Promise<NoteDoc | string> {
  const own = left(origin);
  if (own) return own.note ? own.note.id : resumed(own);
  const copies = await copiesOf(origin);
  const about = await aboutOf(origin).catch((error: unknown) => {
    const known = unreachable(error) ? copies[0]?.about : undefined;
    if (!known) throw error;
    return known;
  });
  const there = about.visit?.note?.id;
  return there && copies.length === 0 ? there : begin(origin, about, copies);
}

async function aboutOf(origin: Origin): Promise<About> {
  if ('client_id' in origin) return { client: await fetchClient(origin.client_id), visit: undefined };
  const visit = await fetchVisit(origin.appointment_id);
  return { client: visit.client, visit };
}

function begin(origin: Origin, { client: { id, full_name }, visit }: About, copies: LocalCopy[]): NoteDoc {
  const start = emptyContent(startOf(visit), visit ? minutesOf(visit) : null);
  const oncreated = (note: Session) => {
    if (location.pathname === '/sessions/new') setPath(`/sessions/${note.id}`);
  };
  const about = { client: { id, full_name }, visit };
  const doc = new NoteDoc({ person: session.person, server, vault, origin, about, start, oncreated });
  doc.take(copies);
  return doc;
}

function startOf(visit: Appointment | undefined): string {
  const now = Date.now();
  return new Date(visit ? Math.min(Date.parse(visit.starts_at), now) : now - (now % 60_000)).toISOString();
}

function minutesOf(visit: Appointment): number {
  return Math.min(480, Math.round((Date.parse(visit.ends_at) - Date.parse(visit.starts_at)) / 60_000));
}
