import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import type { Session, SessionInput } from '../../api/types';
import { MemoryBox, Vault } from '../../lib/vault';
import { emptyContent, type Content } from './content';
import { NoteDoc, placeOf, type Server } from './doc.svelte';
import { copyPlace, type LocalCopy } from './localcopy';

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
  /** The note that a visit has already, as the answer to a second one names it. */
  there: object | undefined;
  calls: string[] = [];
  failing: unknown;
  /** The answer is lost after the work was done. */
  losing = false;

  async create(body: SessionInput, key: string) {
    this.calls.push(`create ${key.length}`);
    return this.answer(() => {
      if (this.there) throw new ApiError(409, 'has_note', {}, { current: this.there } as never);
      return (this.stored ??= session({ ...body } as Partial<Session>));
    });
  }
  async read(id: string) {
    this.calls.push(`read ${id}`);
    return this.answer(() => this.stored!);
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
    vault = new Vault(new MemoryBox(), crypto.subtle, async () => new Uint8Array(32));
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
    await doc.sealed();
    return (await vault.findAll<LocalCopy>(person, copyPlace(doc.place)))[0];
  };
  const noneKept = (doc: NoteDoc) => vi.waitFor(async () => expect(await kept(doc)).toBeUndefined());
  const copy = (base: Content, part: Partial<Content>, key = 'k'): LocalCopy => {
    return { base, mine: { ...base, ...part }, note: undefined, key };
  };

  it('sends only changes, with the version it saw, and keeps a copy until then', async () => {
    const doc = open();
    type(doc, { subjective: 'ab' });
    expect((await kept(doc))?.mine.subjective).toBe('ab');
    expect(await doc.autosave.flush()).toBe(true);
    type(doc, { plan: 'p' });
    await doc.autosave.flush();
    expect(server.calls).toEqual(['save {"subjective":"ab"} v1', 'save {"plan":"p"} v2']);
    await noneKept(doc);
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
    expect([created, doc.place, await vault.findAll(person, copyPlace(placeOf(origin)))]).toEqual([
      ['n1'],
      'note:n1',
      [],
    ]);
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

  it('takes its own save for nobody else’s, also when more was typed or the page was reloaded since', async () => {
    const doc = open();
    server.losing = true;
    type(doc, { subjective: 'ab' });
    await doc.autosave.flush();
    type(doc, { subjective: 'abc' });
    await doc.autosave.retry();
    await vi.waitFor(() => expect(server.stored!.subjective).toBe('abc')); // it is sent again by a timer
    const copies = await kept(doc);
    doc.autosave.stop();
    server.losing = false;
    const again = new NoteDoc({ person, server, vault, note: copies!.note! });
    again.take([copies!]);
    again.content.subjective = 'abcd';
    await again.autosave.flush();
    await again.autosave.flush();
    expect([again.clash, again.autosave.state, server.stored!.subjective]).toEqual([undefined, 'saved', 'abcd']);
    const unloading = { ...copies!, sent: [] }; // its last save was sent as the page went
    const later = open(session({ subjective: 'abc', version: 3 }));
    later.take([{ ...copies!, mine: { ...copies!.mine, subjective: 'abc!' } }]);
    expect([later.clash, later.content.subjective]).toEqual([undefined, 'abc!']);
    later.autosave.stop();
    const offline = new NoteDoc({ person, server, vault, note: unloading.note! });
    server.stored = session({ subjective: 'abc', version: 3 });
    offline.take([unloading]);
    type(offline, { subjective: 'abc and on' });
    await offline.autosave.flush();
    expect(offline.clash).toBeUndefined();
    offline.autosave.stop();
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
    await noneKept(doc);
  });

  it('brings a kept text back, over what was saved elsewhere in other sections', () => {
    const doc = open(session({ subjective: 'a', plan: 'new', version: 5 }));
    const base: Content = { ...emptyContent(at, 50), subjective: 'a' };
    doc.take([copy(base, { subjective: 'typed' })]);
    expect([doc.content.subjective, doc.content.plan, doc.restored]).toEqual(['typed', 'new', true]);
    doc.autosave.stop();
  });

  it('asks when a kept text and a newer one differ in the same section', async () => {
    const doc = open(session({ subjective: 'newer', version: 5 }));
    const base: Content = { ...emptyContent(at, 50), subjective: 'a' };
    doc.take([copy(base, { subjective: 'typed' })]);
    expect([doc.autosave.state, doc.clash!.fields]).toEqual(['conflict', ['subjective']]);
    await doc.choose('theirs');
    expect(doc.content.subjective).toBe('newer');
  });

  it('brings the texts of two tabs back, one under the other where they differ', () => {
    const base: Content = { ...emptyContent(at, 50), subjective: 'a' };
    const doc = open();
    doc.take([copy(base, { subjective: 'one' }, 'k1'), copy(base, { subjective: 'two', plan: 'p' }, 'k2')]);
    expect([doc.content.subjective, doc.content.plan]).toEqual(['one\n\ntwo', 'p']);
    doc.autosave.stop();
  });

  it('keeps the copy of another tab when its own text is saved', async () => {
    const [first, second] = [open(), open()];
    type(second, { plan: 'unsaved in the other tab' });
    type(first, { subjective: 'ab' });
    await Promise.all([kept(first), kept(second)]);
    expect(await first.autosave.flush()).toBe(true);
    await vi.waitFor(async () => expect(await vault.findAll(person, copyPlace(first.place))).toHaveLength(1));
    expect((await kept(first))?.mine.plan).toBe('unsaved in the other tab');
    second.autosave.stop();
  });

  it('shows a text that came too late for a signed note, and writes nothing', () => {
    const doc = open(session({ subjective: 'a', status: 'signed' }));
    doc.take([copy({ ...emptyContent(at, 50), subjective: 'a' }, { plan: 'late' })]);
    expect([doc.late?.plan, doc.content.plan, server.calls]).toEqual(['late', '', []]);
  });

  it('keeps both texts of a common section when asked, and the rest of its own with theirs', async () => {
    for (const [side, want] of [
      ['both', 'mine\n\ntheirs'],
      ['theirs', 'theirs'],
    ] as const) {
      const doc = open();
      server.stored = session({ subjective: 'theirs', version: 2 });
      type(doc, { subjective: 'mine', plan: 'my plan' });
      await doc.autosave.flush();
      await doc.choose(side);
      expect(server.stored).toMatchObject({ subjective: want, plan: 'my plan' });
    }
  });

  const begun = () => {
    const origin = { appointment_id: 'v1' };
    return new NoteDoc({ person, server, vault, origin, start: emptyContent(at, 50) });
  };

  it('goes on in the note that its author began elsewhere', async () => {
    server.stored = session({ subjective: 'there', author_id: 'dana', version: 3 });
    server.there = { id: 'n1', author_id: 'dana', status: 'draft', version: 3 };
    const doc = begun();
    type(doc, { plan: 'mine' });
    await doc.autosave.flush();
    await doc.autosave.flush();
    expect(server.calls).toEqual(['create 32', 'read n1', 'save {"plan":"mine"} v3']);
    expect([doc.content.subjective, doc.autosave.state]).toEqual(['there', 'saved']);
  });

  it('keeps its text, and says why, where a colleague has written the note', async () => {
    server.there = { id: 'n9', author_id: 'noa', status: 'draft', version: 1 };
    const doc = begun();
    type(doc, { plan: 'mine' });
    expect(await doc.autosave.flush()).toBe(false);
    expect([doc.autosave.state, server.calls, (await kept(doc))?.mine.plan]).toEqual(['stuck', ['create 32'], 'mine']);
  });

  it('repeats a beginning whose answer was lost with the same key, also after the page is gone', async () => {
    const keys: string[] = [];
    server.create = async (body, key) => {
      keys.push(`${key} ${body.plan}`);
      throw networkError();
    };
    const doc = begun();
    type(doc, { plan: 'a' });
    await doc.autosave.flush();
    type(doc, { plan: 'ab' });
    const copies = await kept(doc);
    doc.autosave.stop();
    const again = begun();
    again.take([copies!]);
    await again.autosave.flush();
    expect([again.content.plan, keys[0]!.endsWith(' a'), keys[1]]).toEqual(['ab', true, keys[0]]);
    again.autosave.stop();
  });

  it('drops a kept text that says nothing new', async () => {
    const doc = open();
    await vault.keep(person, copyPlace(doc.place, 'k'), 1);
    const base: Content = { ...emptyContent(at, 50), subjective: '' };
    doc.take([copy(base, { subjective: 'a' })]);
    expect(doc.restored).toBe(false);
    await noneKept(doc);
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
