import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Session } from '../../api/types';
import { MemoryBox, Vault } from '../../lib/vault';
import { amendmentPlace } from './amendment';
import { contentOf, emptyContent } from './content';
import { NoteDoc, placeOf, type Server } from './doc.svelte';
import { copyPlace, type LocalCopy } from './localcopy';
import { Outbox } from './outbox.svelte';
import { hold } from './places';
import { originOf } from './unsent';

const person = 'dana/practice';
const copied = { subjective: [], objective: [], assessment: [], plan: [] };
const empty = { ...emptyContent('2026-11-20T09:00:00Z', 50), objective: null, assessment: null, plan: null };
const noteOf = (subjective: string, part: Partial<Session> = {}) =>
  ({
    id: 'n1',
    client_name: 'Noa Levi',
    status: 'draft',
    version: 1,
    copied,
    ...empty,
    subjective,
    ...part,
  }) as Session;

/** A practice with one note; its page is `outbox`, and `box` is the device. */
class Practice {
  stored: Session = noteOf('a');
  failing: unknown;
  nudged = 0;
  person = person;
  signedIn = true;
  elsewhere = new Set<string>();
  readonly box = new MemoryBox();
  readonly vault = new Vault(this.box, crypto.subtle, async () => new Uint8Array(32));
  readonly server = {
    read: async () => this.stored,
    create: async (body: object) => this.answer(() => (this.stored = { ...noteOf(''), ...body })),
    save: async (_id: string, changes: object, version: number) =>
      this.answer(() => {
        if (version !== this.stored.version) throw new ApiError(409, 'stale', {}, { current: this.stored });
        return (this.stored = { ...this.stored, ...changes, version: version + 1 });
      }),
  } as unknown as Server;
  readonly world = {
    person: () => this.person,
    signedIn: () => this.signedIn,
    vault: this.vault,
    revive: (copies: LocalCopy[]) => this.revive(copies),
    held: async () => this.elsewhere,
    nudge: () => (this.nudged += 1),
  };
  readonly outbox = new Outbox(this.world);

  /** A note in which somebody has just typed. */
  typed(text: string, note = this.stored): NoteDoc {
    const doc = new NoteDoc({ person, server: this.server, vault: this.vault, note });
    doc.content.subjective = text;
    doc.edited();
    return doc;
  }

  /** What an earlier page has left on the device. */
  async keep(mine: string, part: Partial<LocalCopy> = {}): Promise<void> {
    const note = noteOf('a');
    const base = contentOf(note);
    const copy: LocalCopy = { base, mine: { ...base, subjective: mine }, note, key: 'k', ...part };
    await this.vault.keep(person, copyPlace(placeOf(copy.note ?? originOf(copy)), copy.key), copy);
  }

  kept = async () => (await this.box.keys()).filter((name) => name.startsWith(`copy:${person}\nnote:`)).length;
  gone = () => vi.waitFor(async () => expect(await this.kept()).toBe(0));
  named = () => this.outbox.unsent.map(({ client, href, why }) => `${client} ${href} ${why}`);
  names = (named: string[]) => vi.waitFor(() => expect(this.named()).toEqual(named));

  private revive(copies: LocalCopy[]): NoteDoc {
    const { note, about, base } = copies[0]!;
    const { server, vault } = this;
    const doc = note
      ? new NoteDoc({ person, server, vault, note })
      : new NoteDoc({ person, server, vault, origin: originOf(copies[0]!), about: about!, start: base });
    doc.take(copies);
    return doc;
  }

  private answer(work: () => Session): Session {
    if (this.failing) throw this.failing;
    return work();
  }
}

