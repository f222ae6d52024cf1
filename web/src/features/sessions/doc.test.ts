import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Session, SessionInput } from '../../api/types';
import { MemoryBox, Vault } from '../../lib/vault';
import { emptyContent, type Content } from './content';
import { NoteDoc, placeOf, type LocalCopy, type Server } from './doc.svelte';

const at = '2026-11-20T09:00:00Z';
const person = 'dana/practice';
const none = { subjective: [], objective: [], assessment: [], plan: [] };

function session(part: Partial<Session>): Session {
  const empty = { ...emptyContent(at, 50), subjective: null, objective: null, assessment: null, plan: null };
  return { id: 'n1', status: 'draft', version: 1, copied: none, ...empty, ...part } as Session;
}

/** A server with one note, which can be made to fail. */
class FakeServer implements Server {
  stored: Session | undefined;
  calls: string[] = [];
  failing: unknown;
  /** The answer is lost after the work was done. */
  losing = false;

  async create(body: SessionInput, key: string) {
    this.calls.push(`create ${key.length}`);
    return this.answer(() => (this.stored ??= session({ ...body } as Partial<Session>)));
  }
  async save(_id: string, changes: object, version: number) {
    this.calls.push(`save ${JSON.stringify(changes)} v${version}`);
    return this.answer(() => {
      const { stored } = this;
      if (stored!.version !== version) throw new ApiError(409, 'stale', {}, { current: stored });
      return (this.stored = { ...stored!, ...changes, version: version + 1 });
    });
  }
  async sign(_id: string, version: number) {
    this.calls.push(`sign v${version}`);
    return this.answer(() => (this.stored = { ...this.stored!, status: 'signed', version: version + 1 }));
  }
  async copy(_id: string, from: string, sections: string[], version: number) {
    this.calls.push(`copy ${from} ${sections.join()} v${version}`);
    const copied = { ...none, plan: [{ from_session_id: from, lines: [1] }] };
    return this.answer(() => (this.stored = { ...this.stored!, plan: 'copied', copied, version: version + 1 }));
  }
  private answer(work: () => Session): Session {
    if (this.failing) throw this.failing;
    const done = work();
    if (this.losing) throw networkError();
    return done;
  }
}

