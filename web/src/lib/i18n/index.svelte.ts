import { recall, remember } from '../storage';
import en, { type Messages } from './en';
import { insert, type Values } from './insert';
import type { Plural } from './plural';

export type Lang = 'en' | 'he';
export const langs: readonly Lang[] = ['en', 'he'];

type KeysOf<T> = { [K in keyof Messages]: Messages[K] extends T ? K : never }[keyof Messages];
export type Key = KeysOf<string>;
export type PluralKey = KeysOf<Plural>;
export type { Values };

let messages = $state.raw<Messages>(en);
let lang = $state<Lang>('en');

export const i18n = {
  get lang(): Lang {
    return lang;
  },
  get dir(): 'ltr' | 'rtl' {
    return lang === 'he' ? 'rtl' : 'ltr';
  },
};

export function t(key: Key, values: Values = {}): string {
  return insert(messages[key], values, lang);
}

/** The form of a countable message that fits `n` in the current language. */
export function tn(key: PluralKey, n: number): string {
  const forms = messages[key];
  const rule = new Intl.PluralRules(lang).select(n);
  const form = rule === 'one' ? forms.one : rule === 'two' ? (forms.two ?? forms.other) : forms.other;
  return insert(form, { n }, lang);
}

/** Whether a code that came from the server has a text of its own. */
export function has(key: string): key is Key {
  return Object.hasOwn(messages, key) && typeof messages[key as Key] === 'string';
}

/** Loads and shows a language without remembering it. */
async function apply(next: Lang): Promise<void> {
  messages = next === 'he' ? (await import('./he')).default : en;
  lang = next;
  document.documentElement.lang = next;
  document.documentElement.dir = i18n.dir;
}

export async function setLang(next: Lang): Promise<void> {
  await apply(next);
  remember('lang', next);
}

/** Shows the account's language, unless this device has one of its own. */
export async function preferLang(next: string): Promise<void> {
  const found = langs.find((name) => name === next);
  if (found && found !== lang && recall('lang') === null) await apply(found);
}

export function browserLang(languages: readonly string[]): Lang {
  for (const tag of languages) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'he' || base === 'iw') return 'he';
    if (base === 'en') return 'en';
  }
  return 'en';
}

export async function startLang(): Promise<void> {
  const stored = recall('lang');
  await apply(langs.find((name) => name === stored) ?? browserLang(navigator.languages));
}
