/** The places of the application, with the key that leads there after `g`. */
import type { Key } from '../../lib/i18n/index.svelte';

export interface Place {
  href: string;
  key: string;
  text: Key;
}

export const places = [
  { href: '/calendar', key: 'c', text: 'nav.calendar' },
  { href: '/clients', key: 'l', text: 'nav.clients' },
  { href: '/work', key: 'w', text: 'nav.work' },
  { href: '/settings', key: 's', text: 'nav.settings' },
] as const satisfies readonly Place[];
