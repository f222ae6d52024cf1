import type { Appointment } from '../../api/types';
import { errorText } from '../../lib/errors';
import { t } from '../../lib/i18n/index.svelte';
import type { Paged } from '../../lib/paged.svelte';
import { toast } from '../../lib/toast.svelte';
import { workCounts } from './counts.svelte';

type Change = (visit: Appointment) => Promise<Appointment>;

/** Does something to a visit of a list: it leaves the list at once, comes back when that failed, and can be undone. */
export async function settle(
  list: Paged<Appointment>,
  visit: Appointment,
  said: string,
  run: Change,
  undo: Change,
): Promise<void> {
  const at = list.items.indexOf(visit);
  list.edit((items) => items.filter((other) => other.id !== visit.id));
  try {
    const done = await run(visit);
    const action = { label: t('action.undo'), run: () => void back(list, at, done, undo) };
    toast(said, { action });
  } catch (error) {
    insert(list, at, visit);
    toast(errorText(error), { kind: 'error' });
  }
  void workCounts.refresh({ now: true });
}

async function back(list: Paged<Appointment>, at: number, visit: Appointment, undo: Change): Promise<void> {
  try {
    insert(list, at, await undo(visit));
  } catch (error) {
    toast(errorText(error), { kind: 'error' });
  }
  void workCounts.refresh({ now: true });
}

function insert(list: Paged<Appointment>, at: number, visit: Appointment): void {
  list.edit((items) => {
    const others = items.filter((other) => other.id !== visit.id); // a refresh may have brought it back before
    return [...others.slice(0, at), visit, ...others.slice(at)];
  });
}
