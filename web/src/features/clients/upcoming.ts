/** The visits that a client still has before them. */
import { answer, api, unwrap } from '../../api/client';
import { nextCursor } from '../../api/paging';
import type { Appointment } from '../../api/types';

export async function fetchUpcoming(client: string): Promise<Appointment[]> {
  const all: Appointment[] = [];
  const from = new Date().toISOString();
  for (let cursor: string | undefined; ;) {
    const query = { client_id: client, status: 'scheduled', from, limit: 100, cursor } as const;
    const { data, response } = await answer(api.GET('/api/v1/appointments', { params: { query } }));
    all.push(...data);
    cursor = nextCursor(response.headers.get('Link'));
    if (cursor === undefined) return all;
  }
}

export async function cancelVisit({ id, version }: Appointment): Promise<void> {
  const body = { status: 'cancelled', version } as const;
  await unwrap(api.PUT('/api/v1/appointments/{id}', { params: { path: { id } }, body }));
}
