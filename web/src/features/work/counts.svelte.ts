import type { WorkCounts } from '../../api/types';
import { onChange, visitNouns } from '../../lib/live';
import { onPersonChange, session } from '../auth/session.svelte';
import { fetchCounts } from './queries';
import { whose } from './whose.svelte';

const quiet = 60_000;
const recent = 5_000;

/** How much is left to do: for the badge in the navigation and the tabs of the list. */
export class Counts {
  now = $state.raw<WorkCounts>();
  private askedAt = -Infinity;

  constructor(
    private readonly fetch: () => Promise<WorkCounts>,
    private readonly clock: () => number = Date.now,
  ) {}

  get total(): number {
    const { now } = this;
    return now ? now.needs_note + now.needs_payment + now.needs_status + now.unsigned_notes : 0;
  }

  /** Asks again, unless it has just been asked. Without an answer the old numbers stay. */
  async refresh(options: { now?: boolean } = {}): Promise<void> {
    if (!options.now && this.clock() - this.askedAt < recent) return;
    this.askedAt = this.clock();
    try {
      this.now = await this.fetch();
    } catch {
      // The next turn asks again.
    }
  }

  /** Looks when something changed, and now and then while the page is in sight: time alone makes work, too. */
  watch(): () => void {
    void this.refresh();
    const look = () => {
      if (document.visibilityState === 'visible' && session.phase === 'in') void this.refresh();
    };
    const timer = setInterval(look, quiet);
    document.addEventListener('visibilitychange', look);
    const deaf = onChange([...visitNouns, 'sessions'], () => void this.refresh({ now: true }));
    return () => {
      deaf();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  reset(): void {
    this.now = undefined;
    this.askedAt = -Infinity;
  }
}

export const workCounts = new Counts(() => fetchCounts(whose.person));
onPersonChange(() => workCounts.reset());