describe('a note that is being written', () => {
  let server: FakeServer;
  let vault: Vault;
  beforeEach(() => {
    server = new FakeServer();
    vault = new Vault(new MemoryBox(), crypto.subtle);
  });

  const open = (note = session({ subjective: 'a' })) => {
    server.stored = note;
    return new NoteDoc({ person, server, vault, note });
  };
  const type = (doc: NoteDoc, part: Partial<Content>) => {
    Object.assign(doc.content, part);
    doc.edited();
  };
  const kept = async (doc: NoteDoc) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return vault.find<LocalCopy>(person, doc.place);
  };

  it('sends only changes, with the version it saw, and keeps a copy until then', async () => {
    const doc = open();
    type(doc, { subjective: 'ab' });
    expect((await kept(doc))?.mine.subjective).toBe('ab');
    expect(await doc.autosave.flush()).toBe(true);
    type(doc, { plan: 'p' });
    await doc.autosave.flush();
    expect(server.calls).toEqual(['save {"subjective":"ab"} v1', 'save {"plan":"p"} v2']);
    expect(await kept(doc)).toBeUndefined();
  });

  it('keeps the last of many quick changes', async () => {
    const doc = open();
    for (const text of ['b', 'bc', 'bcd']) type(doc, { subjective: text });
    expect((await kept(doc))?.mine.subjective).toBe('bcd');
    doc.autosave.stop();
  });

  it('is not created before there is something to say, and once only', async () => {
    const origin = { appointment_id: 'v1' };
    const created: string[] = [];
    const oncreated = (note: Session) => void created.push(note.id);
    const doc = new NoteDoc({ person, server, vault, origin, start: emptyContent(at, 50), oncreated });
    expect(await doc.autosave.flush()).toBe(true);
    expect(server.calls).toEqual([]);
    server.losing = true;
    type(doc, { subjective: 'a' });
    expect(await doc.autosave.flush()).toBe(false);
    server.losing = false;
    type(doc, { subjective: 'ab' });
    await doc.autosave.retry();
    await doc.autosave.flush();
    expect(server.calls).toEqual(['create 32', 'create 32', 'save {"subjective":"ab"} v1']);
    expect([created, doc.place, await vault.find(person, placeOf(origin))]).toEqual([['n1'], 'note:n1', undefined]);
  });

  it('takes changes of other sections along without a question', async () => {
    const doc = open();
    server.stored = session({ subjective: 'a', plan: 'theirs', version: 2 });
    type(doc, { subjective: 'mine' });
    await doc.autosave.flush();
    await doc.autosave.flush();
    expect([doc.content.subjective, doc.content.plan, doc.clash]).toEqual(['mine', 'theirs', undefined]);
    expect(server.stored).toMatchObject({ subjective: 'mine', plan: 'theirs', version: 3 });
  });

  it('notices that its own save had arrived', async () => {
    const doc = open();
    server.losing = true;
    type(doc, { subjective: 'mine' });
    await doc.autosave.flush();
    expect(doc.autosave.state).toBe('offline');
    server.losing = false;
    await doc.autosave.retry();
    expect([doc.clash, doc.dirty, doc.note!.version]).toEqual([undefined, false, 2]);
  });

  it.each([
    ['mine', 'mine', 3],
    ['theirs', 'theirs', 2],
  ] as const)('shows both texts of a common section, and keeps %s', async (side, text, version) => {
    const doc = open();
    server.stored = session({ subjective: 'theirs', version: 2 });
    type(doc, { subjective: 'mine' });
    expect(await doc.autosave.flush()).toBe(false);
    expect([doc.autosave.state, doc.clash!.fields]).toEqual(['conflict', ['subjective']]);
    expect((await kept(doc))?.mine.subjective).toBe('mine');
    await doc.choose(side);
    expect([doc.content.subjective, doc.autosave.state, doc.dirty]).toEqual([text, 'saved', false]);
    expect(server.stored).toMatchObject({ subjective: text, version });
    expect(await kept(doc)).toBeUndefined();
  });

  it('brings a kept text back, over what was saved elsewhere in other sections', () => {
    const doc = open(session({ subjective: 'a', plan: 'new', version: 5 }));
    const base: Content = { ...emptyContent(at, 50), subjective: 'a' };
    doc.take({ base, mine: { ...base, subjective: 'typed' }, note: undefined });
    expect([doc.content.subjective, doc.content.plan, doc.restored]).toEqual(['typed', 'new', true]);
    doc.autosave.stop();
  });

  it('asks when a kept text and a newer one differ in the same section', async () => {
    const doc = open(session({ subjective: 'newer', version: 5 }));
    const base: Content = { ...emptyContent(at, 50), subjective: 'a' };
    doc.take({ base, mine: { ...base, subjective: 'typed' }, note: undefined });
    expect([doc.autosave.state, doc.clash!.fields]).toEqual(['conflict', ['subjective']]);
    await doc.choose('theirs');
    expect(doc.content.subjective).toBe('newer');
  });

  it('drops a kept text that says nothing new', async () => {
    const doc = open();
    await vault.keep(person, doc.place, 1);
    const base: Content = { ...emptyContent(at, 50), subjective: '' };
    doc.take({ base, mine: { ...base, subjective: 'a' }, note: undefined });
    expect([doc.restored, await kept(doc)]).toEqual([false, undefined]);
  });

  it('saves before it signs and before it copies', async () => {
    const doc = open();
    type(doc, { subjective: 'ab' });
    await doc.copyFrom('n0', ['plan']);
    expect([doc.content.plan, [...doc.copied.plan]]).toEqual(['copied', ['copied']]);
    type(doc, { objective: 'o' });
    expect((await doc.sign()).status).toBe('signed');
    expect(server.calls).toEqual([
      'save {"subjective":"ab"} v1',
      'copy n0 plan v2',
      'save {"objective":"o"} v3',
      'sign v4',
    ]);
  });

  it('does not sign what it cannot save', async () => {
    const doc = open();
    server.failing = networkError();
    type(doc, { subjective: 'ab' });
    await expect(doc.sign()).rejects.toMatchObject({ code: 'network' });
    doc.autosave.stop();
  });

  it('waits with what is too long for the server', async () => {
    const doc = open();
    type(doc, { subjective: 'x'.repeat(10_001) });
    expect(doc.autosave.state).toBe('idle');
    expect((await kept(doc))?.mine.subjective.length).toBe(10_001);
  });
});
