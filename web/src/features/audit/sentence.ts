/** What an entry of the audit trail says, as a sentence. */
import './words';

import type { AuditEntry } from '../../api/types';
import { has, t } from '../../lib/i18n/index.svelte';

/** Who acted: the member by name, anybody else by kind. */
export function whoOf({ actor, actor_kind }: AuditEntry): string {
  return actor?.name ?? t(`audit.kind.${actor_kind}`);
}

/** The verb of a deed stands in two forms at its beginning: what was done, and what could not be done. */
export function formOf(deed: string, done: boolean): string {
  const [, did, act, rest] = /^(\S+)\|(\S+)(.*)$/.exec(deed) ?? [];
  return did && act ? (done ? did : act) + rest! : deed;
}

/** An action of a newer server is named by its code. */
export function sentenceOf(entry: AuditEntry): string {
  const done = entry.outcome === 'ok';
  const key = `deed.${entry.action}`;
  const text = has(key) ? t(key) : t('deed.other', { action: entry.action });
  return t(done ? 'audit.did' : 'audit.didNot', { who: whoOf(entry), deed: formOf(text, done) });
}

/** Of whom it is about, a client has a page; a member who acts on themselves is not named twice. */
export function aboutOf({ client, member, actor }: AuditEntry): { name: string; href?: string } | undefined {
  if (client) return { name: client.name, href: `/clients/${client.id}` };
  return member && member.id !== actor?.id ? { name: member.name } : undefined;
}
