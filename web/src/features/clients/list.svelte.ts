import { isAbort } from '../../api/problem';
import type { ClientSummary } from '../../api/types';
import { byItself, type Asking } from '../../lib/paged.svelte';
import { onPersonChange } from '../auth/session.svelte';
import { fetchClients } from './queries';

export const statuses = ['active', 'archived', 'all'] as const;
export type Status = (typeof statuses)[number];

export interface Query {
  q: string;
  status: Status;
}

export interface ClientPage {
  items: ClientSummary[];
  total: number;
  next: string | undefined;
}

type Load = (query: Query, cursor: string | undefined, asking: Asking) => Promise<ClientPage>;

const freshFor = 30_000;

/**
 * The list as the person left it: it stays in memory while they look at a client, and Back shows it at once. A new question
 * aborts the one before, so that a slow old answer can never replace a newer one.
 */
export class ClientList {
  items = $state.raw<readonly ClientSummary[]>([]);
  total = $state(0);
  /** What the items answer; nothing before the first answer. */
  answered = $state.raw<Query>();
  loading = $state(false);
  loadingMore = $state(false);
  error = $state.raw<unknown>();
  /** Something was changed elsewhere: the items are to be asked for again. */
  changed = $state(false);
  private next = $state<string>();
  private loadedAt = 0;
  private asking: AbortController | undefined;

  constructor(
    private readonly load: Load,
    private readonly now: () => number = Date.now,
  ) {}

  get hasMore(): boolean {
    return this.next !== undefined;
  }

  /** Whether the items still answer this question and are recent. */
  answers(query: Query): boolean {
    const same = this.answered?.q === query.q && this.answered.status === query.status;
    return same && !this.changed && this.now() - this.loadedAt < freshFor;
  }

  async show(query: Query): Promise<void> {
    const signal = this.begin();
    this.loading = true;
    this.loadingMore = false;
    try {
      const page = await this.load(query, undefined, { signal });
      if (signal.aborted) return;
      this.items = page.items;
      this.take(page);
      this.answered = query;
      this.changed = false;
      this.loadedAt = this.now();
    } catch (error) {
      this.failed(error, signal);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  async more(): Promise<void> {
    if (!this.answered || this.next === undefined || this.loading || this.loadingMore) return;
    const signal = this.begin();
    this.loadingMore = true;
    try {
      const page = await this.load(this.answered, this.next, { signal });
      if (signal.aborted) return;
      const known = new Set(this.items.map((item) => item.id));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(item.id))];
      this.take(page);
    } catch (error) {
      this.failed(error, signal);
    } finally {
      if (!signal.aborted) this.loadingMore = false;
    }
  }

  /** Asks again for all that is shown, while it stays: others changed something. */
  async refresh(): Promise<void> {
    const query = this.answered;
    if (!query || this.loading || this.loadingMore) return void (this.changed = true);
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    try {
      let page = await this.load(query, undefined, { signal, headers: byItself });
      const items = [...page.items];
      while (page.next !== undefined && items.length < this.items.length) {
        page = await this.load(query, page.next, { signal, headers: byItself });
        items.push(...page.items);
      }
      if (signal.aborted) return;
      const known = new Set<string>();
      this.items = items.filter(({ id }) => !known.has(id) && known.add(id));
      this.take(page);
    } catch {
      // What is shown stays; the next change asks again.
    }
  }

  /** Forgets everything: another person is at the screen. */
  reset(): void {
    this.asking?.abort();
    this.items = [];
    this.total = 0;
    this.next = undefined;
    this.answered = undefined;
    this.error = undefined;
    this.loading = false;
    this.loadingMore = false;
  }

  private begin(): AbortSignal {
    this.asking?.abort();
    this.asking = new AbortController();
    this.error = undefined;
    return this.asking.signal;
  }

  private take(page: ClientPage): void {
    this.total = page.total;
    this.next = page.next;
  }

  private failed(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted && !isAbort(error)) this.error = error;
  }
}

export const clientList = new ClientList(fetchClients);
onPersonChange(() => clientList.reset());
