/** Asks who is there already while a time is being chosen: at once from what is known, then the server, which knows all. */
import type { Appointment, Clash } from '../../api/types';
import { debounce } from '../../lib/debounce';
import { localClashes } from './clash';
import type { ClashQuery } from './queries';

type Ask = (query: ClashQuery, signal: AbortSignal) => Promise<Clash[]>;

const pause = 160;

export class Probe {
  clashes = $state.raw<readonly Clash[]>([]);
  private asking: AbortController | undefined;
  private readonly later = debounce<ClashQuery>((query) => void this.ask(query), pause);

  constructor(private readonly server: Ask) {}

  look(query: ClashQuery, known: readonly Appointment[]): void {
    this.asking?.abort();
    const [from, to] = [Date.parse(query.starts_at), Date.parse(query.ends_at)];
    const wanted = { id: query.exclude_appointment_id, practitioner: query.practitioner_id, from, to };
    this.clashes = localClashes(known, wanted);
    this.later(query);
  }

  /** It was put there: what is known stays to be said, and the save asks the rest. */
  pause(): void {
    this.later.cancel();
    this.asking?.abort();
  }

  stop(): void {
    this.pause();
    this.clashes = [];
  }

  private async ask(query: ClashQuery): Promise<void> {
    const { signal } = (this.asking = new AbortController());
    const found = await this.server(query, signal).catch(() => undefined);
    // Without an answer what is known here stays; the save will tell.
    if (found && !signal.aborted) this.clashes = found;
  }
}
