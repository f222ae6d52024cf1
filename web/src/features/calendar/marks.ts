/** What a card says beside the name: status, and what is still to be done. */
import type { Appointment } from '../../api/types';

export type Status = Appointment['status'];
export const statuses: readonly Status[] = ['scheduled', 'attended', 'no_show', 'cancelled'];

/** How long before its start a visit may be marked attended, as the server has it. */
const slack = 15 * 60_000;

export interface Marks {
  /** It is over, and nobody has said what became of it. */
  open: boolean;
  noteMissing: boolean;
  unpaid: boolean;
}

export function marksOf(visit: Appointment, now: number, clinical: boolean): Marks {
  const owed =
    (visit.price ?? 0) > 0 && (visit.payment_status === 'not_paid' || visit.payment_status === 'payment_sent');
  return {
    open: visit.status === 'scheduled' && Date.parse(visit.ends_at) < now,
    noteMissing: clinical && visit.status === 'attended' && !visit.note,
    unpaid: owed && visit.status === 'attended',
  };
}

/** The class of a card's colours and edge, see tones.css. */
export const toneOf = (visit: Appointment, marks: Marks): string => (marks.open ? 'st-open' : `st-${visit.status}`);

export const canAttend = (visit: Appointment, now: number): boolean => Date.parse(visit.starts_at) <= now + slack;

/** The statuses that the card offers, by what the visit is now. */
export function nextStatuses(visit: Appointment): Status[] {
  const signed = visit.note?.status === 'signed';
  switch (visit.status) {
    case 'scheduled':
      return visit.note ? ['attended', 'no_show'] : ['attended', 'no_show', 'cancelled'];
    case 'attended':
      return signed ? [] : visit.note ? ['scheduled'] : ['no_show', 'scheduled'];
    case 'no_show':
      return signed ? ['attended'] : ['attended', 'scheduled'];
    default:
      return signed ? [] : ['scheduled'];
  }
}
