/** Services, locations and practitioners: few, and seldom changed. They are asked for once, and again after a while. */
import type { PracticeLocation, Practitioner, Service } from '../../api/types';
import { byItself } from '../../lib/paged.svelte';
import { onPersonChange } from '../auth/session.svelte';
import { fetchLocations, fetchPractitioners, fetchServices } from './queries';

const freshFor = 60_000;

export class Few<T> {
  items = $state.raw<readonly T[]>([]);
  private loadedAt = 0;

  constructor(
    private readonly fetch: (headers?: Record<string, string>) => Promise<T[]>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Without an answer the list stays as it was: what depends on it works without, too. */
  async load(headers?: Record<string, string>): Promise<void> {
    if (this.now() - this.loadedAt < freshFor) return;
    this.loadedAt = this.now();
    try {
      this.items = await this.fetch(headers);
    } catch {
      this.loadedAt = 0;
    }
  }

  /** Others changed something: the next who needs them asks, and who shows them now is answered at once. */
  async refresh(): Promise<void> {
    const shown = this.loadedAt > 0;
    this.loadedAt = 0;
    if (shown) await this.load(byItself);
  }

  reset(): void {
    this.items = [];
    this.loadedAt = 0;
  }
}

export const catalog = {
  services: new Few<Service>(fetchServices),
  locations: new Few<PracticeLocation>(fetchLocations),
  practitioners: new Few<Practitioner>(fetchPractitioners),
};

onPersonChange(() => {
  for (const few of Object.values(catalog)) few.reset();
});
