/** What the appointment form knows: its fields, what they mean in time and money, and what was changed. No I/O. */
import type { FieldProblems } from '../../api/problem';
import type { Appointment, AppointmentInput, AppointmentUpdate, Service } from '../../api/types';
import { addDays, dayMinutes, instantsOf, isDay, isoOf, weekday, type Day } from '../../lib/zone';
import { minuteOf } from './hours';
import { slotOf, type Slot } from './layout';
import { amountText, clockText, minorOf } from './texts';

export type FormStart =
  { kind: 'new'; slot: Slot; client?: string; practitioner?: string } | { kind: 'edit'; visit: Appointment };

export interface Person {
  id: string;
  full_name: string;
}

export interface Draft {
  client: Person | undefined;
  practitioner: string;
  service: string;
  location: string;
  placeType: Appointment['location_type'];
  details: string;
  day: Day;
  /** As time fields have them. An end that is not after the start is on the next day. */
  start: string;
  end: string;
  price: string;
  notes: string;
}

export const placeTypes = ['clinic', 'home', 'online'] as const satisfies Draft['placeType'][];
export const lengths = [30, 45, 50, 60, 90] as const;
export const limits = { details: 2000, notes: 10_000 };

export function draftOfSlot(slot: Slot, practitioner: string): Draft {
  const { day, start, end } = slot;
  const empty = { service: '', location: '', details: '', price: '', notes: '' };
  return {
    client: undefined,
    practitioner,
    ...empty,
    placeType: 'clinic',
    day,
    start: clockText(start),
    end: clockText(end),
  };
}

export function draftOfVisit(visit: Appointment, zone: string, currency: string): Draft {
  const { day, start, end } = slotOf(visit, zone);
  return {
    client: visit.client,
    practitioner: visit.practitioner_id,
    service: visit.service_id ?? '',
    location: visit.location_id ?? '',
    placeType: visit.location_type,
    details: visit.location_details ?? '',
    day,
    start: clockText(start),
    end: clockText(end),
    price: amountText(visit.price, visit.currency ?? currency),
    notes: visit.notes ?? '',
  };
}

/** Minutes from the start to the end, past midnight where the end comes first on the clock. */
export function lengthOf({ start, end }: Pick<Draft, 'start' | 'end'>): number {
  return (minuteOf(end) - minuteOf(start) + dayMinutes) % dayMinutes;
}

export const endAfter = (start: string, length: number): string => clockText(minuteOf(start) + length);

export const isTime = (text: string): boolean => /^\d\d:\d\d$/.test(text);

/** Whether date and times say when it is. */
export const isWhen = (draft: Draft): boolean =>
  isDay(draft.day) && isTime(draft.start) && isTime(draft.end) && lengthOf(draft) > 0;

export function instants(draft: Draft, zone: string): { starts_at: string; ends_at: string } {
  const start = minuteOf(draft.start);
  return { starts_at: isoOf(draft.day, start, zone), ends_at: isoOf(draft.day, start + lengthOf(draft), zone) };
}

/** The day on which it ends, when that is another one. */
export function endDay(draft: Draft): Day | undefined {
  return isWhen(draft) && minuteOf(draft.start) + lengthOf(draft) > dayMinutes ? addDays(draft.day, 1) : undefined;
}

/** The length and the price of a service, where the person has not said otherwise. */
export function withService(
  draft: Draft,
  service: Service | undefined,
  before: Service | undefined,
  currency: string,
): Draft {
  const next = { ...draft, service: service?.id ?? '' };
  if (!service) return next;
  const old = amountText(before?.price ?? null, before?.currency ?? currency);
  if (draft.price.trim() === '' || draft.price === old)
    next.price = amountText(service.price, service.currency ?? currency);
  if (isTime(draft.start)) next.end = endAfter(draft.start, service.default_duration_minutes);
  return next;
}

export function validate(draft: Draft, zone: string, currency: string): FieldProblems {
  const found: FieldProblems = {};
  const note = (name: string, code: string) => (found[name] ??= { code, message: '' });
  if (!draft.client) note('client_id', 'required');
  if (!isDay(draft.day)) note('date', 'required');
  if (!isTime(draft.start)) note('starts_at', 'required');
  if (!isTime(draft.end)) note('ends_at', 'required');
  if (Object.keys(found).every((name) => name === 'client_id')) {
    if (lengthOf(draft) === 0) note('ends_at', 'order');
    if (instantsOf(draft.day, minuteOf(draft.start), zone).length === 0) note('starts_at', 'missing');
  }
  if (Number.isNaN(minorOf(draft.price, currency))) note('price', 'amount');
  if ([...draft.notes].length > limits.notes) note('notes', 'too_long');
  if ([...draft.details].length > limits.details) note('location_details', 'too_long');
  return found;
}

/** The body of a booking: what is empty is left out, but a price that was emptied is none. */
export function inputOf(draft: Draft, zone: string, currency: string): AppointmentInput {
  return { ...instants(draft, zone), ...commonOf(draft, currency) };
}

/** What a single appointment and a series have in common. */
export function commonOf(draft: Draft, currency: string) {
  const optional = {
    practitioner_id: draft.practitioner,
    service_id: draft.service,
    location_id: draft.location,
    location_details: draft.location ? '' : draft.details.trim(),
    notes: draft.notes.trim(),
  };
  const said = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== ''));
  const place = draft.location ? {} : { location_type: draft.placeType };
  return { client_id: draft.client!.id, ...said, ...place, price: minorOf(draft.price, currency) };
}

const sameText = (a: string, b: string): boolean => a.trim() === b.trim();

/** The body of an update: only what was changed; null clears. */
export function changesOf(base: Draft, draft: Draft, zone: string, currency: string): AppointmentUpdate {
  const change: AppointmentUpdate = {};
  if (base.client?.id !== draft.client?.id) change.client_id = draft.client!.id;
  if (base.practitioner !== draft.practitioner) change.practitioner_id = draft.practitioner;
  if (base.service !== draft.service) change.service_id = draft.service || null;
  if (base.location !== draft.location) change.location_id = draft.location || null;
  if (!draft.location && base.placeType !== draft.placeType) change.location_type = draft.placeType;
  if (!sameText(base.details, draft.details)) change.location_details = draft.details.trim() || null;
  if (!sameText(base.notes, draft.notes)) change.notes = draft.notes.trim() || null;
  if (minorOf(base.price, currency) !== minorOf(draft.price, currency)) change.price = minorOf(draft.price, currency);
  if (base.day !== draft.day || base.start !== draft.start || base.end !== draft.end) {
    Object.assign(change, instants(draft, zone));
  }
  return change;
}

export function isChanged(base: Draft, draft: Draft): boolean {
  const { client: a, ...one } = base;
  const { client: b, ...other } = draft;
  return a?.id !== b?.id || JSON.stringify(one) !== JSON.stringify(other);
}

/** Which one of its weekday in the month a day is: 1 to 5, and whether it is the last. */
export function nthOf(day: Day): { nth: number; last: boolean; weekday: number } {
  const date = Number(day.slice(8));
  return { nth: Math.ceil(date / 7), last: addDays(day, 7).slice(5, 7) !== day.slice(5, 7), weekday: weekday(day) };
}
