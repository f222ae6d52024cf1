/** One appointment, or a series of them, while it is being written: what is on the form, and how it is saved. */
import { Attempt } from '../../api/attempt';
import type { FieldProblems } from '../../api/problem';
import type { Appointment, SeriesChoices, SeriesInput } from '../../api/types';
import { errorText, fieldsOf } from '../../lib/errors';
import { t, tn } from '../../lib/i18n/index.svelte';
import { toast } from '../../lib/toast.svelte';
import { changes } from './actions.svelte';
import { appointments } from './book.svelte';
import {
  changesOf,
  commonOf,
  draftOfSlot,
  draftOfVisit,
  inputOf,
  isChanged,
  lengthOf,
  validate,
  type Draft,
  type FormStart,
} from './form';
import { slotOf } from './layout';
import { book, bookSeries } from './queries';
import { firstRepeat, ruleOf, wrongIn, type Repeat } from './repeat';
import { aloneText, keptText, rangeText, shortDayText } from './texts';

export type Scope = 'one' | 'following' | 'all';

interface World {
  zone: string;
  currency: string;
  /** Whose a new appointment is, as long as nobody says otherwise. */
  self: string;
}

export class Editor {
  draft = $state<Draft>()!;
  repeat = $state<Repeat>();
  choices = $state<Required<SeriesChoices>>({ missing: 'refuse', repeated: 'refuse', conflicts: 'refuse' });
  /** Why a series may overlap, when that was chosen. */
  reason = $state('');
  scope = $state<Scope>('one');
  problems = $state.raw<FieldProblems>({});
  failure = $state('');
  busy = $state(false);
  readonly visit: Appointment | undefined;
  private readonly base: Draft;
  private readonly attempt = new Attempt();

  constructor(
    start: FormStart,
    private readonly world: World,
    kept?: Draft,
  ) {
    this.visit = start.kind === 'edit' ? start.visit : undefined;
    this.base =
      start.kind === 'edit'
        ? draftOfVisit(start.visit, world.zone, world.currency)
        : draftOfSlot(start.slot, start.practitioner ?? world.self);
    this.draft = kept ?? { ...this.base };
  }

  get dirty(): boolean {
    return isChanged(this.base, $state.snapshot(this.draft) as Draft);
  }

  get wrong(): boolean {
    return Object.keys(this.problems).length > 0;
  }

  /** What was wrong with a field is put right. */
  corrected(field: string): void {
    this.problems = Object.fromEntries(Object.entries(this.problems).filter(([name]) => name !== field));
  }

  setRepeating(on: boolean): void {
    this.repeat = on ? firstRepeat(this.draft.day) : undefined;
  }

  /** The body of a series, when the form says enough for one. */
  series(): SeriesInput | undefined {
    const draft = $state.snapshot(this.draft) as Draft;
    const { repeat } = this;
    if (!repeat || !draft.client || this.judge(draft) || wrongIn(repeat, draft.day)) return undefined;
    return {
      ...commonOf(draft, this.world.currency),
      local_start: `${draft.day}T${draft.start}`,
      duration_minutes: lengthOf(draft),
      rule: ruleOf($state.snapshot(repeat), draft.day),
      ...$state.snapshot(this.choices),
      ...(this.choices.conflicts === 'override' ? { reason: this.reason.trim() } : {}),
    };
  }

  private judge(draft: Draft): boolean {
    return Object.keys(validate(draft, this.world.zone, this.world.currency)).length > 0;
  }

  /** Saves, and answers what was saved; nothing when something is still to be put right or to be decided. */
  async save(): Promise<Appointment | undefined> {
    if (this.busy) return undefined;
    const draft = $state.snapshot(this.draft) as Draft;
    this.failure = '';
    this.problems = validate(draft, this.world.zone, this.world.currency);
    if (this.repeat && this.choices.conflicts === 'override' && !this.reason.trim()) {
      this.problems = { ...this.problems, reason: { code: 'required', message: '' } };
    }
    if (this.wrong || (this.repeat && wrongIn(this.repeat, draft.day))) return undefined;
    this.busy = true;
    try {
      if (this.visit) return await this.change(this.visit, draft);
      return this.repeat ? await this.bookSeries() : await this.book(draft);
    } catch (error) {
      this.problems = fieldsOf(error);
      if (!this.wrong) this.failure = errorText(error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  private async book(draft: Draft): Promise<Appointment | undefined> {
    const body = inputOf(draft, this.world.zone, this.world.currency);
    const saved = await changes.insist(undefined, {}, (_, override) => {
      const whole = { ...body, ...override };
      return book(whole, this.attempt.keyFor(whole));
    });
    if (!saved) return undefined;
    appointments.put(saved);
    const { day, start, end } = slotOf(saved, this.world.zone);
    const undo = { label: t('action.undo'), run: () => void changes.remove(saved) };
    const text = t('cal.booked', { name: saved.client.full_name, day: shortDayText(day), time: rangeText(start, end) });
    toast(text, { action: undo });
    return saved;
  }

  private async bookSeries(): Promise<Appointment | undefined> {
    const body = this.series();
    if (!body) return undefined;
    const { appointments: made } = await bookSeries(body, this.attempt.keyFor(body));
    appointments.put(...made);
    const [first] = made;
    if (!first) return undefined;
    const undo = () => void changes.removeSeries(first, 'all');
    toast(tn('cal.booked.many', made.length), { action: { label: t('action.undo'), run: undo } });
    return first;
  }

  private async change(visit: Appointment, draft: Draft): Promise<Appointment | undefined> {
    const change = changesOf(this.base, draft, this.world.zone, this.world.currency);
    if (Object.keys(change).length === 0) return visit;
    if (this.scope === 'one') {
      const saved = await changes.update(visit, change);
      if (saved) toast(t('cal.saved') + aloneText(saved));
      return saved;
    }
    const done = await changes.updateSeries(visit, { ...change, scope: this.scope, ...$state.snapshot(this.choices) });
    if (!done) return undefined;
    toast(tn('cal.saved.many', done.changed.length) + keptText(done.kept.length));
    return done.changed.find(({ id }) => id === visit.id) ?? visit;
  }
}
