import type { FieldProblems } from '../../api/problem';
import { i18n, type Lang } from '../../lib/i18n/index.svelte';
import { looksLikeEmail } from '../../lib/validate';

/** Who is invited, as it is being typed. */
export interface Invitee {
  full_name: string;
  email: string;
  /** Of the mail, and of the page that its link opens. */
  locale: Lang;
}

export const nobodyYet = (): Invitee => ({ full_name: '', email: '', locale: i18n.lang });

export const trimmed = ({ full_name, email, locale }: Invitee): Invitee => ({
  full_name: full_name.trim(),
  email: email.trim(),
  locale,
});

/** What is wrong with it before the server is asked. */
export function inviteeProblems(invitee: Invitee): FieldProblems {
  const { full_name, email } = trimmed(invitee);
  const found: FieldProblems = {};
  if (!full_name) found.full_name = { code: 'required', message: '' };
  if (!looksLikeEmail(email)) found.email = { code: email ? 'email' : 'required', message: '' };
  return found;
}

/** What is shown of everybody who was invited, to whatever. */
export interface Invited {
  id: string;
  full_name: string;
  email: string;
  expires_at: string;
  is_expired: boolean;
}
