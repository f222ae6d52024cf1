import { ApiError } from '../api/problem';
import { byItself } from './paged.svelte';

/** What a question is sent with. */
type Headers = Record<string, string>;

/** One thing that the server is asked for: on its way, there, missing, or refused. */
export class Asked<T> {
  value = $state.raw<T>();
  error = $state.raw<unknown>();

  /** An answer of nothing is none: it stays on its way, since the page is being left for another. */
  constructor(private readonly fetch: (headers: Headers) => Promise<T | undefined>) {}

  get missing(): boolean {
    return this.error instanceof ApiError && this.error.status === 404;
  }

  /** What was there stays until the new answer is. */
  async load(): Promise<void> {
    this.error = undefined;
    try {
      this.value = await this.fetch({});
    } catch (error) {
      this.error = error;
    }
  }

  /** Others changed something: asks again, and shows nothing of it when that fails. */
  async refresh(): Promise<void> {
    try {
      this.value = await this.fetch(byItself);
    } catch {
      // The next change, or the person, asks again.
    }
  }
}