describe('text that has not reached the server', () => {
  let practice: Practice;
  beforeEach(() => (practice = new Practice()));
  const waiting = 'Noa Levi /sessions/n1 waiting';

  it('of a note that was left offline is named, and sent when the server answers again', async () => {
    practice.failing = networkError();
    await practice.outbox.leave(practice.typed('a, offline'));
    expect(practice.named()).toEqual([waiting]);
    practice.failing = undefined;
    await practice.outbox.send();
    expect(practice.stored.subjective).toBe('a, offline');
    await practice.names([]);
    await practice.gone();
  });

  it('that an earlier page has kept is sent without the note being opened', async () => {
    await practice.keep('a, kept');
    await practice.outbox.look();
    await practice.gone();
    expect(practice.stored.subjective).toBe('a, kept');
    await practice.names([]);
  });

  it('of a note that was not begun yet begins it, once', async () => {
    const about = { client: { id: 'c1', full_name: 'Ruth Cohen' }, visit: undefined };
    practice.failing = networkError();
    await practice.keep('new', { note: undefined, about });
    await practice.outbox.look();
    await practice.names(['Ruth Cohen /sessions/new?client=c1 waiting']);
    practice.failing = undefined;
    await practice.outbox.send();
    expect(practice.stored).toMatchObject({ client_id: 'c1', subjective: 'new' });
    await practice.gone();
  });

  it('stays while the same was changed elsewhere, for the person to decide', async () => {
    practice.stored = noteOf('theirs', { version: 2 });
    await practice.keep('mine');
    await practice.outbox.look();
    await practice.names(['Noa Levi /sessions/n1 conflict']);
    expect(practice.stored.subjective).toBe('theirs');
    expect(await practice.kept()).toBe(1);
    const doc = practice.outbox.back('note:n1')!;
    expect(doc.clash?.fields).toEqual(['subjective']);
    expect(practice.named()).toEqual([]);
  });

  it('that had arrived, unanswered, is not kept any longer', async () => {
    practice.stored = noteOf('mine', { version: 2 });
    await practice.keep('mine');
    await practice.outbox.look();
    await practice.gone();
    await practice.names([]);
    expect(practice.stored.version).toBe(2);
  });

  it('goes beside what was changed elsewhere in another section', async () => {
    practice.stored = noteOf('a', { version: 2, plan: 'theirs' });
    await practice.keep('mine');
    await practice.outbox.look();
    await practice.gone();
    expect(practice.stored).toMatchObject({ subjective: 'mine', plan: 'theirs' });
  });

  it('is not touched while the note is open here or in another tab', async () => {
    await practice.keep('half a wo');
    practice.elsewhere.add('note:n1');
    await practice.outbox.look();
    practice.elsewhere.clear();
    const free = hold('note:n1');
    await practice.outbox.look();
    expect([practice.stored.subjective, await practice.kept()]).toEqual(['a', 1]);
    free();
    await practice.outbox.look();
    await practice.gone();
    expect(practice.stored.subjective).toBe('half a wo');
  });

  it('is not touched by anybody who is not signed in', async () => {
    await practice.keep('mine');
    practice.signedIn = false;
    await practice.outbox.look();
    practice.person = '';
    await practice.outbox.look();
    expect([practice.stored.subjective, await practice.kept()]).toEqual(['a', 1]);
  });

  it('leaves the page with the session, and stays sealed', async () => {
    practice.failing = networkError();
    const doc = practice.typed('a, offline');
    await practice.outbox.leave(doc);
    practice.signedIn = false;
    practice.outbox.keepOnly(person);
    await practice.names([]);
    practice.failing = undefined;
    expect(await doc.autosave.retry()).toBe(false);
    expect([practice.stored.subjective, await practice.kept()]).toEqual(['a', 1]);
  });

  it('of an amendment is named, and stays', async () => {
    const base = contentOf(practice.stored);
    const amendment = { id: 'n1', client_name: 'Noa Levi', base, mine: base };
    await practice.vault.keep(person, amendmentPlace('n1'), amendment);
    await practice.outbox.look();
    expect(practice.named()).toEqual(['Noa Levi /sessions/n1 amendment']);
    expect((await practice.outbox.settle(50)).map(({ why }) => why)).toEqual(['amendment']);
  });
});

describe('a note that another tab has saved', () => {
  it('is shown where nothing is being written, and only there', () => {
    const practice = new Practice();
    const doc = practice.typed('a');
    practice.outbox.opened(doc);
    practice.outbox.offer(noteOf('b', { version: 2 }));
    practice.outbox.offer(noteOf('of another', { id: 'n2', version: 9 }));
    practice.outbox.offer(noteOf('older', { version: 1 }));
    expect(doc.content.subjective).toBe('b');
    doc.content.subjective = 'b, mine';
    practice.outbox.offer(noteOf('c', { version: 3 }));
    expect(doc.content.subjective).toBe('b, mine');
  });
});

describe('before a sign-out', () => {
  let practice: Practice;
  beforeEach(() => (practice = new Practice()));
  const settled = async () => (await practice.outbox.settle(300)).map(({ place, why }) => `${place} ${why}`);

  it('everything that can be sent is sent, also of the note on the screen', async () => {
    practice.outbox.opened(practice.typed('a, open'));
    expect(await settled()).toEqual([]);
    expect(practice.stored.subjective).toBe('a, open');
    expect(practice.nudged).toBe(1);
  });

  it('what cannot be sent is told, once for each note', async () => {
    practice.failing = networkError();
    practice.outbox.opened(practice.typed('a, open'));
    expect(await settled()).toEqual(['note:n1 waiting']);
  });

  it('the text of another tab is waited for, and told when it stays', async () => {
    await practice.keep('other tab');
    practice.elsewhere.add('note:n1');
    expect(await settled()).toEqual(['note:n1 waiting']);
    const sent = settled();
    await practice.vault.drop(person, copyPlace('note:n1', 'k')); // as that tab does
    expect(await sent).toEqual([]);
  });

  it('a copy that does not open is told without a name', async () => {
    await practice.keep('sealed');
    const vault = new Vault(practice.box, crypto.subtle, async () => new Uint8Array(32).fill(1));
    const outbox = new Outbox({ ...practice.world, vault });
    expect((await outbox.settle(50)).map(({ why }) => why)).toEqual(['sealed']);
  });
});
