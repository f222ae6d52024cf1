/** What the calendar shows and does, apart from how it looks: the days, whose they are, what is held and where it goes. */
import type { Appointment, Me } from '../../api/types';
import { initials } from '../../lib/format';
import { addDays, instantOf, isoOf, wallOf } from '../../lib/zone';
import { actions } from './actions.svelte';
import { appointments } from './book.svelte';
import { catalog } from './catalog.svelte';
import { Clock } from './clock.svelte';
import type { Times } from './changes.svelte';
import type { CardState } from './grid';
import { firstDay } from './hours';
import { slotOf, type Slot } from './layout';
import { marksOf } from './marks';
import { placeOf, type Place } from './place';
import { Probe } from './probe.svelte';
import { fetchClashes, type ClashQuery, type Range } from './queries';
import { spoken, spokenSlot } from './spoken';
import { daysOf, step } from './view';

/** The times of a slot. What is moved lasts as long as before, also over a change of the clocks; a pulled edge is a time. */
export function timesOf(slot: Slot, zone: string, visit?: Appointment): Times {
  const starts_at = isoOf(slot.day, slot.start, zone);
  const was = visit && slotOf(visit, zone);
  if (visit && was && was.end - was.start === slot.end - slot.start) {
    const length = Date.parse(visit.ends_at) - Date.parse(visit.starts_at);
    return { starts_at, ends_at: new Date(instantOf(slot.day, slot.start, zone) + length).toISOString() };
  }
  const kept = visit && was && was.day === slot.day && was.start === slot.start;
  return { starts_at: kept ? visit.starts_at : starts_at, ends_at: isoOf(slot.day, slot.end, zone) };
}

export class Desk {
  readonly zone: string;
  readonly clock: Clock;
  readonly probe = new Probe(fetchClashes);
  readonly clinical: boolean;
  place = $state.raw<Place>()!;
  /** Where something is being held or was put, for those who hear it. */
  private over = $state.raw<Slot>();
  private readonly first: number;

  readonly days = $derived.by(() => daysOf(this.place.view, this.place.day, this.first));
  readonly range = $derived.by(() => this.rangeOf(this.days));
  readonly visits = $derived.by(() => appointments.within(this.range));
  readonly people = $derived.by(() =>
    catalog.practitioners.items.filter((person) => person.is_active || person.id === this.place.practitioner),
  );
  readonly said = $derived.by(() =>
    this.over ? spokenSlot(this.over.day, this.over.start, this.over.end, this.probe.clashes) : '',
  );
  private readonly names = $derived.by(
    () => new Map(catalog.practitioners.items.map(({ id, full_name }) => [id, full_name])),
  );

  constructor(
    private readonly me: Me,
    search: URLSearchParams,
    narrow: boolean,
  ) {
    this.zone = me.workspace.time_zone;
    this.first = firstDay(me.workspace.week_start);
    this.clinical = me.user.role !== 'assistant';
    this.clock = new Clock(() => this.zone);
    this.place = placeOf(search, { view: narrow ? 'day' : 'week', day: wallOf(Date.now(), this.zone).day });
  }

  private rangeOf(days: readonly string[]): Range {
    const to = isoOf(addDays(days.at(-1)!, 1), 0, this.zone);
    return { from: isoOf(days[0]!, 0, this.zone), to, practitioner: this.place.practitioner };
  }

  go(change: Partial<Place>): void {
    this.place = { ...this.place, ...change };
  }

  turn(count: number): void {
    this.go({ day: step(this.place.view, this.place.day, count) });
  }

  /** Loads what is shown, then the pages beside it. */
  async show(range: Range): Promise<void> {
    await appointments.show(range);
    if (appointments.error || this.place.view === 'month') return;
    for (const count of [1, -1]) {
      if (range !== this.range) return;
      await appointments.foresee(
        this.rangeOf(daysOf(this.place.view, step(this.place.view, this.place.day, count), this.first)),
      );
    }
  }

  /** The name of a practitioner, where there are several. */
  whose(id: string): string {
    return this.names.size > 1 ? (this.names.get(id) ?? '') : '';
  }

  /** The next full hour of the day that is shown. */
  nextSlot(): Slot {
    const { day, minute } = this.clock.wall;
    if (!this.days.includes(day)) return { day: this.place.day, start: 9 * 60, end: 10 * 60 };
    const start = Math.min(Math.ceil((minute + 1) / 60), 22) * 60;
    return { day, start, end: start + 60 };
  }

  /** Something is held over a time; asks who is there already. */
  hold(slot: Slot | undefined, visit: Appointment | undefined): void {
    if (!slot) return this.probe.stop();
    this.over = slot;
    const practitioner = visit?.practitioner_id ?? (this.place.practitioner || (this.clinical ? this.me.user.id : ''));
    const query: ClashQuery = { ...timesOf(slot, this.zone, visit) };
    if (practitioner) query.practitioner_id = practitioner;
    if (visit) query.exclude_appointment_id = visit.id;
    if (visit?.service_id) query.service_id = visit.service_id;
    if (visit?.location_id) query.location_id = visit.location_id;
    this.probe.look(query, this.visits);
  }

  move(visit: Appointment, slot: Slot, wait: number): void {
    this.hold(slot, visit);
    this.probe.pause();
    actions.move(visit, timesOf(slot, this.zone, visit), wait, this.zone);
    if (!this.days.includes(slot.day)) this.go({ day: slot.day });
  }

  stateOf(visit: Appointment, opened: string | undefined): CardState {
    const whose = this.place.practitioner === '' && this.people.length > 1 ? this.whose(visit.practitioner_id) : '';
    const now = this.clock.at;
    return {
      label: spoken(visit, this.zone, now, this.clinical, whose),
      marks: marksOf(visit, now, this.clinical),
      whose: initials(whose),
      saving: appointments.isSaving(visit.id),
      open: opened === visit.id,
      reachable: false,
      held: false,
    };
  }
}
