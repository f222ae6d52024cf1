/** What a note says, as the editor holds it, and how two changes of it meet. No I/O. */
import type { Session, SessionContent } from '../../api/types';

export const sections = ['subjective', 'objective', 'assessment', 'plan'] as const;
export type Section = (typeof sections)[number];
export type Sections = Record<Section, string>;
export type Content = Sections & { session_date: string; duration_minutes: number | null };
export type ContentField = keyof Content;

const fields: readonly ContentField[] = [...sections, 'session_date', 'duration_minutes'];

/** Characters the server takes in one section. */
export const sectionLimit = 10_000;
export const longestVisit = 480;

export function isSection(name: string): name is Section {
  return (sections as readonly string[]).includes(name);
}

export function emptyContent(date: string, minutes: number | null): Content {
  return { subjective: '', objective: '', assessment: '', plan: '', session_date: date, duration_minutes: minutes };
}

export function contentOf(note: Pick<Session, Section | 'session_date' | 'duration_minutes'>): Content {
  const content = emptyContent(note.session_date, note.duration_minutes);
  for (const name of sections) content[name] = note[name] ?? '';
  return content;
}

export function sameField(name: ContentField, a: Content, b: Content): boolean {
  if (name === 'session_date') return Date.parse(a.session_date) === Date.parse(b.session_date);
  return a[name] === b[name];
}

export function changedFields(base: Content, mine: Content): ContentField[] {
  return fields.filter((name) => !sameField(name, base, mine));
}

/** The body of a save: only what was changed; null clears a section. */
export function changesOf(base: Content, mine: Content): SessionContent {
  const changes: Record<string, unknown> = {};
  for (const name of changedFields(base, mine)) changes[name] = isSection(name) ? mine[name] || null : mine[name];
  return changes;
}

export function blankSections(content: Sections): Section[] {
  return sections.filter((name) => content[name].trim() === '');
}

export const isBlank = (content: Sections): boolean => blankSections(content).length === sections.length;

export function tooLong(content: Sections): Section[] {
  return sections.filter((name) => [...content[name]].length > sectionLimit);
}

export interface Merge {
  content: Content;
  /** Fields that both changed, to different values: the person decides. */
  conflicts: ContentField[];
}

/** My changes brought to the note as it was saved elsewhere: mine where only I changed a field, theirs where only they did. */
export function merge(base: Content, mine: Content, theirs: Content): Merge {
  const content = { ...theirs };
  const conflicts: ContentField[] = [];
  for (const name of changedFields(base, mine)) {
    take(name, mine, content);
    if (!sameField(name, base, theirs) && !sameField(name, mine, theirs)) conflicts.push(name);
  }
  return { content, conflicts };
}

/** The attempts of a save that may have arrived: the first one, and some of the latest. */
export function attempts(before: Content[], next: Content): Content[] {
  const [first, ...rest] = before;
  if (!first) return [next];
  const last = before.at(-1)!;
  return changedFields(last, next).length === 0 ? before : [first, ...rest.slice(-2), next];
}

/** What was seen of a note, with what turns out to have arrived of the attempts: that is nobody else's change. */
export function arrived(base: Content, sent: Content[], theirs: Content): Content {
  const seen = { ...base };
  for (const name of fields) {
    if (sent.some((each) => sameField(name, each, theirs))) take(name, theirs, seen);
  }
  return seen;
}

/** Copies one field; a helper because TypeScript cannot pair the types of both sides by itself. */
function take<K extends ContentField>(name: K, from: Content, to: Content): void {
  to[name] = from[name];
}

/** Text behind other text, after a blank line; as the server does when it copies. */
export function append(before: string, text: string): string {
  return before.trim() === '' ? text : `${before.trimEnd()}\n\n${text}`;
}
