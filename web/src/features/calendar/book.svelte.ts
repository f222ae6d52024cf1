/**
 * The appointments that the calendar knows. Each is kept once, whatever view has asked for it, so that a change shows in all of
 * them; a change that is on its way lies over it and falls off when the server refuses.
 */
import { isAbort } from '../../api/problem';
import type { Appointment } from '../../api/types';
import { onPersonChange } from '../auth/session.svelte';
import { fetchRange, type Range } from './queries';

type Load = (range: Range, signal: AbortSignal, background?: boolean) => Promise<Appointment[]>;

const freshFor = 20_000;

export class AppointmentBook {
  loading = $state(false);
  error = $state.raw<unknown>();
  private saved = $state.raw<ReadonlyMap<string, Appointment>>(new Map());
  private assumed = $state.raw<ReadonlyMap<string, Partial<Appointment>>>(new Map());
  private answered = $state.raw<ReadonlyMap<string, number>>(new Map());
  private asking: AbortController | undefined;
  private shown: Range | undefined;

  constructor(
    private readonly load: Load,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether anything is known of this stretch of time: an empty one is an answer too. */
  knows(range: Range): boolean {
    return this.answered.has(keyOf(range));
  }

  get(id: string): Appointment | undefined {
    const saved = this.saved.get(id);
    const over = this.assumed.get(id);
    return saved && over ? { ...saved, ...over } : saved;
  }

  /** As the server has it, without what is on its way. */
  stored(id: string): Appointment | undefined {
    return this.saved.get(id);
  }

  isSaving(id: string): boolean {
    return this.assumed.has(id);
  }

  within(range: Range): Appointment[] {
    const found: Appointment[] = [];
    for (const id of this.saved.keys()) {
      const visit = this.get(id)!;
      if (!visit.deleted_at && matches(visit, range)) found.push(visit);
    }
    return found.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at) || (a.id < b.id ? -1 : 1));
  }

  /** Asks for a stretch of time unless its answer is recent. A new question aborts the one before. */
  async show(range: Range, { force = false, background = false } = {}): Promise<void> {
    const at = this.answered.get(keyOf(range));
    this.asking?.abort();
    this.shown = range;
    if (!force && at !== undefined && this.now() - at < freshFor) {
      this.loading = false;
      return;
    }
    const { signal } = (this.asking = new AbortController());
    this.loading = true;
    try {
      const visits = await this.load(range, signal, background);
      if (signal.aborted) return;
      this.take(range, visits);
      this.error = undefined;
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.error = error;
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  /** Looks ahead: the next page is there when it is turned to. */
  async foresee(range: Range): Promise<void> {
    if (this.knows(range)) return;
    const visits = await this.load(range, new AbortController().signal, true).catch(() => undefined);
    if (visits && !this.knows(range)) this.take(range, visits);
  }

  put(...visits: Appointment[]): void {
    const next = new Map(this.saved);
    for (const visit of visits) next.set(visit.id, visit);
    this.saved = next;
  }

  /** Shows a change before the server has answered. */
  assume(id: string, change: Partial<Appointment>): void {
    this.assumed = new Map(this.assumed).set(id, { ...this.assumed.get(id), ...change });
  }

  /** The answer is there, or the change was refused: what is stored counts again. */
  settle(id: string): void {
    if (!this.assumed.has(id)) return;
    const next = new Map(this.assumed);
    next.delete(id);
    this.assumed = next;
  }

  /** Everything may have changed: what is shown next is asked for again, and what is there stays until then. */
  distrust(): void {
    this.answered = new Map([...this.answered.keys()].map((key) => [key, 0]));
  }

  /** Asks again for what is on the screen, and distrusts the rest. */
  refresh(background = false): void {
    this.distrust();
    if (this.shown) void this.show(this.shown, { force: true, background });
  }

  reset(): void {
    this.shown = undefined;
    this.asking?.abort();
    this.saved = new Map();
    this.assumed = new Map();
    this.answered = new Map();
    this.loading = false;
    this.error = undefined;
  }

  private take(range: Range, visits: readonly Appointment[]): void {
    const next = new Map(this.saved);
    for (const [id, visit] of next) if (matches(visit, range)) next.delete(id);
    for (const visit of visits) {
      const known = this.saved.get(visit.id);
      // An answer that was under way during a save is older than the save.
      next.set(visit.id, known && known.version > visit.version ? known : visit);
    }
    this.saved = next;
    this.answered = new Map(this.answered).set(keyOf(range), this.now());
  }
}

const keyOf = ({ from, to, practitioner }: Range): string => `${from} ${to} ${practitioner}`;

function matches(visit: Appointment, { from, to, practitioner }: Range): boolean {
  const ours = practitioner === '' || visit.practitioner_id === practitioner;
  return ours && Date.parse(visit.starts_at) < Date.parse(to) && Date.parse(visit.ends_at) > Date.parse(from);
}

export const appointments = new AppointmentBook(fetchRange);
onPersonChange(() => appointments.reset());
