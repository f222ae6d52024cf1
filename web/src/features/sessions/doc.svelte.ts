import { untrack } from 'svelte';
import { idempotencyKey } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { Session, SessionInput } from '../../api/types';
import type { Vault } from '../../lib/vault';
import { Autosave } from './autosave.svelte';
import {
  changedFields,
  changesOf,
  contentOf,
  merge,
  sections,
  tooLong,
  type Content,
  type ContentField,
  type Section,
} from './content';
import { copiedTexts, type CopiedTexts } from './marks';

/** Whom and which visit a new note is about. */
export type Origin = { appointment_id: string } | { client_id: string };

export interface Server {
  create(body: SessionInput, key: string): Promise<Session>;
  save(id: string, changes: ReturnType<typeof changesOf>, version: number): Promise<Session>;
  sign(id: string, version: number): Promise<Session>;
  copy(id: string, from: string, sections: Section[], version: number): Promise<Session>;
}

export interface Clash {
  theirs: Session;
  fields: ContentField[];
}

/** What the device keeps of a note: what was seen, and what was made of it. */
export interface LocalCopy {
  base: Content;
  mine: Content;
  note: Session | undefined;
}

interface Opening {
  person: string;
  server: Server;
  vault: Pick<Vault, 'keep' | 'drop'>;
  /** A saved note, or what a new one begins with. */
  note?: Session;
  origin?: Origin;
  start?: Content;
  now?: () => number;
  /** A new note has got its place on the server. */
  oncreated?: (note: Session) => void;
}

export const placeOf = (of: { id: string } | Origin): string =>
  'id' in of ? `note:${of.id}` : `note:new:${'appointment_id' in of ? of.appointment_id : of.client_id}`;

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
  readonly autosave: Autosave;
  private base: Content;
  private creating: Content | undefined;
  private readonly key = idempotencyKey();
  private keeping: Promise<void> | undefined;
  private keepAgain = false;

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

  /** Takes what the device had kept; what was saved elsewhere since then is met like any other change. */
  take(copy: LocalCopy): void {
    const met = merge(copy.base, copy.mine, this.base);
    if (changedFields(this.base, met.content).length === 0) {
      void this.opening.vault.drop(this.opening.person, this.place);
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

  /** The person has looked at both texts. */
  async choose(side: 'mine' | 'theirs'): Promise<void> {
    const { theirs } = this.clash!;
    const mine = side === 'mine' ? merge(this.base, this.content, contentOf(theirs)).content : contentOf(theirs);
    this.adopt(theirs);
    this.content = mine;
    this.clash = undefined;
    if (!this.dirty) await this.forgetCopy();
    await this.autosave.settled();
    if (!this.dirty) this.autosave.state = 'saved';
  }

  /** Shows the note as the server has it now. */
  adopt(note: Session): Session {
    this.note = note;
    this.base = contentOf(note);
    this.content = contentOf(note);
    this.copied = copiedTexts(note.copied, this.content);
    return note;
  }

  async forgetCopy(): Promise<void> {
    await this.keeping;
    await this.opening.vault.drop(this.opening.person, this.place).catch(() => undefined);
  }

  private async save(): Promise<void> {
    if (!this.note) return this.create();
    const sent = this.snapshot();
    const saved = await this.opening.server.save(this.note.id, changesOf(this.base, sent), this.note.version);
    this.base = sent;
    this.saved(saved);
  }

  private async create(): Promise<void> {
    // A repeated attempt sends the same again; what was typed since then follows as a change.
    this.creating ??= this.snapshot();
    const before = this.place;
    const saved = await this.opening.server.create(bodyOf(this.opening.origin!, this.creating), this.key);
    this.base = this.creating;
    this.saved(saved);
    await this.keeping;
    await this.opening.vault.drop(this.opening.person, before).catch(() => undefined);
    if (this.dirty) void this.keepLocal();
    this.opening.oncreated?.(saved);
  }

  private saved(note: Session): void {
    this.note = note;
    this.copied = copiedTexts(note.copied, contentOf(note));
    if (!this.dirty) void this.forgetCopy();
  }

  private meet(error: ApiError): boolean {
    const theirs = error.problem.current as Session | undefined;
    if (!theirs) return false;
    const met = merge(this.base, this.content, contentOf(theirs));
    if (met.conflicts.length > 0 || theirs.status !== 'draft') {
      this.clash = {
        theirs,
        fields: met.conflicts.length > 0 ? met.conflicts : changedFields(this.base, this.content),
      };
      return false;
    }
    const created = this.note === undefined;
    this.adopt(theirs);
    this.content = met.content;
    if (created) this.opening.oncreated?.(theirs);
    return true;
  }

  /** One write at a time, and always one after the last change. */
  private keepLocal(): Promise<void> {
    if (this.keeping) {
      this.keepAgain = true;
      return this.keeping;
    }
    const copy: LocalCopy = { base: this.base, mine: this.snapshot(), note: this.note };
    this.keeping = this.opening.vault
      .keep(this.opening.person, this.place, copy)
      .catch(() => undefined)
      .then(() => {
        this.keeping = undefined;
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
