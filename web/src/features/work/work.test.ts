import { beforeEach, describe, expect, it, vi } from 'vitest';
import { networkError } from '../../api/problem';
import type { Appointment, WorkCounts } from '../../api/types';
import { Paged } from '../../lib/paged.svelte';
import { clearToasts, toasts } from '../../lib/toast.svelte';
import { Counts } from './counts.svelte';
import { lists, listToOpen } from './lists';
import { settle } from './todo.svelte';
import { usual, whose } from './whose.svelte';

vi.mock('./queries', () => ({ fetchCounts: () => Promise.reject(new Error('none')) }));

const counts = (part: Partial<WorkCounts>): WorkCounts => ({
  needs_note: 0,
  needs_payment: 0,
  needs_status: 0,
  unsigned_notes: 0,
  ...part,
});

describe('the counts of work', () => {
  it('are asked for once in a while, and kept when nobody answers', async () => {
    let now = 0;
    const fetch = vi.fn(async () => counts({ needs_note: 2, unsigned_notes: 1 }));
    const work = new Counts(fetch, () => now);
    await work.refresh();
    await work.refresh();
    expect([work.total, fetch.mock.calls.length]).toEqual([3, 1]);
    now = 6000;
    fetch.mockRejectedValueOnce(networkError());
    await work.refresh();
    expect([work.total, fetch.mock.calls.length]).toEqual([3, 2]);
    await work.refresh({ now: true });
    expect(fetch.mock.calls.length).toBe(3);
    work.reset();
    expect(work.total).toBe(0);
  });

  it('decide which list opens', () => {
    expect(listToOpen('payment', undefined, lists)).toBe('payment');
    expect(listToOpen('other', counts({ unsigned_notes: 1 }), lists)).toBe('unsigned');
    expect(listToOpen(null, counts({}), lists)).toBe('status');
    expect(listToOpen('note', counts({ needs_payment: 1 }), ['status', 'payment'])).toBe('payment');
  });
});

describe('something done to a visit of a list', () => {
  const visit = (id: string, version = 1) => ({ id, version }) as Appointment;
  const a = visit('a');
  const b = visit('b');
  const c = visit('c');
  let list: Paged<Appointment>;
  const ids = () => list.items.map(({ id, version }) => `${id}${version}`);

  beforeEach(async () => {
    clearToasts();
    list = new Paged<Appointment>(async () => ({ items: [a, b, c], next: undefined }));
    await list.start();
  });

  it('takes it away at once, and brings it back to its place on undo', async () => {
    const working = settle(
      list,
      b,
      'done',
      async () => visit('b', 2),
      async (done) => visit(done.id, 3),
    );
    expect(ids()).toEqual(['a1', 'c1']);
    await working;
    toasts[0]!.action!.run();
    await Promise.resolve();
    await Promise.resolve();
    expect(ids()).toEqual(['a1', 'b3', 'c1']);
  });

  it('brings it back when it failed, and says why', async () => {
    await settle(
      list,
      b,
      'done',
      () => Promise.reject(networkError()),
      async (done) => done,
    );
    expect([ids(), toasts[0]!.kind]).toEqual([['a1', 'b1', 'c1'], 'error']);
  });
});

describe('whose work is shown', () => {
  it('is one’s own for who sees patients, and everybody’s for who runs the practice or helps', () => {
    expect(['practitioner', 'owner', 'assistant', undefined].map(usual)).toEqual(['mine', 'all', 'all', 'all']);
  });

  it('is what was chosen', () => {
    whose.now = 'mine';
    expect(whose.now).toBe('mine');
    whose.now = undefined;
    expect(whose.now).toBe('all');
  });
});
