import { ApiError, isAbort } from '../../api/problem';

export const idleWait = 750;
/** While somebody types on and on, a save still happens this often. */
export const longestWait = 5000;
const retries = [1000, 2000, 4000, 8000, 15_000, 30_000];

/**
 * `stuck`: the server refused for a reason that waiting does not change. `conflict`: it holds a newer version, and a person must
 * decide.
 */
export type SaveState = 'idle' | 'waiting' | 'saving' | 'saved' | 'offline' | 'conflict' | 'stuck';

/** What becomes of a save that met a 409. */
export type Met = 'again' | 'conflict' | 'stuck';

export interface Work {
  /** Whether there is something that the server does not have. */
  dirty: () => boolean;
  /** Sends what is there now. What it throws decides about another try. */
  save: () => Promise<void>;
  /** Called with a 409: whether to try again, to ask the person, or to say that it cannot be saved. */
  clash: (error: ApiError) => Promise<Met>;
}

/**
 * Decides when a note is saved: shortly after typing stops, now and then while it does not, at once when the person leaves the
 * field or the page. One save at a time; what fails for want of a connection is tried again, more and more slowly.
 */
export class Autosave {
  state = $state<SaveState>('idle');
  savedAt = $state<number>();
  error = $state.raw<unknown>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private since: number | undefined;
  private running: Promise<void> | undefined;
  private failures = 0;
  private ended = false;

  constructor(
    private readonly work: Work,
    private readonly now: () => number = Date.now,
  ) {}

  /** Something was typed. */
  touched(): void {
    if (this.ended || this.state === 'conflict') return;
    this.since ??= this.now();
    if (this.state === 'offline') return; // the retry will take it along
    if (!this.running) this.state = 'waiting';
    this.plan(Math.min(idleWait, this.since + longestWait - this.now()));
  }

  /** Saves now what there is to save, and waits for it. Answers whether the server has everything. */
  async flush(): Promise<boolean> {
    if (this.state === 'conflict' || this.ended) return !this.work.dirty();
    clearTimeout(this.timer);
    await this.running;
    if (this.work.dirty() && this.canSave()) await this.run();
    return !this.work.dirty();
  }

  /** The connection is back, or the person wants to try now. */
  async retry(): Promise<boolean> {
    this.failures = 0;
    return this.flush();
  }

  /** The person has decided about a conflict: saving goes on. */
  async settled(): Promise<void> {
    this.state = 'waiting';
    await this.flush();
  }

  /** No save after this one: the note is left, signed or deleted. */
  stop(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private canSave(): boolean {
    return this.state !== 'conflict' && !this.ended;
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), Math.max(0, wait));
  }

  private run(): Promise<void> {
    this.running ??= this.attempt().finally(() => (this.running = undefined));
    return this.running;
  }

  private async attempt(): Promise<void> {
    this.state = 'saving';
    this.since = undefined;
    try {
      await this.work.save();
      this.failures = 0;
      this.error = undefined;
      this.savedAt = this.now();
      this.state = 'saved';
      if (this.work.dirty()) this.touchedMeanwhile();
    } catch (error) {
      if (!isAbort(error)) await this.failed(error);
    }
  }

  private touchedMeanwhile(): void {
    if (this.ended) return;
    this.since ??= this.now();
    this.state = 'waiting';
    this.plan(idleWait);
  }

  private async failed(error: unknown): Promise<void> {
    this.error = error;
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 409) await this.clashed(error as ApiError);
    else if (status === 0 || status === 429 || status >= 500) this.again(error);
    else this.state = 'stuck';
  }

  private async clashed(error: ApiError): Promise<void> {
    try {
      const met = await this.work.clash(error);
      if (met !== 'again') this.state = met;
      else if (this.work.dirty()) this.sendAgain();
      else this.state = 'saved'; // the server had it all
    } catch (unanswered) {
      this.again(unanswered);
    }
  }

  private sendAgain(): void {
    this.state = 'waiting';
    if (!this.ended) this.plan(0);
  }

  private again(error: unknown): void {
    this.state = 'offline';
    const named = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 0;
    const wait = retries[Math.min(this.failures, retries.length - 1)]!;
    this.failures += 1;
    if (!this.ended) this.plan(Math.max(named, wait));
  }
}
