import { describe, expect, it } from 'vitest';
import type { ClientSummary } from '../../api/types';
import { clientCommands, matching, stepTo, type Command } from './commands';

const command = (text: string): Command => ({ id: text, text, href: '/' });

describe('the palette', () => {
  const all = [command('New appointment'), command('New client'), command('Calendar'), command('מטופלים')];
  it.each([
    ['', 4],
    ['new', 2],
    ['client NEW', 1],
    ['calé', 1],
    ['מטופ', 1],
    ['other', 0],
  ])('%j finds %i', (query, count) => expect(matching(all, query)).toHaveLength(count));

  it('offers clients by name and phone', () => {
    const [first] = clientCommands([{ id: '1', full_name: 'Dana', phone: null } as ClientSummary]);
    expect(first).toEqual({ id: 'client-1', text: 'Dana', aside: undefined, href: '/clients/1' });
  });

  it('walks in a circle', () => {
    expect([stepTo(0, -1, 3), stepTo(2, 1, 3), stepTo(0, 1, 0)]).toEqual([2, 0, 0]);
  });
});
