import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';
import { byItself } from '../../lib/paged.svelte';
import { toast } from '../../lib/toast.svelte';

export interface Entry {
  id: string;
  name: string;
  is_active: boolean;
  version: number;
}

interface Source<T extends Entry> {
  fetch: (headers?: Record<string, string>) => Promise<T[]>;
  update: (id: string, change: { is_active: boolean; version: number }) => Promise<T>;
  /** Tells the rest of the page that the entries are not what they were. */
  changed: () => void;
}

/** Services or locations, as the settings list them: those in use by name, then the archived ones. */
export class Entries<T extends Entry> {
  items = $state.raw<readonly T[]>();
  error = $state.raw<unknown>();

  constructor(private readonly source: Source<T>) {}

  get active(): readonly T[] {
    return (this.items ?? []).filter((item) => item.is_active);
  }

  get archived(): readonly T[] {
    return (this.items ?? []).filter((item) => !item.is_active);
  }

  async load(): Promise<void> {
    this.error = undefined;
    try {
      this.items = await this.source.fetch();
    } catch (error) {
      this.error = error;
    }
  }

  /** Others changed something: asks again, while what is shown stays. */
  async refresh(): Promise<void> {
    try {
      this.items = await this.source.fetch(byItself);
    } catch {
      // The next change asks again.
    }
  }

  put(entry: T): void {
    const others = (this.items ?? []).filter((item) => item.id !== entry.id);
    this.items = [...others, entry].sort((a, b) => a.name.localeCompare(b.name));
    this.source.changed();
  }

  /** Archives or brings back; the entry moves at once. */
  async setActive(entry: T, is_active: boolean): Promise<void> {
    this.put({ ...entry, is_active });
    try {
      const done = await this.source.update(entry.id, { is_active, version: entry.version });
      this.put(done);
      if (is_active) toast(t('settings.entry.restored', { name: entry.name }));
      else {
        const undo = { label: t('action.undo'), run: () => void this.setActive(done, true) };
        toast(t('settings.entry.archived', { name: entry.name }), { action: undo });
      }
    } catch (error) {
      this.put(entry);
      toast(errorText(error), { kind: 'error' });
    }
  }
}
