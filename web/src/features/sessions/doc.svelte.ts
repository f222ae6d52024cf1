import { untrack } from 'svelte';
import { idempotencyKey } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Session, SessionInput } from '../../api/types';
import type { Vault } from '../../lib/vault';
import { Autosave, type Met } from './autosave.svelte';
import {
  append,
  arrived,
  attempts,
  changedFields,
  changesOf,
  contentOf,
  isSection,
  merge,
  sections,
  tooLong,
  type Content,
  type ContentField,
  type Section,
} from './content';
import { copyPlace, joined, type About, type LocalCopy } from './localcopy';
import { copiedTexts, type CopiedTexts } from './marks';

/** Whom and which visit a new note is about. */
export type Origin = { appointment_id: string } | { client_id: string };

export interface Server {
  read(id: string): Promise<Session>;
  create(body: SessionInput, key: string): Promise<Session>;
  save(id: string, changes: ReturnType<typeof changesOf>, version: number): Promise<Session>;
  sign(id: string, version: number): Promise<Session>;
  copy(id: string, from: string, sections: Section[], version: number): Promise<Session>;
}

/** Whose text of the clashing sections stays. */
export type Side = 'mine' | 'theirs' | 'both';

export interface Clash {
  theirs: Session;
  fields: ContentField[];
}

interface Opening {
  person: string;
  server: Server;
  vault: Pick<Vault, 'keep' | 'drop'>;
  /** A saved note, or what a new one begins with. */
  note?: Session;
  origin?: Origin;
  about?: About;
  start?: Content;
  now?: () => number;
  /** A new note has got its place on the server. */
  oncreated?: (note: Session) => void;
}

/** What the places of all notes begin with. */
export const notes = 'note:';

export const placeOf = (of: { id: string } | Origin): string =>
  'id' in of ? `${notes}${of.id}` : `${notes}new:${'appointment_id' in of ? of.appointment_id : of.client_id}`;

function bodyOf(origin: Origin, content: Content): SessionInput {
  const body: SessionInput = { ...origin, session_date: content.session_date };
  if (content.duration_minutes !== null) body.duration_minutes = content.duration_minutes;
  for (const name of sections) if (content[name]) body[name] = content[name];
  return body;
}

/** A note that is being written: what is on the screen, what the server has, and what the device keeps until both agree. */
export class NoteDoc {
  note = $state.raw<Session>();
  content = $state<Content>()!;
  clash = $state.raw<Clash>();
  copied = $state.raw<CopiedTexts>()!;
  /** Text of an earlier visit to this page was brought back. */
  restored = $state(false);
  /** Text that came too late: the note was signed or closed without it. */
  late = $state.raw<Content>();
  readonly autosave: Autosave;
  /** The server has all of the text. */
  onsettled: (() => void) | undefined;
  private base: Content;
  private creating: Content | undefined;
  private key = idempotencyKey();
  /** What was sent since the last answer: one of it may have arrived. */
  private sent: Content[] = [];
  private keeping: Promise<void> | undefined;
  private keepAgain = false;
  private kept = false;
  /** Copies of other tabs whose text was taken over. */
  private taken: string[] = [];

  constructor(private readonly opening: Opening) {
    const start = opening.note ? contentOf(opening.note) : opening.start!;
    this.note = opening.note;
    this.base = start;
    this.content = { ...start };
    this.copied = copiedTexts(opening.note?.copied, start);
    const work = { dirty: () => this.dirty, save: () => this.save(), clash: (error: ApiError) => this.meet(error) };
    this.autosave = new Autosave(work, opening.now);
  }

  get person(): string {
    return this.opening.person;
  }

  get dirty(): boolean {
    return changedFields(this.base, this.content).length > 0;
  }

  get place(): string {
    return placeOf(this.note ?? this.opening.origin!);
  }

  get about(): About | undefined {
    return this.opening.about;
  }

  /** What a new note is about. */
  get origin(): Origin | undefined {
    return this.opening.origin;
  }

  /** Takes what the device had kept; what was saved elsewhere since then is met like any other change. */
  take([copy, ...others]: LocalCopy[]): void {
    if (!copy) return;
    this.key = copy.key;
    this.creating = this.note ? undefined : copy.creating;
    this.sent = attempts(copy.sent ?? [], copy.mine); // it may have been on its way as the page went
    this.taken = others.map((each) => each.key);
    const text = joined(copy, others);
    const met = merge(arrived(copy.base, this.sent, this.base), text, this.base);
    if (changedFields(this.base, met.content).length === 0) {
      void this.forgetCopy();
      return;
    }
    if (this.note && this.note.status !== 'draft') {
      this.late = text;
      return;
    }
    this.content = met.content;
    this.restored = true;
    if (met.conflicts.length > 0 && this.note) {
      this.clash = { theirs: this.note, fields: met.conflicts };
      this.autosave.state = 'conflict';
    } else this.edited();
  }

  /** Called after each change of the content. */
  edited(): void {
    untrack(() => {
      void this.keepLocal();
      if (tooLong(this.content).length === 0) this.autosave.touched();
    });
  }

  /** Makes sure that the server has the note with all its text; what it throws is why not. */
  async settle(): Promise<Session> {
    if (!this.note && !this.dirty) await this.create();
    else if (!(await this.autosave.flush())) throw this.autosave.error ?? new ApiError(409, 'stale');
    return this.note!;
  }

  async sign(): Promise<Session> {
    const note = await this.settle();
    return this.adopt(await this.opening.server.sign(note.id, note.version));
  }

  /** Copies sections of another note to the end of the same sections here; the server marks what was copied. */
  async copyFrom(from: string, names: Section[]): Promise<void> {
    const note = await this.settle();
    const before = this.snapshot();
    const copied = await this.opening.server.copy(note.id, from, names, note.version);
    const { content } = merge(before, this.snapshot(), contentOf(copied)); // somebody may have typed on meanwhile
    this.adopt(copied);
    this.content = content;
    if (this.dirty) this.edited();
  }

