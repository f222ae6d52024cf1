import { recall, remember } from '../storage';
import type { Audit } from './audit.en';
import en, { type Messages } from './en';
import { insert, type Values } from './insert';
import type { People } from './people.en';
import type { Plural } from './plural';

export type Lang = 'en' | 'he';
export const langs: readonly Lang[] = ['en', 'he'];

/** Those of the start, and those that come with the pages that need them. */
type All = Messages & People & Audit;
type KeysOf<T> = { [K in keyof All]: All[K] extends T ? K : never }[keyof All];
export type Key = KeysOf<string>;
export type PluralKey = KeysOf<Plural>;
export type { Values };

let messages = $state.raw<Messages>(en);
let lang = $state<Lang>('en');
const later: Record<Lang, Partial<All>> = { en: {}, he: {} };

/** Brings the texts of pages that are loaded when they are asked for. To be called while such a page loads. */
export function addTexts(texts: Record<Lang, People | Audit>): void {
  for (const each of langs) Object.assign(later[each], texts[each]);
}

function message<K extends keyof All>(key: K): All[K] {
  return (messages as All)[key] ?? (later[lang] as All)[key];
}

export const i18n = {
  get lang(): Lang {
    return lang;
  },
  get dir(): 'ltr' | 'rtl' {
    return lang === 'he' ? 'rtl' : 'ltr';
  },
};

export function t(key: Key, values: Values = {}): string {
  return insert(message(key), values, lang);
}

/** The form of a countable message that fits `n` in the current language. */
export function tn(key: PluralKey, n: number): string {
  const forms = message(key);
  const rule = new Intl.PluralRules(lang).select(n);
  const form = rule === 'one' ? forms.one : rule === 'two' ? (forms.two ?? forms.other) : forms.other;
  return insert(form, { n }, lang);
}

/** Whether a code that came from the server has a text of its own. */
export function has(key: string): key is Key {
  const known = Object.hasOwn(messages, key) || Object.hasOwn(later[lang], key);
  return known && typeof message(key as Key) === 'string';
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
