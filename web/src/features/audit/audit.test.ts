import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../api/types';
import en from '../../lib/i18n/audit.en';
import he from '../../lib/i18n/audit.he';
import { setLang } from '../../lib/i18n/index.svelte';
import type { Plural } from '../../lib/i18n/plural';
import { families } from './families';
import { noFilter, queryOf } from './queries';
import { aboutOf, formOf, sentenceOf, whoOf } from './sentence';

const noa = { id: 'n', name: 'Noa Levi' };
const dana = { id: 'd', name: 'Dana Cohen' };

const entry = (part: Partial<AuditEntry>): AuditEntry =>
  ({
    actor_kind: 'person',
    actor: noa,
    action: 'session.view',
    outcome: 'ok',
    client: null,
    member: null,
    ...part,
  }) as AuditEntry;

/** Without the marks that isolate a value. */
const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, '');
const said = (part: Partial<AuditEntry>) => plain(sentenceOf(entry(part)));

describe('the sentence of an entry', () => {
  beforeEach(() => setLang('en'));

  it('says who did what', () => {
    expect(said({})).toBe('Noa Levi opened a session note');
    expect(said({ action: 'client.export' })).toBe('Noa Levi exported all clients');
  });

  it('says what could not be done', () => {
    for (const outcome of ['denied', 'missing', 'refused'] as const) {
      expect(said({ outcome })).toBe('Noa Levi could not open a session note');
    }
  });

  it('names those who are no members by what they are', () => {
    const none = { actor: null as unknown as AuditEntry['actor'] };
    expect(said({ ...none, actor_kind: 'system', action: 'session.purge' })).toBe(
      'PazPaz itself removed a session note for good',
    );
    expect(said({ ...none, actor_kind: 'nobody', action: 'sign_in.code', outcome: 'denied' })).toBe(
      'Somebody not signed in could not type a sign-in code',
    );
    expect(whoOf(entry({ ...none, actor_kind: 'operator' }))).toBe('The operator of the server');
    expect(whoOf(entry(none))).toBe('A former member');
  });

  it('shows the code of an action that it does not know', () => {
    expect(said({ action: 'moon.view' })).toBe('Noa Levi did “moon.view”');
    expect(said({ action: 'moon.view', outcome: 'denied' })).toBe('Noa Levi could not do “moon.view”');
    expect(said({ action: '__proto__' })).toBe('Noa Levi did “__proto__”');
  });

  it('needs one form alone in Hebrew', async () => {
    await setLang('he');
    expect(said({})).toBe('Noa Levi: פתיחת תיעוד');
    expect(said({ outcome: 'denied' })).toBe('Noa Levi, לא בוצע: פתיחת תיעוד');
  });

  it('does not take a bar in a name for a verb', () => {
    expect(formOf('a|b c', true)).toBe('a c');
    expect(formOf('a|b c', false)).toBe('b c');
    expect(formOf('no verb a|b', true)).toBe('no verb a|b');
    expect(said({ actor: { id: 'x', name: 'a|b' } as AuditEntry['actor'] })).toBe('a|b opened a session note');
  });
});

describe('whom an entry is about', () => {
  it('is a client with a page, or another member', () => {
    expect(aboutOf(entry({ client: dana as AuditEntry['client'] }))).toEqual({
      name: 'Dana Cohen',
      href: '/clients/d',
    });
    expect(aboutOf(entry({ member: dana as AuditEntry['member'] }))).toEqual({ name: 'Dana Cohen' });
    expect(aboutOf(entry({ member: noa as AuditEntry['member'] }))).toBeUndefined();
    expect(aboutOf(entry({}))).toBeUndefined();
  });
});

describe('a filter', () => {
  it('leaves out what is empty', () => {
    expect(queryOf(noFilter)).toEqual({});
    expect(
      queryOf({
        start_date: '2026-02-02',
        end_date: '',
        by: 'n',
        action: 'client',
        outcome: 'not_ok',
        kind: 'changes',
      }),
    ).toEqual({
      start_date: '2026-02-02',
      actor_id: 'n',
      action: 'client',
      outcome: 'not_ok',
      kind: 'changes',
    });
  });

  it('tells members from those who are none', () => {
    expect(queryOf({ ...noFilter, by: 'operator' })).toEqual({ actor_kind: 'operator' });
  });
});

describe('the texts', () => {
  const keys = Object.keys(en) as (keyof typeof en)[];
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  const texts = (message: string | Plural) => (typeof message === 'string' ? [message] : Object.values(message));

  it('are there in both languages, with the same places', () => {
    expect(Object.keys(he).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(places(texts(he[key]).at(-1)!), key).toEqual(places(texts(en[key]).at(-1)!));
      if (key === 'audit.did') continue; // it has no words
      for (const text of texts(he[key])) expect(text, key).toMatch(/[\u05d0-\u05ea]/);
    }
  });

  it('give each deed two forms in English', () => {
    for (const key of keys.filter((name) => name.startsWith('deed.'))) expect(en[key], key).toMatch(/^\S+\|\S+/);
  });

  it('name every family that can be chosen, and its deeds', () => {
    for (const family of families) {
      expect(keys).toContain(`audit.family.${family}`);
      expect(
        keys.some((key) => key === `deed.${family}` || key.startsWith(`deed.${family}.`)),
        family,
      ).toBe(true);
    }
  });
});
