import { isAbort } from '../api/problem';

export interface Page<T> {
  items: T[];
  next: string | undefined;
  total?: number;
}

/** A list that comes page by page. A new start drops an older question, whose answer can then not replace the newer one. */
export class Paged<T extends { id: string }> {
  items = $state.raw<readonly T[]>([]);
  total = $state<number>();
  loading = $state(false);
  loaded = $state(false);
  error = $state.raw<unknown>();
  private next = $state<string>();
  private asking: AbortController | undefined;

  constructor(private readonly fetch: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {}

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

  private async load(cursor: string | undefined): Promise<void> {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.loading = true;
    this.error = undefined;
    try {
      const page = await this.fetch(cursor, signal);
      if (signal.aborted) return;
      const before = cursor === undefined ? [] : this.items;
      const known = new Set(before.map((item) => item.id));
      this.items = [...before, ...page.items.filter((item) => !known.has(item.id))];
      this.next = page.next;
      this.total = page.total;
      this.loaded = true;
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.error = error;
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }
}
