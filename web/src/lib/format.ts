import { i18n } from './i18n/index.svelte';

/** The way dates are written: that of the browser where it speaks the language, since there are several kinds of English. */
export function dateLocale(languages: readonly string[] = navigator.languages): string {
  const own = languages.find((tag) => tag.toLowerCase().startsWith(`${i18n.lang}-`));
  return own ?? (i18n.lang === 'he' ? 'he-IL' : 'en-GB');
}

/** Dates without a time are days, not instants: they are written in UTC so that no zone can move them. */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** A day that is being picked, with its weekday; nothing while it is not whole. Fields of the browser may write the month first. */
export function dayInWords(day: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const style = { dateStyle: 'full', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(dateLocale(), style).format(new Date(`${day}T00:00:00Z`));
}

/** The day of an instant, in the zone of the workspace. */
export function formatDate(instant: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long', timeZone }).format(new Date(instant));
}

export function formatDateTime(instant: string, timeZone?: string): string {
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(dateLocale(), style).format(new Date(instant));
}

/** The time of day of an instant: 14:02, or 2:02 pm where one writes so. */
export function formatTime(instant: string | number, timeZone?: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { timeStyle: 'short', timeZone }).format(new Date(instant));
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(dateLocale()).format(value);
}

/** Near dates by their day, since nobody plans by the year: "Thu, 26 Nov, 14:30". */
export function formatSoon(instant: string, timeZone?: string): string {
  const day = { weekday: 'short', day: 'numeric', month: 'short', timeZone } as const;
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(dateLocale(), { ...day, ...time }).format(new Date(instant));
}

/** Seconds as m:ss. It reads left to right in both languages. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Full years between a birthday (YYYY-MM-DD) and today, or nothing for a day that is not in the past. */
export function ageAt(birthday: string, today: Date): number | undefined {
  const [year, month, day] = birthday.split('-').map(Number);
  if (!year || !month || !day) return undefined;
  const had = today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  const age = today.getFullYear() - year - (had ? 0 : 1);
  return age >= 0 ? age : undefined;
}

/** Up to two letters for an avatar: first of the first and of the last word, whatever the script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return letters.map((word) => firstLetter(word)).join('');
}

function firstLetter(word: string): string {
  return (/\p{L}|\p{N}/u.exec(word)?.[0] ?? '').toLocaleUpperCase();
}

/** A stable number from 1 to `count` for a text, so that a person keeps a colour. */
export function tint(text: string, count: number): number {
  let hash = 0x811c9dc5; // FNV-1a: ids made one after another differ in few places
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return ((hash >>> 13) % count) + 1;
}

/** A month (YYYY-MM) with its year. */
export function formatMonth(month: string): string {
  const style = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(dateLocale(), style).format(new Date(`${month}-01T00:00:00Z`));
}
