import { describe, expect, it } from 'vitest';
import type { Client, ClientSummary } from '../../api/types';
import {
  changedFields,
  changesOf,
  draftCopy,
  draftFromSearch,
  draftOf,
  emptyDraft,
  fieldNames,
  inputOf,
  limits,
  merge,
  validate,
  type Draft,
} from './form';
import { labels } from './labels';
import { ClientList, type ClientPage, type Query } from './list.svelte';

const draft = (part: Partial<Draft>): Draft => ({ ...emptyDraft(), first_name: 'Dana', last_name: 'Levi', ...part });

describe('the client form', () => {
  it('starts from a client, with nothing for null', () => {
    const client = { first_name: 'Dana', last_name: 'Levi', email: null, tags: ['a'] } as Partial<Client>;
    expect(draftOf(client)).toEqual(draft({ tags: ['a'] }));
  });

  it('has a label and a limit for each field', () => {
    for (const name of fieldNames) {
      expect(labels[name]).toBeTruthy();
      expect(limits[name]).toBeGreaterThan(0);
    }
  });

  it('sends a new client without what is empty', () => {
    expect(inputOf(draft({ email: ' a@b ', phone: '  ', tags: ['x'] }))).toEqual({
      first_name: 'Dana',
      last_name: 'Levi',
      email: 'a@b',
      tags: ['x'],
    });
  });

  it('sends only what was changed, and null for what was cleared', () => {
    const base = draft({ email: 'a@b', phone: '1', notes: 'n', tags: ['x'] });
    const mine = draft({ email: '', phone: '1 ', notes: 'm', tags: [] });
    expect(changesOf(base, mine)).toEqual({ email: null, notes: 'm', tags: [] });
    expect(changesOf(base, draftCopy(base))).toEqual({});
    expect(changesOf(base, { ...base, first_name: ' ' })).toEqual({ first_name: '' }); // a name cannot be null
  });

  it('sees that order and spelling of tags count', () => {
    expect(changedFields(draft({ tags: ['a', 'b'] }), draft({ tags: ['b', 'a'] }))).toEqual(['tags']);
  });
});

describe('validate', () => {
  const codes = (part: Partial<Draft>) =>
    Object.fromEntries(Object.entries(validate(draft(part), '2026-11-23')).map(([name, { code }]) => [name, code]));

  it('finds nothing wrong with a name', () => {
    expect(codes({})).toEqual({});
  });

  it('wants a name that is more than spaces', () => {
    expect(codes({ first_name: ' ', last_name: '' })).toEqual({ first_name: 'required', last_name: 'required' });
  });

  it('counts characters as the server does', () => {
    expect(codes({ phone: '1'.repeat(50) })).toEqual({});
    expect(codes({ phone: '1'.repeat(51) })).toEqual({ phone: 'too_long' });
    expect(codes({ first_name: '😀'.repeat(255) })).toEqual({});
    expect(codes({ medical_history: 'x'.repeat(10_001) })).toEqual({ medical_history: 'too_long' });
  });

  it('knows addresses, dates and the number of tags', () => {
    expect(codes({ email: 'dana' })).toEqual({ email: 'email' });
    expect(codes({ date_of_birth: '2026-11-24' })).toEqual({ date_of_birth: 'future' });
    expect(codes({ date_of_birth: '2026-11-23' })).toEqual({});
    expect(codes({ tags: Array.from({ length: 31 }, (_, n) => `t${n}`) })).toEqual({ tags: 'too_many' });
  });
});

describe('merge', () => {
  const base = draft({ phone: '1', email: 'a@b', notes: 'old' });

  it('keeps both changes when they are in different fields', () => {
    const met = merge(base, { ...base, phone: '2' }, { ...base, notes: 'new' });
    expect(met.conflicts).toEqual([]);
    expect(met.draft).toEqual({ ...base, phone: '2', notes: 'new' });
  });

  it('leaves common fields to the person', () => {
    const met = merge(base, { ...base, phone: '2', notes: 'mine' }, { ...base, phone: '3', email: 'c@d' });
    expect(met.conflicts).toEqual(['phone']);
    expect(met.draft).toEqual({ ...base, phone: '2', notes: 'mine', email: 'c@d' });
  });

  it('sees no conflict in the same change', () => {
    expect(merge(base, { ...base, phone: '2' }, { ...base, phone: '2 ' }).conflicts).toEqual([]);
  });

  it('works on tags, and changes nothing it was given', () => {
    const [mine, theirs] = [draft({ tags: ['a'] }), draft({ tags: ['b'] })];
    expect(merge(draft({}), mine, theirs).conflicts).toEqual(['tags']);
    expect([mine.tags, theirs.tags]).toEqual([['a'], ['b']]);
  });
});

describe('draftFromSearch', () => {
  it.each([
    ['dana levi cohen', { first_name: 'dana', last_name: 'levi cohen' }],
    ['נועה', { first_name: 'נועה' }],
    ['  noa@example.com', { email: 'noa@example.com' }],
    ['+972 50-555', { phone: '+972 50-555' }],
    ['050', { first_name: '050' }],
    ['', {}],
  ])('%s', (text, part) => {
    expect(draftFromSearch(text)).toEqual({ ...emptyDraft(), ...part });
  });
});

