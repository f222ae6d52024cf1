import { describe, expect, it } from 'vitest';
import type { Session } from '../../api/types';
import { continued } from './amendment';
import { emptyContent } from './content';

const base = { ...emptyContent('2026-11-20T09:00:00Z', 50), subjective: 'signed', plan: 'rest' };
const kept = { id: 'n1', client_name: 'Noa Levi', base, mine: { ...base, subjective: 'signed, mine' } };
const now = (part: object) => ({ ...base, ...part }) as Session;

describe('an amendment that is gone on with', () => {
  it('is as it was left while the note is', () => {
    expect(continued(kept, now({}))).toEqual(kept.mine);
  });

  it('takes over what was amended in another section meanwhile', () => {
    expect(continued(kept, now({ plan: 'walk' }))).toEqual({ ...kept.mine, plan: 'walk' });
  });

  it('stands under what was amended in the same section meanwhile', () => {
    const { subjective } = continued(kept, now({ subjective: 'signed, then theirs' }));
    expect(subjective).toBe('signed, then theirs\n\nsigned, mine');
  });
});
