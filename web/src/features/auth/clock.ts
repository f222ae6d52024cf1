/** When to warn, in seconds before the session ends. */
export const warnBefore = 120;

export interface Left {
  idle_seconds_left: number;
  absolute_seconds_left: number;
}

export interface Remaining {
  /** Seconds until the session ends, whichever limit comes first. */
  seconds: number;
  /** True when activity cannot lengthen it any more. */
  absolute: boolean;
}

/**
 * Reckons when the session will end, between the answers in which the server says so. Pure: the time is passed in, in
 * milliseconds.
 */
export class SessionClock {
  private idleEnd = Infinity;
  private absoluteEnd = Infinity;
  private idleFull = 0;
  private lastActive = 0;

  /** Takes over what the server said. `active` tells that the request itself counted as activity. */
  heard(left: Left, now: number, active: boolean): void {
    this.idleEnd = now + left.idle_seconds_left * 1000;
    this.absoluteEnd = now + left.absolute_seconds_left * 1000;
    if (active) {
      this.idleFull = left.idle_seconds_left * 1000;
      this.lastActive = now;
    }
  }

  /** A request that counts as activity was answered: the idle time began anew. */
  touched(now: number): void {
    this.lastActive = now;
    if (this.idleFull > 0) this.idleEnd = now + this.idleFull;
  }

  remaining(now: number): Remaining {
    const end = Math.min(this.idleEnd, this.absoluteEnd);
    return { seconds: Math.max(0, (end - now) / 1000), absolute: this.absoluteEnd <= this.idleEnd };
  }

  warning(now: number): boolean {
    return this.remaining(now).seconds <= warnBefore;
  }

  /** Whether somebody who is typing, without any request, should be reported to the server. */
  shouldReport(now: number): boolean {
    return this.idleFull > 0 && now - this.lastActive > this.idleFull / 4;
  }
}
