/** A card in words, for those who hear it. What can be seen comes first, in the same order. */
import type { Appointment, Clash } from '../../api/types';
import { t, type Key } from '../../lib/i18n/index.svelte';
import { appointments } from './book.svelte';
import { whoAre } from './clash';
import { slotOf } from './layout';
import { marksOf, type Marks } from './marks';
import { dayText, rangeText } from './texts';

const signs: Record<keyof Marks, Key> = {
  open: 'cal.mark.open',
  noteMissing: 'cal.mark.note',
  unpaid: 'cal.mark.unpaid',
};

export function spoken(visit: Appointment, zone: string, now: number, clinical: boolean, whose: string): string {
  const { day, start, end } = slotOf(visit, zone);
  const marks = marksOf(visit, now, clinical);
  const found = (Object.keys(signs) as (keyof Marks)[]).filter((name) => marks[name]).map((name) => t(signs[name]));
  const face = [visit.client.full_name, rangeText(start, end), visit.service_name ?? ''].filter(Boolean).join(' ');
  return [face, dayText(day), t(`cal.status.${visit.status}`), whose, ...found].filter(Boolean).join(', ');
}

/** Where something is going, with who is there already: said while it moves. */
export function spokenSlot(day: string, start: number, end: number, clashes: readonly Clash[]): string {
  const when = `${dayText(day)} ${rangeText(start, end)}`;
  return clashes.length > 0 ? `${when}. ${t('cal.clash', { who: whoAre(clashes, appointments) })}` : when;
}
