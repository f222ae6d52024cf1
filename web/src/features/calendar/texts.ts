/** Days, times and money as the calendar writes them. Days and times of day are formatted in UTC, so that no zone moves them. */
import type { Appointment } from '../../api/types';
import { dateLocale } from '../../lib/format';
import { t, tn } from '../../lib/i18n/index.svelte';
import { dayMinutes, utcDate, type Day } from '../../lib/zone';
import type { View } from './view';

type Options = Intl.DateTimeFormatOptions;
const formats = new Map<string, Intl.DateTimeFormat>();
const someDay = '2026-01-05';

function format(name: string, options: Options): Intl.DateTimeFormat {
  const locale = dateLocale();
  const key = `${locale} ${name}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    formats.set(key, found);
  }
  return found;
}

const twelve = (): boolean => format('hour', { hour: 'numeric' }).resolvedOptions().hour12 === true;

const clock = (): Intl.DateTimeFormat => format('time', { hour: twelve() ? 'numeric' : '2-digit', minute: '2-digit' });

export function timeText(minute: number): string {
  return clock().format(utcDate(someDay, minute % dayMinutes));
}

/** An hour on the edge of the grid: "14:00" or "2 PM". */
export function hourText(hour: number): string {
  return twelve() ? format('hour', { hour: 'numeric' }).format(utcDate(someDay, hour * 60)) : timeText(hour * 60);
}

/** From when to when; on a clock of twelve hours "9–9:50 AM". */
export function rangeText(start: number, end: number): string {
  if (twelve() && start < dayMinutes && end < dayMinutes) {
    return clock()
      .formatRange(utcDate(someDay, start), utcDate(someDay, end))
      .replace(/\s*[–-]\s*/, '–');
  }
  return `${timeText(start)}–${timeText(end)}`;
}

export const weekdayText = (day: Day, style: 'short' | 'narrow' | 'long' = 'short'): string =>
  format(`weekday ${style}`, { weekday: style }).format(utcDate(day));

/** "Monday 23 November": a day as it is spoken. */
export const dayText = (day: Day): string =>
  format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(utcDate(day));

/** "Mon, 23 Nov 2026": a day in a list. */
export const shortDayText = (day: Day): string =>
  format('short day', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(utcDate(day));

export function periodText(view: View, days: readonly Day[], anchor: Day): string {
  if (view === 'month') return format('month', { month: 'long', year: 'numeric' }).format(utcDate(anchor));
  if (view === 'day') {
    const parts = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
    return format('whole day', parts).format(utcDate(anchor));
  }
  const parts = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  return format('week', parts).formatRange(utcDate(days[0]!), utcDate(days.at(-1)!));
}

/** How many digits a currency has after the point. */
export function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

export function moneyText(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const whole = minor % 10 ** digits === 0;
  const shown = whole ? { maximumFractionDigits: 0, minimumFractionDigits: 0 } : {};
  return new Intl.NumberFormat(dateLocale(), { style: 'currency', currency, ...shown }).format(minor / 10 ** digits);
}

/** Minor units of what was typed, nothing for an empty field, NaN for what is no amount. */
export function minorOf(text: string, currency: string): number | null {
  const clean = text.replace(/[\s\u2066-\u2069\u200e\u200f]/g, '').replace(',', '.');
  if (clean === '') return null;
  const digits = digitsOf(currency);
  if (!/^\d{1,9}(\.\d+)?$/.test(clean) || (clean.split('.')[1] ?? '').length > digits) return Number.NaN;
  return Math.round(Number(clean) * 10 ** digits);
}

/** An amount as it is typed. */
export function amountText(minor: number | null, currency: string): string {
  if (minor === null) return '';
  const digits = digitsOf(currency);
  return minor % 10 ** digits === 0 ? String(minor / 10 ** digits) : (minor / 10 ** digits).toFixed(digits);
}

/** A time of day as a time field has it. */
export function clockText(minute: number): string {
  const within = ((minute % dayMinutes) + dayMinutes) % dayMinutes;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

/** What is said besides after a change of one appointment of a series: the others are as they were. */
export const aloneText = (visit: Appointment): string => (visit.series_id ? `. ${t('cal.saved.alone')}` : '');

/** What is said besides after a change of a series. */
export const keptText = (kept: number): string => (kept > 0 ? `. ${tn('cal.saved.kept', kept)}` : '');
