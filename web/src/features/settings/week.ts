/** Working hours as they are edited: a list of spans for each day. No I/O. */
import type { Workspace } from '../../api/types';

export const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type DayName = (typeof dayNames)[number];

export interface Span {
  from: string;
  to: string;
}

export type Week = Record<DayName, Span[]>;
export const mostSpans = 6;

export function weekOf(hours: Workspace['working_hours']): Week {
  const spans = (name: DayName) => (hours[name] ?? []).map(([from = '', to = '']) => ({ from, to: shown(to) }));
  return Object.fromEntries(dayNames.map((name) => [name, spans(name)])) as Week;
}

/** Midnight at the end of a day: 24:00 to the server, 00:00 in a time field. */
const shown = (to: string) => (to === '24:00' ? '00:00' : to);
const sent = (to: string) => (to === '00:00' ? '24:00' : to);

export function hoursOf(week: Week): Workspace['working_hours'] {
  const spans = (name: DayName) => sorted(week[name]).map(({ from, to }) => [from, sent(to)]);
  return Object.fromEntries(dayNames.map((name) => [name, spans(name)]));
}

const sorted = (spans: readonly Span[]): Span[] => [...spans].sort((a, b) => a.from.localeCompare(b.from));

/** What is wrong with a day: a span without length, or two that overlap. */
export function problemOf(spans: readonly Span[]): 'hours' | 'overlap' | undefined {
  const list = sorted(spans);
  if (list.some(({ from, to }) => !from || !to || from >= sent(to))) return 'hours';
  return list.some((span, at) => at > 0 && span.from < sent(list[at - 1]!.to)) ? 'overlap' : undefined;
}

/** The next span of a day: after the last one, or the usual morning. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = sorted(spans).at(-1);
  if (!last || last.to === '00:00' || last.to >= '22:00')
    return last ? { from: '', to: '' } : { from: '09:00', to: '17:00' };
  const hour = Number(last.to.slice(0, 2)) + 1;
  const text = (n: number) => `${String(Math.min(n, 23)).padStart(2, '0')}:00`;
  return { from: text(hour), to: text(hour + 3) };
}

/** The days in the order of the week of this practice. */
export function daysFrom(start: Workspace['week_start']): DayName[] {
  const first = dayNames.indexOf(start);
  return [...dayNames.slice(first), ...dayNames.slice(0, first)];
}
