import { describe, expect, it } from 'vitest';
import type { Workspace } from '../../api/types';
import { changesOf, currencies, draftOf, yearsOf } from './practice';

const workspace = {
  id: 'w',
  name: 'Practice',
  time_zone: 'Asia/Jerusalem',
  locale: 'he',
  currency: 'ILS',
  week_start: 'sunday',
  working_hours: { sunday: [['09:00', '17:00']], monday: [] },
  retention_years: 7,
  shared_notes: false,
  second_factor_required: false,
  version: 3,
} as Workspace;

describe('the form of the practice', () => {
  it('sends only what was changed', () => {
    const draft = draftOf(workspace);
    expect(changesOf(workspace, draft)).toEqual({});
    expect(changesOf(workspace, { ...draft, name: ' New ', retention: '10', shared: true })).toEqual({
      name: 'New',
      retention_years: 10,
      shared_notes: true,
    });
  });

  it('sends all hours when one day was changed', () => {
    const draft = draftOf(workspace);
    draft.week.monday.push({ from: '10:00', to: '12:00' });
    expect(changesOf(workspace, draft).working_hours).toMatchObject({
      sunday: [['09:00', '17:00']],
      monday: [['10:00', '12:00']],
    });
  });

  it('knows years', () => {
    expect(['7', ' 100 ', '0', '101', '7.5', 'x', ''].map(yearsOf)).toEqual([
      7,
      100,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('offers the own currency once', () => {
    expect(currencies('ILS').filter((code) => code === 'ILS')).toHaveLength(1);
    expect(currencies('JPY')).toContain('JPY');
  });
});
