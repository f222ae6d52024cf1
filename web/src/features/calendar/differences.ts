/** What somebody else has changed in an appointment since it was looked at. */
import type { Appointment, AppointmentUpdate } from '../../api/types';

export const comparedFields = [
  'client',
  'starts_at',
  'ends_at',
  'status',
  'practitioner_id',
  'service_name',
  'location_name',
  'location_type',
  'location_details',
  'notes',
  'cancel_reason',
  'price',
  'payment_status',
  'payment_method',
  'payment_notes',
  'deleted_at',
] as const;
export type ComparedField = (typeof comparedFields)[number];

export interface Difference {
  field: ComparedField;
  before: Appointment;
  after: Appointment;
  /** My own change is about this field as well: applying it again replaces theirs. */
  mine: boolean;
}

/** The field of a change that shows as this one. */
const sentAs: Partial<Record<ComparedField, keyof AppointmentUpdate>> = {
  client: 'client_id',
  service_name: 'service_id',
  location_name: 'location_id',
};

export function differences(before: Appointment, after: Appointment, mine: AppointmentUpdate): Difference[] {
  return comparedFields
    .filter((field) => !same(before, after, field))
    .map((field) => ({ field, before, after, mine: (sentAs[field] ?? field) in mine }));
}

function same(a: Appointment, b: Appointment, field: ComparedField): boolean {
  if (field === 'client') return a.client_id === b.client_id;
  if (field === 'starts_at' || field === 'ends_at') return Date.parse(a[field]) === Date.parse(b[field]);
  return a[field] === b[field];
}
