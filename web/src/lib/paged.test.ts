import { describe, expect, it } from 'vitest';
import { Paged, type Page } from './paged.svelte';

const page = (ids: string[], next?: string): Page<{ id: string }> => ({
  items: ids.map((id) => ({ id })),
  next,
  total: 9,
});

describe('a list that comes page by page', () => {
  const scene = (answers: (Page<{ id: string }> | Error)[]) => {
    const asked: (string | undefined)[] = [];
    const byItself: boolean[] = [];
    const list = new Paged<{ id: string }>(async (cursor, { headers }) => {
      asked.push(cursor);
      byItself.push(headers !== undefined);
      const answer = answers[asked.length - 1]!;
      await Promise.resolve();
      if (answer instanceof Error) throw answer;
      return answer;
    });
    return { list, asked, byItself, ids: () => list.items.map((item) => item.id) };
  };

  it('adds pages without repeating anything', async () => {
    const { list, asked, ids } = scene([page(['a', 'b'], 'x'), page(['b', 'c'])]);
    await list.start();
    await list.more();
    await list.more();
    expect([ids(), asked, list.hasMore, list.total]).toEqual([['a', 'b', 'c'], [undefined, 'x'], false, 9]);
  });

  it('lets only the newest question answer', async () => {
    const { list, ids } = scene([page(['old']), page(['new'])]);
    await Promise.all([list.start(), list.start()]);
    expect([ids(), list.loading]).toEqual([['new'], false]);
  });

  it('keeps what it has when something fails', async () => {
    const { list, ids } = scene([page(['a'], 'x'), new Error('offline'), page(['b'])]);
    await list.start();
    await list.more();
    expect([ids(), list.error instanceof Error, list.hasMore]).toEqual([['a'], true, true]);
    await list.more();
    expect([ids(), list.error]).toEqual([['a', 'b'], undefined]);
  });

  it('asks by itself for as many as it shows', async () => {
    const pages = [page(['a', 'b'], 'x'), page(['c'], 'y'), page(['z', 'a'], 'x'), page(['b'], 'y')];
    const { list, asked, byItself, ids } = scene(pages);
    await list.start();
    await list.more();
    await list.refresh();
    expect([ids(), list.hasMore]).toEqual([['z', 'a', 'b'], true]);
    expect(asked).toEqual([undefined, 'x', undefined, 'x']);
    expect(byItself).toEqual([false, false, true, true]);
  });

  it('waits for an answer that is on its way, and is silent about a failure of its own', async () => {
    const { list, ids } = scene([page(['a']), page(['b']), new Error('offline')]);
    await Promise.all([list.start(), list.refresh()]);
    expect(ids()).toEqual(['b']);
    await list.refresh();
    expect([ids(), list.error]).toEqual([['b'], undefined]);
  });

  it('can be changed before the server agrees', async () => {
    const { list, ids } = scene([page(['a', 'b'])]);
    await list.start();
    list.edit((items) => items.filter((item) => item.id !== 'a'));
    expect(ids()).toEqual(['b']);
  });
});
