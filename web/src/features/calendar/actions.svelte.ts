/** What a person does to appointments, with the words that follow: what was done, undo, what went wrong. */
import type { Appointment, AppointmentUpdate } from '../../api/types';
import { errorText } from '../../lib/errors';
import { t, tn } from '../../lib/i18n/index.svelte';
import { toast } from '../../lib/toast.svelte';
import { onPersonChange } from '../auth/session.svelte';
import { appointments } from './book.svelte';
import { Changes, type Times } from './changes.svelte';
import { slotOf } from './layout';
import { pay, remove, removeSeries, restore, update, updateSeries } from './queries';
import { aloneText, keptText, rangeText, shortDayText } from './texts';
import type { Status } from './marks';

export const changes = new Changes(appointments, { update, pay, remove, restore, updateSeries, removeSeries });

type Scope = 'one' | 'following' | 'all';

class Actions {
  /** The last refusal, which stays on the page until something succeeds. */
  failure = $state('');
  private readonly saving = new Map<string, Promise<unknown>>();

  move(visit: Appointment, to: Times, wait: number, zone: string): void {
    const failed = (error: unknown) => this.failed(error);
    changes.move(
      visit,
      to,
      wait,
      ({ visit: moved, from }) => {
        this.failure = '';
        const { day, start, end } = slotOf(moved, zone);
        const text = t('cal.moved', {
          name: moved.client.full_name,
          day: shortDayText(day),
          time: rangeText(start, end),
        });
        this.say(text + aloneText(moved), () => this.move(moved, from, 0, zone));
      },
      failed,
    );
  }

  /** Shows the new status at once. Cancelling can be undone from the message. */
  async status(visit: Appointment, status: Status, reason = ''): Promise<boolean> {
    const change: AppointmentUpdate = status === 'cancelled' && reason ? { status, cancel_reason: reason } : { status };
    const saved = await this.shown(visit, change, (seen) => changes.update(seen, change));
    if (saved && status === 'cancelled') {
      this.say(t('cal.cancelled', { name: saved.client.full_name }), () => void this.status(saved, visit.status));
    }
    return saved !== undefined;
  }

  /** Cancels what is to come of a series. */
  async cancelSeries(visit: Appointment, scope: 'following' | 'all', reason: string): Promise<boolean> {
    const change = { scope, status: 'cancelled', ...(reason ? { cancel_reason: reason } : {}) } as const;
    const done = await this.guarded(() => changes.updateSeries(visit, change));
    if (done) toast(tn('cal.cancelled.many', done.changed.length) + keptText(done.kept.length));
    return done !== undefined;
  }

  async pay(visit: Appointment, change: AppointmentUpdate): Promise<boolean> {
    return (await this.shown(visit, change, (seen) => changes.pay(seen, change))) !== undefined;
  }

  /** Deletes one with its draft or without, or what is to come of its series, where noted ones stay. */
  async remove(visit: Appointment, scope: Scope, note: 'keep' | 'delete' = 'keep'): Promise<boolean> {
    const name = visit.client.full_name;
    const undo = () => void this.restore(visit, scope !== 'one');
    try {
      if (scope === 'one') {
        await changes.remove(visit, note);
        this.say(t('cal.deleted', { name }), undo);
      } else {
        const { changed } = await changes.removeSeries(visit, scope);
        this.say(tn('cal.deleted.many', changed.length), undo);
      }
      this.failure = '';
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  /** Brings back what was deleted; a time that is taken by now is a question. */
  async restore(visit: Appointment, series = false): Promise<boolean> {
    const back = await this.guarded(() => changes.restore(visit, series));
    if (back) toast(t('cal.restored', { name: visit.client.full_name }));
    return back !== undefined;
  }

  /** One after another: the second of two quick presses must see the version that the first has made. */
  private async shown(
    visit: Appointment,
    change: AppointmentUpdate,
    run: (seen: Appointment) => Promise<Appointment | undefined>,
  ): Promise<Appointment | undefined> {
    appointments.assume(visit.id, change);
    const before = this.saving.get(visit.id) ?? Promise.resolve();
    const turn = before.then(() => this.guarded(() => run(appointments.stored(visit.id) ?? visit)));
    this.saving.set(visit.id, turn);
    const saved = await turn;
    if (this.saving.get(visit.id) === turn) {
      this.saving.delete(visit.id);
      appointments.settle(visit.id);
    }
    return saved;
  }

  private async guarded<T>(run: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await run();
      this.failure = '';
      return done;
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  private failed(error: unknown): void {
    this.failure = errorText(error);
    toast(this.failure, { kind: 'error' });
  }

  private say(text: string, undo: () => void): void {
    toast(text, { action: { label: t('action.undo'), run: undo } });
  }
}

export const actions = new Actions();
onPersonChange(() => (actions.failure = ''));
