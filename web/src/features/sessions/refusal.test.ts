import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/problem';
import { refusalOf, signText, stuckText } from './refusal';

const visit = (part: object = {}) => ({ status: 'scheduled' as const, practitioner_id: 'ann', ...part });

describe('who may begin a note', () => {
  it.each([
    ['owner', 'noa', {}, undefined],
    ['practitioner', 'ann', {}, undefined],
    ['practitioner', 'noa', {}, 'theirs'],
    ['assistant', 'ann', {}, 'assistant'],
    ['owner', 'noa', { status: 'cancelled' as const }, 'cancelled'],
    ['practitioner', 'ann', { status: 'no_show' as const }, undefined],
  ] as const)('%s %s %j: %s', (role, id, part, want) => {
    expect(refusalOf(visit(part), { role, id })).toBe(want);
  });
});

describe('why a note is not saved or signed', () => {
  it.each([
    ['denied', 403, 'Only the therapist of a visit'],
    ['cancelled', 409, 'takes no note'],
    ['has_note', 409, 'note'],
    ['not_found', 404, 'Copy your text'],
    ['invalid', 422, 'not accepted'],
  ])('%s', (code, status, want) => {
    expect(stuckText(new ApiError(status, code))).toContain(want);
  });

  it('says when it can be signed', () => {
    expect(signText(new ApiError(409, 'too_early'))).toContain('sign it once the visit has begun');
    expect(signText(new ApiError(409, 'cancelled'))).toContain('takes no note');
  });
});