  /** The person has looked at both texts. What does not clash is kept in any case. */
  async choose(side: Side): Promise<void> {
    const { theirs, fields } = this.clash!;
    const other = contentOf(theirs);
    const { content } = merge(this.base, this.content, other);
    if (theirs.status !== 'draft') Object.assign(content, other);
    else if (side === 'theirs') for (const name of fields) Object.assign(content, { [name]: other[name] });
    else if (side === 'both')
      for (const name of fields.filter(isSection)) content[name] = append(content[name], other[name]);
    await this.join(theirs, content);
    this.clash = undefined;
    if (this.dirty) void this.keepLocal();
    else await this.forgetCopy();
    await this.autosave.settled();
    if (!this.dirty) this.autosave.state = 'saved';
  }

  /** Shows the note as the server has it now. */
  adopt(note: Session): Session {
    this.note = note;
    this.sent = [];
    this.base = contentOf(note);
    this.content = contentOf(note);
    this.copied = copiedTexts(note.copied, this.content);
    return note;
  }

  /** Takes what was saved elsewhere, unless something is being written here. */
  async refresh(): Promise<void> {
    if (!this.note || this.dirty) return;
    this.offer(await this.opening.server.read(this.note.id));
  }

  /** A note as it was saved elsewhere: it is taken when it is this one, newer, and nothing is being written here. */
  offer(next: Session): void {
    if (this.note?.id === next.id && !this.dirty && this.note.version < next.version) this.adopt(next);
  }

  async forgetCopy(): Promise<void> {
    await this.keeping;
    await Promise.all([this.key, ...this.taken].map((key) => this.dropCopy(this.place, key)));
  }

  /** Whether the device has all of the text, sealed. */
  async sealed(): Promise<boolean> {
    await this.keeping;
    return this.kept;
  }

  private dropCopy(place: string, key: string): Promise<void> {
    return this.opening.vault.drop(this.opening.person, copyPlace(place, key)).catch(() => undefined);
  }

  private async save(): Promise<void> {
    if (!this.note) return this.create();
    const sent = this.snapshot();
    this.sent = attempts(this.sent, sent);
    if (this.dirty) void this.keepLocal(); // with what is on its way
    const saved = await this.opening.server.save(this.note.id, changesOf(this.base, sent), this.note.version);
    this.base = sent;
    this.saved(saved);
  }

  private async create(): Promise<void> {
    // A repeated attempt sends the same again; what was typed since then follows as a change.
    this.creating ??= this.snapshot();
    if (this.dirty) void this.keepLocal();
    const before = this.place;
    const saved = await this.opening.server.create(bodyOf(this.opening.origin!, this.creating), this.key);
    this.base = this.creating;
    this.creating = undefined;
    this.saved(saved);
    await this.moved(before, saved);
  }

  private saved(note: Session): void {
    this.note = note;
    this.sent = [];
    this.copied = copiedTexts(note.copied, contentOf(note));
    if (!this.dirty) void this.dropSaved();
  }

  /** Somebody may have typed on while the last copy was written: then it stays. */
  private async dropSaved(): Promise<void> {
    await this.keeping;
    if (!this.dirty) await this.forgetCopy();
    if (!this.dirty) this.onsettled?.();
  }

  private async meet(error: ApiError): Promise<Met> {
    const theirs = await this.newest(error);
    if (!theirs) return 'stuck';
    const other = contentOf(theirs);
    this.base = arrived(this.base, this.sent, other);
    const met = merge(this.base, this.content, other);
    if (met.conflicts.length > 0 || theirs.status !== 'draft') {
      const fields = theirs.status === 'draft' ? met.conflicts : changedFields(this.base, this.content);
      this.clash = { theirs, fields };
      return 'conflict';
    }
    await this.join(theirs, met.content);
    if (!this.dirty) void this.dropSaved();
    return 'again';
  }

  /** Goes on from the note as it is on the server, with this text. */
  private async join(theirs: Session, content: Content): Promise<void> {
    const before = this.note ? undefined : this.place;
    this.adopt(theirs);
    this.content = content;
    this.creating = undefined;
    if (before) await this.moved(before, theirs);
  }

  /** The note as it is now, when it is this person's own. A visit that has one already says only which. */
  private async newest(error: ApiError): Promise<Session | undefined> {
    const current = error.problem.current as Session | undefined;
    if (error.code !== 'has_note') return current;
    return current?.author_id === this.person.split('/')[0] ? this.opening.server.read(current!.id) : undefined;
  }

  /** The note has got its place on the server; the copy goes along. */
  private async moved(before: string, note: Session): Promise<void> {
    await this.keeping;
    await this.dropCopy(before, this.key);
    if (this.dirty) void this.keepLocal();
    this.opening.oncreated?.(note);
  }

  /** One write at a time, and always one after the last change. */
  private keepLocal(): Promise<void> {
    if (this.keeping) {
      this.keepAgain = true;
      return this.keeping;
    }
    const { base, note, key, creating, sent, about } = this;
    const copy: LocalCopy = { base, mine: this.snapshot(), note, key, creating, sent, about };
    this.kept = false;
    this.keeping = this.opening.vault
      .keep(this.opening.person, copyPlace(this.place, key), copy)
      .catch(() => false)
      .then((kept) => {
        this.keeping = undefined;
        this.kept = kept && !this.keepAgain;
        if (!this.keepAgain) return;
        this.keepAgain = false;
        return this.keepLocal();
      });
    return this.keeping;
  }

  private snapshot(): Content {
    return $state.snapshot(this.content);
  }
}
