/** Now, in the workspace's zone. It ticks with the minute. */
import { wallOf } from '../../lib/zone';

export class Clock {
  at = $state(Date.now());

  constructor(private readonly zone: () => string) {}

  readonly wall = $derived.by(() => wallOf(this.at, this.zone()));

  /** Starts ticking; answers what stops it. */
  start(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      this.at = Date.now();
      timer = setTimeout(tick, 60_000 - (this.at % 60_000) + 50);
    };
    tick();
    return () => clearTimeout(timer);
  }
}
