import type { Attempt } from '../../api/attempt';
import type { CreatedClient } from '../../api/types';
import { inputOf, type Draft } from './form';
import { leaveDuplicates } from './handover';
import { clientList } from './list.svelte';
import { createClient } from './queries';

/** Adds a client. The list is to be asked for again, and the new page says who looks alike. */
export async function addClient(draft: Draft, attempt: Attempt): Promise<CreatedClient> {
  const body = inputOf(draft);
  const made = await createClient(body, attempt.keyFor(body));
  clientList.changed = true;
  leaveDuplicates(made.id, made.possible_duplicates ?? []);
  return made;
}
