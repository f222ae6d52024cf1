import type { Appointment, Me } from '../../api/types';

/** Whether this person can write the note of a visit, and nobody has begun it. */
export function isToWrite(visit: Appointment, user: Pick<Me['user'], 'id' | 'role'>): boolean {
  const came = visit.status === 'attended' || visit.status === 'scheduled';
  return came && !visit.note && (visit.practitioner_id === user.id || user.role === 'owner');
}
