/** What is said of text that the server has not got. No I/O. */
import { amendmentPlace, type Amendment } from './amendment';
import { placeOf, type NoteDoc, type Origin } from './doc.svelte';
import type { LocalCopy } from './localcopy';

/** `waiting` sends itself; the others need a person. What is `sealed` cannot be opened now, so that nobody can say whose it is. */
export type Why = 'waiting' | 'conflict' | 'stuck' | 'amendment' | 'sealed';

export interface Unsent {
  place: string;
  client: string;
  /** When the visit was. */
  date: string;
  href: string;
  why: Why;
}

export function unsentOf(doc: NoteDoc): Unsent {
  const { state } = doc.autosave;
  return {
    place: doc.place,
    client: doc.note?.client_name ?? doc.about?.client.full_name ?? '',
    date: doc.content.session_date,
    href: doc.note ? `/sessions/${doc.note.id}` : newHref(doc.origin!),
    why: state === 'conflict' || state === 'stuck' ? state : 'waiting',
  };
}

/** Of a copy that another tab has in hands. */
export function unsentCopy(copy: LocalCopy): Unsent {
  return {
    place: placeOfCopy(copy),
    client: copy.note?.client_name ?? copy.about?.client.full_name ?? '',
    date: copy.mine.session_date,
    href: copy.note ? `/sessions/${copy.note.id}` : newHref(originOf(copy)),
    why: 'waiting',
  };
}

export function unsentAmendment({ id, client_name, mine }: Amendment): Unsent {
  return {
    place: amendmentPlace(id),
    client: client_name,
    date: mine.session_date,
    href: `/sessions/${id}`,
    why: 'amendment',
  };
}

/** Copies that do not open: their key is not to be had. */
export const unopened: Unsent = { place: '', client: '', date: '', href: '', why: 'sealed' };

/** What a kept new note is about. */
export function originOf({ about }: LocalCopy): Origin {
  return about?.visit ? { appointment_id: about.visit.id } : { client_id: about?.client.id ?? '' };
}

export const placeOfCopy = (copy: LocalCopy): string => placeOf(copy.note ?? originOf(copy));

const newHref = (origin: Origin): string =>
  'appointment_id' in origin
    ? `/sessions/new?appointment=${origin.appointment_id}`
    : `/sessions/new?client=${origin.client_id}`;
