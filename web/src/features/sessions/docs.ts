/** Opens notes: from the server, or from what this device has kept of them. */
import { ApiError } from '../../api/problem';
import type { Appointment, Session } from '../../api/types';
import { byItself } from '../../lib/paged.svelte';
import { setPath } from '../../lib/router.svelte';
import { vault } from '../auth/draftkey';
import { onPersonChange, session } from '../auth/session.svelte';
import { emptyContent, type Content } from './content';
import { NoteDoc, placeOf, type Origin } from './doc.svelte';
import { copyPlace, type About, type LocalCopy } from './localcopy';
import { Outbox } from './outbox.svelte';
import { heldPlaces } from './places';
import { copySections, createSession, fetchClient, fetchSession, fetchVisit, saveDraft, signSession } from './queries';
import { originOf } from './unsent';

const server = {
  read: (id: string) => fetchSession(id, byItself),
  create: createSession,
  save: saveAndTell,
  sign: signSession,
  copy: copySections,
};

export const outbox: Outbox = new Outbox({
  person: () => session.person,
  signedIn: () => session.phase === 'in',
  vault,
  revive,
  held: heldPlaces,
  nudge: () => tabs?.postMessage({ send: true } satisfies Told),
});

const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('pazpaz-notes');
if (tabs) tabs.onmessage = ({ data }: MessageEvent<Told>) => void hear(data);
onPersonChange((person) => outbox.keepOnly(person));

/** What the tabs of a browser tell each other: to send what they hold, or what a person has saved. */
type Told = { send: true } | { person: string; note: Session };

function hear(told: Told): void {
  if ('send' in told) void outbox.send();
  else if (told.person === session.person) outbox.offer(told.note);
}

/** The server announces no save of a draft, there are so many: the other tabs hear of it here. */
async function saveAndTell(...save: Parameters<typeof saveDraft>): Promise<Session> {
  const { person } = session;
  const note = await saveDraft(...save);
  tabs?.postMessage({ person, note } satisfies Told);
  return note;
}

const copiesOf = (of: { id: string } | Origin): Promise<LocalCopy[]> =>
  vault.findAll<LocalCopy>(session.person, copyPlace(placeOf(of)));

export async function openNote(id: string): Promise<NoteDoc> {
  const own = outbox.back(placeOf({ id }));
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

/** A note out of what the device kept of it, without asking the server: its answer to the save says what has changed since. */
function revive(copies: LocalCopy[]): NoteDoc {
  const own = copies.toSorted((a, b) => (b.note?.version ?? 0) - (a.note?.version ?? 0));
  const { note, about, base } = own[0]!;
  const doc = note
    ? new NoteDoc({ person: session.person, server, vault, note })
    : begun(originOf(own[0]!), about!, base);
  doc.take(own);
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
  const own = outbox.back(placeOf(origin));
  if (own) return resumed(own);
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
  const doc = begun(origin, { client: { id, full_name }, visit }, start);
  doc.take(copies);
  return doc;
}

function begun(origin: Origin, about: About, start: Content): NoteDoc {
  const oncreated = (note: Session) => {
    const shown = location.pathname === '/sessions/new' && originIn(new URLSearchParams(location.search));
    if (shown && placeOf(shown) === placeOf(origin)) setPath(`/sessions/${note.id}`);
  };
  return new NoteDoc({ person: session.person, server, vault, origin, about, start, oncreated });
}

/** What the page of a new note is asked for in its address. */
export function originIn(search: URLSearchParams): Origin | undefined {
  const [appointment_id, client_id] = [search.get('appointment'), search.get('client')];
  return appointment_id ? { appointment_id } : client_id ? { client_id } : undefined;
}

function startOf(visit: Appointment | undefined): string {
  const now = Date.now();
  return new Date(visit ? Math.min(Date.parse(visit.starts_at), now) : now - (now % 60_000)).toISOString();
}

function minutesOf(visit: Appointment): number {
  return Math.min(480, Math.round((Date.parse(visit.ends_at) - Date.parse(visit.starts_at)) / 60_000));
}
