import { beforeAll, describe, expect, it } from 'vitest';
import { errorText, fieldsOf, fieldText } from '../lib/errors';
import { setLang } from '../lib/i18n/index.svelte';
import { csrfToken, idempotencyKey } from './client';
import type { Problem } from './types';
import { nextCursor, totalCount } from './paging';
import { ApiError, fieldOf, fieldProblems, isAbort, networkError, problemError } from './problem';

beforeAll(() => setLang('en'));

describe('field problems', () => {
  it.each([
    ['body.first_name', 'first_name'],
    ['body.tags[2]', 'tags'],
    ['body.address.city', 'address'],
    ['/email', 'email'],
    ['query.limit', 'limit'],
    ['body', ''],
    ['', ''],
  ])('%s is about %s', (location, field) => {
    expect(fieldOf(location)).toBe(field);
  });

  it('keep the first problem of each field and drop those of no field', () => {
    const errors = [
      { location: 'body.email', code: 'email', message: 'a' },
      { location: 'body.email', code: 'too_long', message: 'b' },
      { location: 'body', code: 'x', message: 'c' },
      { location: 'body.phone' },
    ];
    expect(fieldProblems({ errors } as Problem)).toEqual({
      email: { code: 'email', message: 'a' },
      phone: { code: 'invalid', message: '' },
    });
    expect(fieldProblems({})).toEqual({});
  });
});

describe('problemError', () => {
  const from = (status: number, body: unknown, headers = {}) =>
    problemError(new Response(status === 204 ? null : '', { status, headers }), body);

  it('takes code, fields and waiting time', () => {
    const error = from(429, { code: 'too_many' }, { 'Retry-After': '30' });
    expect([error.status, error.code, error.retryAfter]).toEqual([429, 'too_many', 30]);
  });

  it.each([
    [400, 'invalid'],
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, 'not_found'],
    [409, 'conflict'],
    [413, 'too_large'],
    [422, 'invalid'],
    [429, 'too_many'],
    [500, 'internal'],
    [503, 'unavailable'],
  ])('makes do with the status %d when a proxy answered', (status, code) => {
    expect(from(status, '<html>Bad Gateway</html>').code).toBe(code);
    expect(from(status, undefined).fields).toEqual({});
  });
});

describe('errorText', () => {
  const of = (status: number, code: string, problem = {}, retry?: number) =>
    errorText(new ApiError(status, code, {}, problem, retry));

  it('has its own words for known codes', () => {
    expect(of(401, 'code_invalid')).toContain('code');
    expect(errorText(networkError())).toContain('cannot be reached');
    expect(of(403, 'denied')).toContain('role');
  });

  it('names the request for faults of the server, and never the code', () => {
    expect(of(500, 'internal', { request_id: 'abc' })).toContain('abc');
    expect(of(503, 'database_down')).toContain('busy');
    expect(of(409, 'strange_new_code')).not.toContain('strange');
    expect(of(422, 'strange_new_code')).not.toContain('strange');
    expect(errorText(new Error('stack'))).not.toContain('stack');
  });

  it('says how long to wait', () => {
    expect(of(429, 'too_many', {}, 90)).toContain('1:30');
    expect(of(429, 'anything')).toContain('1:00');
  });
});

describe('fieldText', () => {
  it('speaks the language of the page, also for codes it does not know', () => {
    expect(fieldText({ code: 'required', message: 'x' })).toBe('Please fill this in.');
    expect(fieldText({ code: 'too_long', message: 'x' }, 255)).toBe('At most 255 characters.');
    expect(fieldText({ code: 'unheard_of', message: 'x' })).toBe('This value was not accepted.');
    expect(fieldText(undefined)).toBeUndefined();
  });

  it('finds fields only in errors of the server', () => {
    expect(fieldsOf(new ApiError(422, 'invalid', { email: { code: 'email', message: '' } }))).toHaveProperty('email');
    expect(fieldsOf(new TypeError('x'))).toEqual({});
  });
});

describe('paging headers', () => {
  it('find the next page', () => {
    expect(nextCursor('</api/v1/clients?cursor=abc%2B&limit=50>; rel="next"')).toBe('abc+');
    expect(nextCursor('</x?cursor=a>; rel="prev", </x?q=a,b&cursor=b>; rel="next"')).toBe('b');
    expect(nextCursor('<https://host/x?cursor=a>;rel=next')).toBe('a');
    expect(nextCursor('</x?cursor=a>; rel="prev"')).toBeUndefined();
    expect(nextCursor(null)).toBeUndefined();
    expect(nextCursor('nonsense')).toBeUndefined();
  });

  it('count, or fall back', () => {
    expect([
      totalCount('7', 1),
      totalCount('0', 1),
      totalCount(null, 1),
      totalCount('', 1),
      totalCount('x', 1),
    ]).toEqual([7, 0, 1, 1, 1]);
  });
});

describe('the client', () => {
  it('reads the token under both names', () => {
    expect(csrfToken('a=1; csrf_token=x%3Dy; b=2')).toBe('x=y');
    expect(csrfToken('__Host-csrf_token=z')).toBe('z');
    expect(csrfToken('my_csrf_token=no')).toBe('');
    expect(csrfToken('')).toBe('');
  });

  it('makes keys that differ', () => {
    expect(idempotencyKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(idempotencyKey()).not.toBe(idempotencyKey());
  });

  it('tells an abort from a failure', () => {
    expect(isAbort(new DOMException('x', 'AbortError'))).toBe(true);
    expect(isAbort(new DOMException('x', 'TimeoutError'))).toBe(false);
    expect(isAbort(networkError())).toBe(false);
  });
});
