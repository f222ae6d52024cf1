/** Who is there already, as far as the calendar knows before it has asked the server. */
import type { Appointment, Clash } from '../../api/types';

export interface Wanted {
  id?: string;
  practitioner: string | undefined;
  from: number;
  to: number;
}

const minutes = (count: number): number => count * 60_000;

export function localClashes(visits: readonly Appointment[], wanted: Wanted): Clash[] {
  return visits.filter((visit) => isInTheWay(visit, wanted)).map(clashOf);
}

function isInTheWay(visit: Appointment, { id, practitioner, from, to }: Wanted): boolean {
  if (visit.id === id || visit.deleted_at || !(visit.status === 'scheduled' || visit.status === 'attended'))
    return false;
  if (practitioner && visit.practitioner_id !== practitioner) return false;
  const begins = Date.parse(visit.starts_at) - minutes(visit.buffer_before_minutes);
  const ends = Date.parse(visit.ends_at) + minutes(visit.buffer_after_minutes);
  return begins < to && from < ends;
}

function clashOf(visit: Appointment): Clash {
  return {
    id: visit.id,
    practitioner_id: visit.practitioner_id,
    starts_at: visit.starts_at,
    ends_at: visit.ends_at,
    status: visit.status === 'attended' ? 'attended' : 'scheduled',
    location_type: visit.location_type,
    client_initials: [visit.client.first_name, visit.client.last_name].map(letter).join(''),
    room: false,
  };
}

const letter = (name: string): string => (name.trim() ? `${[...name.trim()][0]!.toLocaleUpperCase()}.` : '');

/** What the page shows already. */
export interface Known {
  get(id: string): Appointment | undefined;
}

/** Who is there: by name where the page shows that visit anyway, else by the initials that the server gives. */
export function whoIs(clash: Clash, known: Known): string {
  return known.get(clash.id)?.client.full_name ?? (clash.client_initials || '–');
}

/** Who is there, each in its own direction of writing. */
export function whoAre(clashes: readonly Clash[], known: Known): string {
  return clashes.map((clash) => `\u2068${whoIs(clash, known)}\u2069`).join(', ');
}
