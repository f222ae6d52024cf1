/**
 * Changes of appointments as a person makes them: shown at once, sent one after another, taken back when the server refuses.
 * A time that is taken and a version that is old are questions, not errors: the page shows them and answers.
 */
import { ApiError } from '../../api/problem';
import type { Appointment, AppointmentUpdate, Clash, SeriesChanged, SeriesUpdate } from '../../api/types';
import type { AppointmentBook } from './book.svelte';
import { differences, type Difference } from './differences';

export type Question =
  | { kind: 'overlap'; clashes: Clash[]; answer: (reason: string | undefined) => void }
  | { kind: 'stale'; changed: Difference[]; current: Appointment; answer: (again: boolean) => void };

export interface Server {
  update: (id: string, body: AppointmentUpdate) => Promise<Appointment>;
  pay: (id: string, body: AppointmentUpdate & { version: number }) => Promise<Appointment>;
  remove: (id: string, note: 'keep' | 'delete') => Promise<void>;
  restore: (id: string, body: { series?: boolean; override?: boolean; reason?: string }) => Promise<Appointment>;
  updateSeries: (id: string, body: SeriesUpdate) => Promise<SeriesChanged>;
  removeSeries: (id: string, scope: 'following' | 'all') => Promise<SeriesChanged>;
}

export interface Times {
  starts_at: string;
  ends_at: string;
}

interface Move {
  from: Times;
  wanted: Times;
  timer?: ReturnType<typeof setTimeout>;
  sending: boolean;
}

export interface Moved {
  visit: Appointment;
  from: Times;
}

interface Override {
  override?: boolean;
  reason?: string;
}

export class Changes {
  question = $state.raw<Question>();
  private readonly moves = new Map<string, Move>();

  constructor(
    private readonly book: AppointmentBook,
    private readonly server: Server,
  ) {}

  /**
   * Moves an appointment. Several moves within `wait` milliseconds are one: that is how arrow keys come. `done` hears of the
   * end of it, `failed` of what the server said instead.
   */
  move(
    visit: Appointment,
    to: Times,
    wait: number,
    done: (moved: Moved) => void,
    failed: (error: unknown) => void,
  ): void {
    const { starts_at, ends_at } = this.book.stored(visit.id) ?? visit;
    const move = this.moves.get(visit.id) ?? { from: { starts_at, ends_at }, wanted: to, sending: false };
    move.wanted = to;
    this.moves.set(visit.id, move);
    this.book.assume(visit.id, to);
    clearTimeout(move.timer);
    move.timer = setTimeout(() => void this.send(visit.id, move, done, failed), wait);
  }

  private async send(
    id: string,
    move: Move,
    done: (moved: Moved) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    if (move.sending) return;
    move.sending = true;
    let saved: Appointment | undefined;
    try {
      for (let sent: Times | undefined; sent !== move.wanted;) {
        sent = move.wanted;
        saved = await this.update(this.book.stored(id)!, sent);
        if (!saved) break;
      }
    } catch (error) {
      saved = undefined;
      failed(error);
    }
    clearTimeout(move.timer);
    this.moves.delete(id);
    this.book.settle(id);
    if (saved) done({ visit: saved, from: move.from });
  }

  /** Saves fields of one appointment. Nothing comes back when the person decided against it. */
  update(seen: Appointment, change: AppointmentUpdate): Promise<Appointment | undefined> {
    return this.insist(seen, change, async (version, override) => {
      const saved = await this.server.update(seen.id, { ...change, ...override, version });
      this.book.put(saved);
      return saved;
    });
  }

  pay(seen: Appointment, change: AppointmentUpdate): Promise<Appointment | undefined> {
    return this.insist(seen, change, async (version) => {
      const saved = await this.server.pay(seen.id, { ...change, version });
      this.book.put(saved);
      return saved;
    });
  }

  updateSeries(seen: Appointment, change: SeriesUpdate): Promise<SeriesChanged | undefined> {
    return this.insist(seen, change, async (version, override) => {
      const done = await this.server.updateSeries(seen.id, { ...change, ...override, version });
      this.book.refresh();
      return done;
    });
  }

  async remove(visit: Appointment, note: 'keep' | 'delete' = 'keep'): Promise<void> {
    this.book.assume(visit.id, { deleted_at: new Date().toISOString() });
    try {
      await this.server.remove(visit.id, note);
      this.book.put({ ...visit, deleted_at: new Date().toISOString() });
    } finally {
      this.book.settle(visit.id);
    }
  }

  async removeSeries(visit: Appointment, scope: 'following' | 'all'): Promise<SeriesChanged> {
    const done = await this.server.removeSeries(visit.id, scope);
    this.book.refresh();
    return done;
  }

  restore(visit: Appointment, series = false): Promise<Appointment | undefined> {
    return this.insist(visit, {}, async (_, override) => {
      const back = await this.server.restore(visit.id, { ...(series ? { series } : {}), ...override });
      this.book.put(back);
      if (series) this.book.refresh();
      return back;
    });
  }

  /** Tries until it is saved or the person gives up: over a time that is taken, and again after somebody else's change. */
  async insist<T>(
    seen: Appointment | undefined,
    change: AppointmentUpdate,
    attempt: (version: number, override: Override) => Promise<T>,
  ): Promise<T | undefined> {
    let known = seen;
    let override: Override = {};
    for (;;) {
      try {
        return await attempt(known?.version ?? 0, override);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === 'overlap') {
          const reason = await this.askOverlap((error.problem.conflicting_appointments ?? []) as Clash[]);
          if (reason === undefined) return undefined;
          override = { override: true, reason };
        } else if (error.code === 'stale' && known) {
          const current = error.problem.current as Appointment;
          this.book.put(current);
          if (!(await this.askStale(known, current, change))) return undefined;
          known = current;
        } else throw error;
      }
    }
  }

  private askOverlap(clashes: Clash[]): Promise<string | undefined> {
    return new Promise((resolve) => {
      const answer = (reason: string | undefined) => {
        this.question = undefined;
        resolve(reason);
      };
      this.question = { kind: 'overlap', clashes, answer };
    });
  }

  private askStale(seen: Appointment, current: Appointment, mine: AppointmentUpdate): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (again: boolean) => {
        this.question = undefined;
        resolve(again);
      };
      this.question = { kind: 'stale', changed: differences(seen, current, mine), current, answer };
    });
  }
}
