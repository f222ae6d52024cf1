import { beforeEach, describe, expect, it } from 'vitest';
import startEn from './en';
import startHe from './he';
import { addTexts, browserLang, has, i18n, preferLang, setLang, startLang, t, tn, type Key } from './index.svelte';
import peopleEn from './people.en';
import peopleHe from './people.he';
import type { Plural } from './plural';

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const texts = (message: string | Plural) => (typeof message === 'string' ? [message] : Object.values(message));

const en = { ...startEn, ...peopleEn };
const he = { ...startHe, ...peopleHe };

describe('the two languages', () => {
  const keys = Object.keys(en) as (keyof typeof en)[];

  it('have the same keys', () => {
    expect(Object.keys(he).sort()).toEqual([...keys].sort());
  });

  it.each(keys)('%s keeps its places and is not empty', (key) => {
    for (const text of [...texts(en[key]), ...texts(he[key])]) expect(text.trim()).not.toBe('');
    if (typeof en[key] === 'string') expect(places(he[key] as string)).toEqual(places(en[key]));
    else expect(places((he[key] as Plural).other)).toEqual(places((en[key] as Plural).other));
  });

  it('are really translated', () => {
    const same = keys.filter((key) => JSON.stringify(en[key]) === JSON.stringify(he[key]));
    expect(same).toEqual(['app.name', 'lang.en', 'lang.he']);
    for (const key of keys) {
      if (same.includes(key)) continue;
      for (const text of texts(he[key])) expect(text, key).toMatch(/[\u05d0-\u05ea]/);
    }
  });

  it('hold no control characters for direction: they are added where a value goes in', () => {
    for (const text of keys.flatMap((key) => [...texts(en[key]), ...texts(he[key])])) {
      expect(text).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    }
  });
});

describe('messages', () => {
  beforeEach(async () => {
    localStorage.clear();
    await setLang('en');
  });

  it('isolate text and format numbers', () => {
    expect(t('client.created', { name: 'נועה!' })).toBe('\u2068נועה!\u2069 was added');
    expect(t('clients.shown', { shown: 50, total: 1234 })).toBe('50 of 1,234');
    expect(t('client.created')).toBe('{name} was added');
  });

  it('do not fill a place from inside a value', () => {
    expect(t('client.created', { name: '{name}' })).toBe('\u2068{name}\u2069 was added');
    expect(t('client.created', { name: '$&' })).toBe('\u2068$&\u2069 was added');
  });

  it('count in English', () => {
    expect([0, 1, 2, 11, 21].map((n) => tn('clients.count', n))).toEqual([
      '0 clients',
      '1 client',
      '2 clients',
      '11 clients',
      '21 clients',
    ]);
  });

  it('count in Hebrew, which has a dual', async () => {
    await setLang('he');
    expect([0, 1, 2, 3, 10, 20].map((n) => tn('clients.count', n))).toEqual([
      '0 מטופלים',
      'מטופל אחד',
      'שני מטופלים',
      '3 מטופלים',
      '10 מטופלים',
      '20 מטופלים',
    ]);
  });

  it('turn the document around', async () => {
    await setLang('he');
    expect([document.documentElement.lang, document.documentElement.dir, i18n.dir]).toEqual(['he', 'rtl', 'rtl']);
    await setLang('en');
    expect([document.documentElement.lang, document.documentElement.dir, i18n.dir]).toEqual(['en', 'ltr', 'ltr']);
  });

  it('come later for the pages that are loaded later, in both languages', async () => {
    expect(has('settings.security')).toBe(false);
    addTexts({ en: peopleEn, he: peopleHe });
    expect([has('settings.security'), t('settings.security')]).toEqual([true, 'Security']);
    await setLang('he');
    expect([t('settings.security'), tn('factor.triesLeft', 1)]).toEqual(['אבטחה', 'נותר ניסיון אחד']);
  });

  it('keep a text at one place only', () => {
    expect(Object.keys(startEn).filter((key) => key in peopleEn)).toEqual([]);
  });

  it('know which codes they have a text for', () => {
    expect(has('error.code_invalid')).toBe(true);
    expect(has('error.something_new')).toBe(false);
    expect(has('toString')).toBe(false);
    expect(has('clients.count' as Key)).toBe(false); // countable, so not a plain text
  });
});

describe('the choice of a language', () => {
  it('follows the browser', () => {
    expect(browserLang(['fr-FR', 'he-IL', 'en'])).toBe('he');
    expect(browserLang(['iw'])).toBe('he');
    expect(browserLang(['en-GB', 'he'])).toBe('en');
    expect(browserLang(['fr'])).toBe('en');
    expect(browserLang([])).toBe('en');
  });

  it('prefers what was chosen on this device over the account', async () => {
    await setLang('en');
    await preferLang('he');
    expect(i18n.lang).toBe('en');
    await setLang('he');
    await startLang();
    expect(i18n.lang).toBe('he');
  });
});
