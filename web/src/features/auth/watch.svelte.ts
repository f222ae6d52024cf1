import type { Remaining, SessionClock } from './clock';

interface Server {
  /** Asks how long the session has left, without lengthening it. */
  refresh: () => Promise<void>;
  /** Tells the server that somebody is here. */
  stay: () => Promise<void>;
  /** The time is up, and the server cannot be asked. */
  end: () => void;
}

const quietPoll = 60_000;
const warnPoll = 15_000;

/**
 * Decides when to warn. Before it opens the warning it asks the server, since another tab may have kept the session alive,
 * and while the warning is open it asks again now and then. Call `tick` each second.
 */
export class SessionWatch {
  open = $state(false);
  left = $state.raw<Remaining>({ seconds: Infinity, absolute: false });
  private asking = false;
  private lastAsked: number;
  private dismissed = false;

  constructor(
    private readonly clock: SessionClock,
    private readonly server: Server,
    private readonly now: () => number = Date.now,
  ) {
    this.lastAsked = now();
  }

  async tick(): Promise<void> {
    if (this.asking) return;
    const near = this.clock.warning(this.now());
    const due = this.now() - this.lastAsked >= (near ? warnPoll : quietPoll);
    if (due || this.over() || (near && !this.open && !this.dismissed)) await this.ask(this.server.refresh);
    this.show();
    if (this.over()) this.server.end();
  }

  private over(): boolean {
    return this.clock.remaining(this.now()).seconds === 0;
  }

  private show(): void {
    this.left = this.clock.remaining(this.now());
    const near = this.clock.warning(this.now());
    if (!near) this.dismissed = false;
    this.open = near && !this.dismissed;
  }

  private async ask(call: () => Promise<void>): Promise<void> {
    this.asking = true;
    this.lastAsked = this.now();
    try {
      await call();
    } catch {
      // Without an answer the clock simply runs on; the next tick tries again.
    } finally {
      this.asking = false;
    }
  }

  /** The person is here: begin the idle time anew. */
  async stay(): Promise<void> {
    await this.ask(this.server.stay);
    this.show();
  }

  /** Hides a warning that cannot be answered by staying. */
  dismiss(): void {
    this.dismissed = true;
    this.open = false;
  }

  /** Somebody types or points. Reported now and then, so that a long text without requests does not end the session. */
  async acted(): Promise<void> {
    if (this.open || this.asking || !this.clock.shouldReport(this.now())) return;
    await this.ask(this.server.stay);
  }
}
