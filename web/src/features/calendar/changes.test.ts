import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Appointment, Clash } from '../../api/types';
import { AppointmentBook } from './book.svelte';
import { Few } from './catalog.svelte';
import { Changes, type Server } from './changes.svelte';
import { timesOf } from './desk.svelte';
import { Probe } from './probe.svelte';
import type { Range } from './queries';
import { visitOf } from './sample';

const week: Range = { from: '2026-11-21T22:00:00Z', to: '2026-11-28T22:00:00Z', practitioner: '' };
const later = { starts_at: '2026-11-23T09:00:00.000Z', ends_at: '2026-11-23T10:00:00.000Z' };
const clash = { id: 'o', client_initials: 'D.L.' } as Clash;

function bookOf(visits: Appointment[] = [visitOf()]) {
  const load = vi.fn(() => Promise.resolve(visits));
  return { load, book: new AppointmentBook(load) };
}

describe('the book of appointments', () => {
  it('shows what is within the range and of the practitioner, in order', async () => {
    const { book } = bookOf([
      visitOf({ id: 'b', ...later }),
      visitOf({ id: 'a' }),
      visitOf({ id: 'c', practitioner_id: 'p2' }),
      visitOf({ id: 'd', deleted_at: '2026-11-01T00:00:00Z' }),
    ]);
    await book.show(week);
    expect(book.within(week).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(book.within({ ...week, practitioner: 'p1' }).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(book.within({ ...week, to: '2026-11-23T07:00:00Z' })).toEqual([]);
  });

  it('asks again only for what is old, and forgets what is gone', async () => {
    let now = 0;
    const load = vi.fn(() => Promise.resolve([visitOf()]));
    const book = new AppointmentBook(load, () => now);
    await book.show(week);
    await book.show(week);
    expect(load).toHaveBeenCalledTimes(1);
    now = 60_000;
    load.mockResolvedValueOnce([]);
    await book.show(week);
    expect(book.within(week)).toEqual([]);
    expect(book.knows(week)).toBe(true);
  });

  it('keeps what is there when an answer fails', async () => {
    const { book, load } = bookOf();
    await book.show(week);
    load.mockRejectedValueOnce(networkError());
    await book.show(week, { force: true });
    expect(book.within(week)).toHaveLength(1);
    expect(book.error).toBeInstanceOf(ApiError);
    await book.show(week, { force: true });
    expect(book.error).toBeUndefined();
  });

  it('does not let an old answer replace a newer save', async () => {
    const { book } = bookOf();
    book.put(visitOf({ version: 3, notes: 'new' }));
    await book.show(week);
    expect(book.get('v1')?.notes).toBe('new');
  });

  it('lays a change over what is stored until it is settled', async () => {
    const { book } = bookOf();
    await book.show(week);
    book.assume('v1', { status: 'attended' });
    expect([book.get('v1')?.status, book.stored('v1')?.status, book.isSaving('v1')]).toEqual([
      'attended',
      'scheduled',
      true,
    ]);
    book.settle('v1');
    expect(book.get('v1')?.status).toBe('scheduled');
  });

  it('looks ahead without asking twice, and asks for all again when told to', async () => {
    const { book, load } = bookOf();
    await book.foresee(week);
    await book.foresee(week);
    await book.show(week);
    expect(load).toHaveBeenCalledTimes(1);
    book.refresh();
    expect(load).toHaveBeenCalledTimes(2);
    book.reset();
    expect(book.within(week)).toEqual([]);
  });
});

describe('changes', () => {
  let book: AppointmentBook;
  let server: { [K in keyof Server]: ReturnType<typeof vi.fn<Server[K]>> };
  let changes: Changes;

  beforeEach(async () => {
    vi.useFakeTimers();
    book = bookOf().book;
    await book.show(week);
    const saved = (id: string, body: Partial<Appointment>) =>
      Promise.resolve(visitOf({ id, ...body, version: (body.version ?? 0) + 1 }));
    server = {
      update: vi.fn((id, body) => saved(id, body as Partial<Appointment>)),
      pay: vi.fn((id, body) => saved(id, body as Partial<Appointment>)),
      remove: vi.fn(() => Promise.resolve()),
      restore: vi.fn((id) => saved(id, {})),
      updateSeries: vi.fn(),
      removeSeries: vi.fn(),
    };
    changes = new Changes(book, server);
  });
  afterEach(() => vi.useRealTimers());

  const move = (to = later, wait = 0) => {
    const done = vi.fn();
    const failed = vi.fn();
    changes.move(book.get('v1')!, to, wait, done, failed);
    return { done, failed };
  };

  it('move a card at once and tell where it was', async () => {
    const { done } = move();
    expect(book.get('v1')?.starts_at).toBe(later.starts_at);
    await vi.runAllTimersAsync();
    expect(server.update).toHaveBeenCalledWith('v1', { ...later, version: 1 });
    expect(done.mock.calls[0]![0].from).toEqual({ starts_at: '2026-11-23T07:00:00Z', ends_at: '2026-11-23T08:00:00Z' });
    expect(book.isSaving('v1')).toBe(false);
  });

  it('send a row of key presses as one', async () => {
    move(later, 700);
    const last = { starts_at: '2026-11-23T11:00:00.000Z', ends_at: '2026-11-23T12:00:00.000Z' };
    const { done } = move(last, 700);
    await vi.runAllTimersAsync();
    expect(server.update).toHaveBeenCalledTimes(1);
    expect(server.update.mock.calls[0]![1]).toMatchObject(last);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('jump back when the server cannot save', async () => {
    server.update.mockRejectedValue(networkError());
    const { done, failed } = move();
    await vi.runAllTimersAsync();
    expect([failed.mock.calls.length, done.mock.calls.length]).toEqual([1, 0]);
    expect(book.get('v1')?.starts_at).toBe('2026-11-23T07:00:00Z');
  });

  it('ask about a time that is taken, and send the reason', async () => {
    server.update.mockRejectedValueOnce(
      new ApiError(409, 'overlap', {}, { conflicting_appointments: [clash] } as never),
    );
    const { done } = move();
    await vi.runAllTimersAsync();
    const question = changes.question!;
    if (question.kind !== 'overlap') throw new Error('another question');
    expect(question.clashes).toEqual([clash]);
    question.answer('Siblings');
    await vi.runAllTimersAsync();
    expect(server.update.mock.calls[1]![1]).toEqual({ ...later, override: true, reason: 'Siblings', version: 1 });
    expect(done).toHaveBeenCalled();
    expect(changes.question).toBeUndefined();
  });

  it('put it back when the person decides against it', async () => {
    server.update.mockRejectedValueOnce(
      new ApiError(409, 'overlap', {}, { conflicting_appointments: [clash] } as never),
    );
    const { done, failed } = move();
    await vi.runAllTimersAsync();
    (changes.question as { answer: (reason: undefined) => void }).answer(undefined);
    await vi.runAllTimersAsync();
    expect([done.mock.calls.length, failed.mock.calls.length]).toEqual([0, 0]);
    expect(book.get('v1')?.starts_at).toBe('2026-11-23T07:00:00Z');
  });

  it('show what somebody else changed, and apply mine to that', async () => {
    const current = visitOf({ version: 5, notes: 'Theirs' });
    server.update.mockRejectedValueOnce(new ApiError(409, 'stale', {}, { current } as never));
    const saving = changes.update(visitOf(), { status: 'attended' });
    await vi.runAllTimersAsync();
    const question = changes.question!;
    if (question.kind !== 'stale') throw new Error('another question');
    expect(question.changed.map(({ field }) => field)).toEqual(['notes']);
    question.answer(true);
    expect((await saving)?.status).toBe('attended');
    expect(server.update.mock.calls[1]![1].version).toBe(5);
  });

  it('hide what is deleted at once, and show it again when that fails', async () => {
    server.remove.mockRejectedValueOnce(networkError());
    const removing = changes.remove(visitOf()).catch(() => 'failed');
    expect(book.within(week)).toEqual([]);
    expect(await removing).toBe('failed');
    expect(book.within(week)).toHaveLength(1);
    await changes.remove(visitOf(), 'delete');
    expect(server.remove.mock.calls.map(([, note]) => note)).toEqual(['keep', 'delete']);
    expect(book.within(week)).toEqual([]);
    await changes.restore(visitOf());
    expect(book.within(week)).toHaveLength(1);
  });

  it('of payments know the version too', async () => {
    await changes.pay(visitOf({ version: 4 }), { payment_status: 'paid' });
    expect(server.pay).toHaveBeenCalledWith('v1', { payment_status: 'paid', version: 4 });
  });
});

describe('a probe', () => {
  it('tells at once what is known here, and then what the server knows', async () => {
    vi.useFakeTimers();
    const ask = vi.fn(() => Promise.resolve([clash, clash]));
    const probe = new Probe(ask);
    const query = { starts_at: '2026-11-23T07:30:00Z', ends_at: '2026-11-23T08:30:00Z', practitioner_id: 'p1' };
    probe.look(query, [visitOf()]);
    probe.look(query, [visitOf()]);
    expect(probe.clashes).toHaveLength(1);
    await vi.runAllTimersAsync();
    expect([ask.mock.calls.length, probe.clashes.length]).toEqual([1, 2]);
    probe.stop();
    expect(probe.clashes).toEqual([]);
    vi.useRealTimers();
  });
});

describe('the times of a slot', () => {
  const zone = 'Asia/Jerusalem';

  it('last as long as before when it moves over a change of the clocks', () => {
    const night = visitOf({ starts_at: '2026-10-23T21:00:00Z', ends_at: '2026-10-24T01:00:00Z' }); // 0:00 to 4:00
    const moved = timesOf({ day: '2026-10-25', start: 0, end: 240 }, zone, night);
    expect(Date.parse(moved.ends_at) - Date.parse(moved.starts_at)).toBe(4 * 3_600_000);
  });

  it('are those of the wall when an edge was pulled, and keep the other edge', () => {
    const visit = visitOf();
    expect(timesOf({ day: '2026-11-23', start: 540, end: 630 }, zone, visit)).toEqual({
      starts_at: visit.starts_at,
      ends_at: '2026-11-23T08:30:00.000Z',
    });
    expect(timesOf({ day: '2026-11-23', start: 540, end: 570 }, zone)).toEqual({
      starts_at: '2026-11-23T07:00:00.000Z',
      ends_at: '2026-11-23T07:30:00.000Z',
    });
  });
});

describe('a list of few', () => {
  it('is asked for once, and again after a failure', async () => {
    const fetch = vi.fn().mockRejectedValueOnce(networkError()).mockResolvedValue([1, 2]);
    const few = new Few<number>(fetch);
    await few.load();
    expect(few.items).toEqual([]);
    await few.load();
    await few.load();
    expect([few.items.length, fetch.mock.calls.length]).toEqual([2, 2]);
    few.reset();
    expect(few.items).toEqual([]);
  });
});
