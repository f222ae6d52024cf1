/** What the client form knows: its fields, their limits, what was changed, and how two changes meet. No I/O. */
import type { FieldProblems } from '../../api/problem';
import type { Client, ClientChange, ClientInput } from '../../api/types';
import { looksLikeEmail } from '../../lib/validate';

export const textFields = [
  'first_name',
  'last_name',
  'phone',
  'email',
  'date_of_birth',
  'address',
  'emergency_contact_name',
  'emergency_contact_phone',
  'medical_history',
  'notes',
] as const;

export type TextField = (typeof textFields)[number];
export type FieldName = TextField | 'tags';
export const fieldNames: readonly FieldName[] = [...textFields, 'tags'];

/** In characters; for tags the number of tags. */
export const limits: Record<FieldName, number> = {
  first_name: 255,
  last_name: 255,
  email: 255,
  phone: 50,
  date_of_birth: 10,
  address: 1000,
  emergency_contact_name: 255,
  emergency_contact_phone: 50,
  medical_history: 10_000,
  notes: 10_000,
  tags: 30,
};
export const tagLimit = 50;

export type Draft = Record<TextField, string> & { tags: string[] };

export function emptyDraft(): Draft {
  const draft = Object.fromEntries(textFields.map((name) => [name, '']));
  return { ...draft, tags: [] } as unknown as Draft;
}

export function draftOf(client: Partial<Client>): Draft {
  const draft = emptyDraft();
  for (const name of textFields) draft[name] = client[name] ?? '';
  draft.tags = [...(client.tags ?? [])];
  return draft;
}

export function sameField(name: FieldName, a: Draft, b: Draft): boolean {
  if (name === 'tags') return a.tags.join('\n') === b.tags.join('\n');
  return a[name].trim() === b[name].trim();
}

export function changedFields(base: Draft, draft: Draft): FieldName[] {
  return fieldNames.filter((name) => !sameField(name, base, draft));
}

/** The body of a create: what was left empty is left out. */
export function inputOf(draft: Draft): ClientInput {
  const input: Record<string, unknown> = {};
  for (const name of textFields) if (draft[name].trim()) input[name] = draft[name].trim();
  if (draft.tags.length > 0) input.tags = draft.tags;
  return { first_name: '', last_name: '', ...input };
}

/** The body of an update: only what was changed; null clears a field. */
export function changesOf(base: Draft, draft: Draft): ClientChange {
  const changes: Record<string, unknown> = {};
  for (const name of changedFields(base, draft)) {
    changes[name] = name === 'tags' ? draft.tags : draft[name].trim() || (isName(name) ? '' : null);
  }
  return changes;
}

const isName = (name: FieldName): boolean => name === 'first_name' || name === 'last_name';

/** What can be seen to be wrong before the server is asked. `today` is YYYY-MM-DD. */
export function validate(draft: Draft, today: string): FieldProblems {
  const found: FieldProblems = {};
  const note = (name: FieldName, code: string) => (found[name] ??= { code, message: '' });
  for (const name of textFields) {
    const text = draft[name].trim();
    if (isName(name) && text === '') note(name, 'required');
    if ([...text].length > limits[name]) note(name, 'too_long');
  }
  if (draft.email.trim() && !looksLikeEmail(draft.email)) note('email', 'email');
  if (draft.date_of_birth > today) note('date_of_birth', 'future');
  if (draft.tags.length > limits.tags) note('tags', 'too_many');
  return found;
}

export interface Merge {
  /** Mine over theirs where only one of us changed a field; mine where both did. */
  draft: Draft;
  /** Fields that both changed, to different values: the person chooses. */
  conflicts: FieldName[];
}

/** Brings my changes to the record as somebody else has saved it. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merge {
  const draft = draftCopy(theirs);
  const conflicts: FieldName[] = [];
  for (const name of changedFields(base, mine)) {
    copyField(name, mine, draft);
    if (!sameField(name, base, theirs) && !sameField(name, mine, theirs)) conflicts.push(name);
  }
  return { draft, conflicts };
}

export function draftCopy(draft: Draft): Draft {
  return { ...draft, tags: [...draft.tags] };
}

export function copyField(name: FieldName, from: Draft, to: Draft): void {
  if (name === 'tags') to.tags = [...from.tags];
  else to[name] = from[name];
}

/** What a search text says about the client that was not found. */
export function draftFromSearch(text: string): Draft {
  const draft = emptyDraft();
  const clean = text.trim().replace(/\s+/g, ' ');
  if (clean.includes('@')) draft.email = clean;
  else if (/^[+\d][\d\s()./-]{4,}$/.test(clean)) draft.phone = clean;
  else {
    const [first = '', ...rest] = clean.split(' ');
    draft.first_name = first;
    draft.last_name = rest.join(' ');
  }
  return draft;
}
