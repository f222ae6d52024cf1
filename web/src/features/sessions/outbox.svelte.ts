/**
 * Text of notes that the server has not got while nobody has these notes open: left in this page, or kept on the device by an
 * earlier one. It is sent by itself as soon as the server answers. What only a person can decide stays, and is named.
 */
import { SvelteSet } from 'svelte/reactivity';
import type { Session } from '../../api/types';
import type { Vault } from '../../lib/vault';
import { amendments, type Amendment } from './amendment';
import { notes, placeOf, type NoteDoc } from './doc.svelte';
import type { LocalCopy } from './localcopy';
import { hold, isHeldHere } from './places';
import { placeOfCopy, unopened, unsentAmendment, unsentCopy, unsentOf, type Unsent } from './unsent';

interface World {
  /** Who is signed in, or was until the session ran out; nobody after a sign-out. */
  person: () => string;
  signedIn: () => boolean;
  vault: Pick<Vault, 'findAll' | 'look'>;
  /** What the device kept of one place, as a note that goes on. */
  revive: (copies: LocalCopy[]) => NoteDoc;
  /** The places that are open in some tab. */
  held: () => Promise<Set<string>>;
  /** Has the other tabs send what they hold. */
  nudge: () => void;
}

/** How often it is looked whether the text of other tabs has arrived, in milliseconds. */
const glance = 150;

export class Outbox {
  /** Left before all of their text had reached the server: they go on trying, and coming back finds them here. */
  private readonly left = new Map<NoteDoc, () => void>();
  /** Those of them whose first attempt failed. */
  private readonly late = new SvelteSet<NoteDoc>();
  private readonly open = new Set<NoteDoc>();
  private unfinished = $state.raw<readonly Amendment[]>([]);

  constructor(private readonly world: World) {}

  /** What is not sent, and not open on the screen. */
  get unsent(): Unsent[] {
    return [...[...this.late].map(unsentOf), ...this.unfinished.map(unsentAmendment)];
  }

  /** A note is open in this page until the returned function is called. */
  opened(doc: NoteDoc): () => void {
    this.open.add(doc);
    return () => this.open.delete(doc);
  }

  /** Another tab has saved a note. */
  offer(note: Session): void {
    for (const doc of this.open) doc.offer(note);
  }

  /** Leaves a note: what is not saved yet is being saved on the way out. */
  async leave(doc: NoteDoc): Promise<void> {
    if (doc.person !== this.world.person()) return doc.autosave.stop(); // signed out: it is gone
    this.left.set(doc, hold(doc.place));
    doc.onsettled = () => this.drop(doc);
    if (await doc.autosave.flush()) this.drop(doc);
    else if (this.left.has(doc)) {
      this.late.add(doc);
      await this.seal(doc);
    }
  }

  /** The note of a place that was left with unsaved text: whoever takes it goes on with it. */
  back(place: string): NoteDoc | undefined {
    const doc = this.find(place);
    if (doc) this.release(doc);
    return doc;
  }

  /** Takes up what earlier pages have kept of notes that nobody has open. */
  async look(): Promise<void> {
    const person = this.world.person();
    if (!person || !this.world.signedIn()) return;
    const [copies, unfinished, held] = await Promise.all([this.copies(), this.amendments(), this.world.held()]);
    if (this.world.person() !== person || !this.world.signedIn()) return;
    const taken = (place: string) => held.has(place) || isHeldHere(place) || this.find(place) !== undefined;
    this.unfinished = unfinished.filter(({ id }) => !taken(placeOf({ id })));
    for (const place of new Set(copies.map(placeOfCopy))) {
      const own = copies.filter((copy) => placeOfCopy(copy) === place);
      if (!taken(place)) void this.leave(this.world.revive(own));
    }
  }

  /** The server may answer again: what is left tries at once. */
  async send(): Promise<void> {
    await Promise.all([...this.left.keys(), ...this.open].map((doc) => doc.autosave.retry()));
  }

  /** Sends what can be sent, from the other tabs too, for so many milliseconds at most. Answers what is still not saved. */
  async settle(patience: number): Promise<Unsent[]> {
    const end = Date.now() + patience;
    this.world.nudge();
    await this.look();
    let trying = true;
    void this.send().then(() => (trying = false));
    let remaining = await this.remaining();
    while (remaining.length > 0 && Date.now() < end && (trying || this.elsewhere(remaining))) {
      await new Promise((resolve) => setTimeout(resolve, glance));
      remaining = await this.remaining();
    }
    return remaining;
  }

  /** Another person, or nobody, is here now. */
  keepOnly(person: string | undefined): void {
    this.unfinished = [];
    for (const doc of this.left.keys()) {
      if (doc.person === person) void this.seal(doc);
      else this.drop(doc);
    }
  }

  /** Whether another tab may be sending something of it. */
  private elsewhere(remaining: Unsent[]): boolean {
    const own = new Set(this.dirty().map(({ place }) => place));
    return remaining.some(({ place, why }) => why === 'waiting' && !own.has(place));
  }

  private dirty(): NoteDoc[] {
    return [...this.left.keys(), ...this.open].filter((doc) => doc.dirty);
  }

  /** All text that would be lost with what the device keeps. */
  private async remaining(): Promise<Unsent[]> {
    const { person, vault } = this.world;
    const [copies, unfinished] = await Promise.all([vault.look<LocalCopy>(person(), notes), this.amendments()]);
    const all = [...copies.opened.map(unsentCopy), ...unfinished.map(unsentAmendment), ...this.dirty().map(unsentOf)];
    if (copies.closed > 0) all.push(unopened);
    return [...new Map(all.map((each) => [each.place, each])).values()];
  }

  private copies(): Promise<LocalCopy[]> {
    return this.world.vault.findAll<LocalCopy>(this.world.person(), notes);
  }

  private amendments(): Promise<Amendment[]> {
    return this.world.vault.findAll<Amendment>(this.world.person(), amendments);
  }

  private find(place: string): NoteDoc | undefined {
    return [...this.left.keys()].find((doc) => doc.place === place);
  }

  /** The session ended: what the device has sealed need not stay readable in this page. */
  private async seal(doc: NoteDoc): Promise<void> {
    if (!this.world.signedIn() && (await doc.sealed())) this.drop(doc);
  }

  private drop(doc: NoteDoc): void {
    if (!this.left.has(doc)) return;
    doc.autosave.stop();
    this.release(doc);
  }

  private release(doc: NoteDoc): void {
    doc.onsettled = undefined;
    this.left.get(doc)?.();
    this.left.delete(doc);
    this.late.delete(doc);
  }
}