describe('ClientList', () => {
  const query = (q: string, status: Query['status'] = 'active'): Query => ({ q, status });
  const page = (ids: string[], next?: string, total = ids.length): ClientPage => ({
    items: ids.map((id) => ({ id }) as ClientSummary),
    total,
    next,
  });

  /** A list whose answers are given by hand. */
  function scene() {
    const asked: { query: Query; cursor: string | undefined; signal: AbortSignal; byItself: boolean }[] = [];
    const answers: ((result: ClientPage | Error) => void)[] = [];
    let now = 0;
    const list = new ClientList(
      (query, cursor, { signal, headers }) => {
        asked.push({ query, cursor, signal, byItself: headers !== undefined });
        return new Promise((resolve, reject) =>
          answers.push((result) => (result instanceof Error ? reject(result) : resolve(result))),
        );
      },
      () => now,
    );
    const settle = () => new Promise((resolve) => setTimeout(resolve));
    const answer = async (at: number, result: ClientPage | Error) => {
      answers[at]!(result);
      await settle();
    };
    return { list, asked, answer, wait: (ms: number) => (now += ms) };
  }

  const ids = (list: ClientList) => list.items.map((item) => item.id);

  it('asks by itself for all that is shown when others changed something, and says nothing of a failure', async () => {
    const { list, answer, asked } = scene();
    void list.show(query(''));
    await answer(0, page(['a', 'b'], 'c1', 4));
    void list.more();
    await answer(1, page(['c'], 'c2', 4));
    void list.refresh();
    await answer(2, page(['z', 'a'], 'c1', 5));
    expect(ids(list)).toEqual(['a', 'b', 'c']);
    await answer(3, page(['a', 'b'], 'c2', 5));
    expect([ids(list), list.total, list.hasMore, list.loading]).toEqual([['z', 'a', 'b'], 5, true, false]);
    expect(asked.map(({ cursor, byItself }) => [cursor, byItself])).toEqual([
      [undefined, false],
      ['c1', false],
      [undefined, true],
      ['c1', true],
    ]);
    void list.refresh();
    await answer(4, new Error('offline'));
    expect([ids(list), list.error]).toEqual([['z', 'a', 'b'], undefined]);
  });

  it('asks again after an answer that was on its way while others changed something', async () => {
    const { list } = scene();
    void list.show(query(''));
    void list.refresh();
    expect(list.changed).toBe(true);
  });

  it('shows the answer, and keeps it while the next is on its way', async () => {
    const { list, answer } = scene();
    void list.show(query(''));
    expect(list.loading).toBe(true);
    await answer(0, page(['a', 'b'], 'c1', 9));
    expect([ids(list), list.total, list.hasMore, list.loading]).toEqual([['a', 'b'], 9, true, false]);
    void list.show(query('x'));
    expect(ids(list)).toEqual(['a', 'b']);
    expect(list.answered).toEqual(query(''));
  });

  it('aborts the older question, whose answer can never replace the newer one', async () => {
    const { list, asked, answer } = scene();
    void list.show(query('d'));
    void list.show(query('da'));
    expect(asked[0]!.signal.aborted).toBe(true);
    await answer(1, page(['new']));
    await answer(0, page(['old']));
    expect(ids(list)).toEqual(['new']);
    expect(list.loading).toBe(false);
  });

  it('says nothing about an aborted question', async () => {
    const { list, answer } = scene();
    void list.show(query('d'));
    void list.show(query('da'));
    await answer(0, new DOMException('x', 'AbortError'));
    expect([list.error, list.loading]).toEqual([undefined, true]);
  });

  it('adds the next page, without repeating anybody', async () => {
    const { list, asked, answer } = scene();
    void list.show(query('', 'all'));
    await answer(0, page(['a', 'b'], 'c1', 3));
    void list.more();
    void list.more();
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({ query: query('', 'all'), cursor: 'c1' });
    await answer(1, page(['b', 'c'], undefined, 3));
    expect([ids(list), list.hasMore, list.loadingMore]).toEqual([['a', 'b', 'c'], false, false]);
    void list.more();
    expect(asked).toHaveLength(2);
  });

  it('drops a page of the old question when a new one is asked', async () => {
    const { list, answer } = scene();
    void list.show(query(''));
    await answer(0, page(['a'], 'c1', 2));
    void list.more();
    void list.show(query('x'));
    expect(list.loadingMore).toBe(false);
    await answer(1, page(['b']));
    await answer(2, page(['x']));
    expect(ids(list)).toEqual(['x']);
  });

  it('keeps what it has when something fails, and can try again', async () => {
    const { list, answer } = scene();
    void list.show(query(''));
    await answer(0, page(['a'], 'c1', 2));
    void list.more();
    await answer(1, new Error('offline'));
    expect([ids(list), list.error instanceof Error, list.loadingMore]).toEqual([['a'], true, false]);
    void list.more();
    expect(list.error).toBeUndefined();
    await answer(2, page(['b']));
    expect(ids(list)).toEqual(['a', 'b']);
  });

  it('is shown again at once while it is fresh and nothing was changed', async () => {
    const { list, answer, wait } = scene();
    expect(list.answers(query(''))).toBe(false);
    void list.show(query(''));
    await answer(0, page(['a']));
    expect(list.answers(query(''))).toBe(true);
    expect(list.answers(query('', 'all'))).toBe(false);
    wait(31_000);
    expect(list.answers(query(''))).toBe(false);
    wait(-31_000);
    list.changed = true;
    expect(list.answers(query(''))).toBe(false);
  });

  it('forgets everything when another person comes', async () => {
    const { list, asked, answer } = scene();
    void list.show(query(''));
    await answer(0, page(['a'], 'c1', 2));
    void list.show(query('b'));
    list.reset();
    await answer(1, page(['b']));
    expect(asked[1]!.signal.aborted).toBe(true);
    expect([ids(list), list.total, list.answered, list.hasMore]).toEqual([[], 0, undefined, false]);
  });
});
