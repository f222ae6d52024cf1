import { isAbort } from '../api/problem';

export interface Page<T> {
  items: T[];
  next: string | undefined;
  total?: number;
}

/** How a question is put: what ends it, and whether the page puts it by itself. */
export interface Asking {
  signal: AbortSignal;
  headers?: Record<string, string>;
}

/** What the page asks by itself is nobody's activity: it keeps no session alive. */
export const byItself = { 'X-Background': 'true' };

/** A list that comes page by page. A new start drops an older question, whose answer can then not replace the newer one. */
export class Paged<T extends { id: string }> {
  items = $state.raw<readonly T[]>([]);
  total = $state<number>();
  loading = $state(false);
  loaded = $state(false);
  error = $state.raw<unknown>();
  private next = $state<string>();
  private asking: AbortController | undefined;
  private answering: Promise<void> | undefined;

  constructor(private readonly fetch: (cursor: string | undefined, asking: Asking) => Promise<Page<T>>) {}

  get hasMore(): boolean {
    return this.next !== undefined;
  }

  start(): Promise<void> {
    return this.load(undefined);
  }

  async more(): Promise<void> {
    if (this.next !== undefined && !this.loading) await this.load(this.next);
  }

  /** Shows a change at once; the answer of the server has the last word. */
  edit(change: (items: readonly T[]) => readonly T[]): void {
    this.items = change(this.items);
  }

  /** Asks again for all that is shown, while it stays; without an answer it stays as it is. */
  async refresh(): Promise<void> {
    await this.answering;
    if (!this.loaded) return;
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    const wanted = this.items.length;
    try {
      let page = await this.fetch(undefined, { signal, headers: byItself });
      const items = [...page.items];
      while (page.next !== undefined && items.length < wanted) {
        page = await this.fetch(page.next, { signal, headers: byItself });
        items.push(...page.items);
      }
      if (!signal.aborted) this.take(items, page);
    } catch {
      // The next change, or the person, asks again.
    }
  }

  private load(cursor: string | undefined): Promise<void> {
    this.answering = this.ask(cursor);
    return this.answering;
  }

  private take(items: readonly T[], { next, total }: Page<T>): void {
    const known = new Set<string>();
    this.items = items.filter(({ id }) => !known.has(id) && known.add(id));
    this.next = next;
    this.total = total;
    this.loaded = true;
    this.error = undefined;
  }

  private async ask(cursor: string | undefined): Promise<void> {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.loading = true;
    this.error = undefined;
    try {
      const page = await this.fetch(cursor, { signal });
      if (signal.aborted) return;
      this.take(cursor === undefined ? page.items : [...this.items, ...page.items], page);
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.error = error;
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }
}
