import { answer, api, unwrap } from '../../api/client';
import { nextCursor } from '../../api/paging';
import type { AuditCheckpoints, AuditEntry } from '../../api/types';
import type { Asking, Page } from '../../lib/paged.svelte';

/** An entry with what lists know it by. */
export type Entry = AuditEntry & { id: string };

/** What to show; an empty field does not filter. */
export interface Filter {
  start_date: string;
  end_date: string;
  by: string;
  action: string;
  outcome: '' | 'ok' | 'not_ok';
  kind: '' | 'changes' | 'looks';
}

export const noFilter: Filter = { start_date: '', end_date: '', by: '', action: '', outcome: '', kind: '' };

/** Those who are no members. */
export const kinds = ['system', 'operator', 'nobody'] as const;

const isKind = (by: string): by is (typeof kinds)[number] => (kinds as readonly string[]).includes(by);

/** The query of a filter: what is empty is left out. */
export function queryOf({ by, start_date, end_date, action, outcome, kind }: Filter) {
  return {
    ...(isKind(by) ? { actor_kind: by } : by ? { actor_id: by } : {}),
    ...(start_date ? { start_date } : {}),
    ...(end_date ? { end_date } : {}),
    ...(action ? { action } : {}),
    ...(outcome ? { outcome } : {}),
    ...(kind ? { kind } : {}),
  };
}

const page = ({ data, response }: { data: AuditEntry[]; response: Response }): Page<Entry> => ({
  items: data.map((entry) => ({ ...entry, id: String(entry.number) })),
  next: nextCursor(response.headers.get('Link')),
});

export async function fetchAudit(filter: Filter, cursor: string | undefined, asking: Asking): Promise<Page<Entry>> {
  const query = { ...queryOf(filter), limit: 50, cursor };
  return page(await answer(api.GET('/api/v1/audit', { params: { query }, ...asking })));
}

export async function fetchAccess(id: string, cursor: string | undefined, asking: Asking): Promise<Page<Entry>> {
  const params = { path: { id }, query: { limit: 50, cursor } };
  return page(await answer(api.GET('/api/v1/clients/{id}/access', { params, ...asking })));
}

export function fetchCheckpoints(): Promise<AuditCheckpoints> {
  return unwrap(api.GET('/api/v1/audit/checkpoints'));
}

export async function fetchPeople(): Promise<{ value: string; text: string }[]> {
  const all = await unwrap(api.GET('/api/v1/members'));
  return all.map(({ id, full_name }) => ({ value: id, text: full_name }));
}
