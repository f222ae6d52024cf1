import { describe, expect, it } from 'vitest';
import type { Appointment } from '../../api/types';
import { isToWrite } from './begin';

describe('a visit that a note may be about', () => {
  const visit = { practitioner_id: 'u1', status: 'attended', note: null };
  const of = (part: object) => ({ ...visit, ...part }) as Appointment;

  it.each([
    ['one’s own, attended', {}, 'practitioner', true],
    ['one’s own, going on', { status: 'scheduled' }, 'practitioner', true],
    ['cancelled', { status: 'cancelled' }, 'practitioner', false],
    ['nobody came', { status: 'no_show' }, 'practitioner', false],
    ['with a note', { note: { id: 'n' } }, 'practitioner', false],
    ['a colleague’s', { practitioner_id: 'u2' }, 'practitioner', false],
    ['a colleague’s, for the owner', { practitioner_id: 'u2' }, 'owner', true],
  ] as const)('%s', (_, part, role, want) => {
    expect(isToWrite(of(part), { id: 'u1', role })).toBe(want);
  });
});
