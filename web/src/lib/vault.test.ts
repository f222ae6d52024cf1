import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryBox, Vault } from './vault';

const { subtle } = crypto;
const [dana, noa] = ['dana/practice', 'noa/practice'];

/** A server that gives each person a half of their own. */
const halves = async (person: string) => new Uint8Array(32).fill(person.charCodeAt(0));
const copies = async (box: MemoryBox) => (await box.keys()).filter((name) => name.startsWith('copy:'));

describe('the vault', () => {
  let box: MemoryBox;
  let vault: Vault;
  beforeEach(() => {
    box = new MemoryBox();
    vault = new Vault(box, subtle, halves);
  });

  it('gives back what was kept, also to a new page', async () => {
    await vault.keep(dana, 'note:1', { text: 'כאב גב' });
    expect(await new Vault(box, subtle, halves).find(dana, 'note:1')).toEqual({ text: 'כאב גב' });
  });

  it('stores no readable word, and a key that cannot be exported', async () => {
    await vault.keep(dana, 'note:1', { text: 'headache' });
    for (const name of await box.keys()) {
      const value = await box.get(name);
      if (name.startsWith('key:')) expect((value as CryptoKey).extractable).toBe(false);
      else expect(new TextDecoder('latin1').decode((value as { data: ArrayBuffer }).data)).not.toContain('headache');
    }
  });

  it('knows each place and person apart', async () => {
    await vault.keep(dana, 'note:1', 1);
    expect(await vault.find(dana, 'note:2')).toBeUndefined();
    expect(await vault.find(noa, 'note:1')).toBeUndefined();
  });

  it('does not open a copy that was moved or changed', async () => {
    await vault.keep(dana, 'note:1', 1);
    await box.set(`copy:${dana}\nnote:2`, await box.get(`copy:${dana}\nnote:1`));
    expect(await vault.find(dana, 'note:2')).toBeUndefined();
    const sealed = (await box.get(`copy:${dana}\nnote:1`)) as { data: ArrayBuffer };
    new Uint8Array(sealed.data)[0]! ^= 1;
    expect(await vault.find(dana, 'note:1')).toBeUndefined();
  });

  it('keeps the newest, and drops on request', async () => {
    await vault.keep(dana, 'note:1', 1);
    await vault.keep(dana, 'note:1', 2);
    expect(await vault.find(dana, 'note:1')).toBe(2);
    await vault.drop(dana, 'note:1');
    expect(await vault.find(dana, 'note:1')).toBeUndefined();
  });

  it('finds all copies of a place, and no others', async () => {
    await vault.keep(dana, 'note:1\na', 1);
    await vault.keep(dana, 'note:1\nb', 2);
    await vault.keep(dana, 'note:10\na', 3);
    await vault.keep(noa, 'note:1\na', 4);
    expect((await vault.findAll<number>(dana, 'note:1\n')).sort()).toEqual([1, 2]);
  });

  it('tells how many copies do not open, and not those that were dropped while it looked', async () => {
    await vault.keep(dana, 'note:1', 1);
    await vault.keep(dana, 'note:2', 2);
    await vault.keep(dana, 'note:3', 3);
    await box.set(`copy:${dana}\nnote:2`, await box.get(`copy:${dana}\nnote:1`));
    const { keys } = box;
    box.keys = async () => {
      const names = await keys();
      await box.delete(`copy:${dana}\nnote:3`); // by a save that has just arrived
      return names;
    };
    expect(await vault.look(dana, 'note:')).toEqual({ opened: [1], closed: 1 });
  });

  it('opens after the end of a session only with the half that the server gives the same person', async () => {
    await vault.keep(dana, 'note:1', 'typed');
    vault.lock();
    const without = new Vault(box, subtle, () => Promise.reject(new Error('not signed in')));
    expect(await without.find(dana, 'note:1')).toBeUndefined();
    const another = new Vault(box, subtle, () => halves(noa));
    expect(await another.find(dana, 'note:1')).toBeUndefined();
    expect(await vault.find(dana, 'note:1')).toBe('typed');
  });

  it('opens only with the half that stayed in this browser', async () => {
    await vault.keep(dana, 'note:1', 'typed');
    const elsewhere = new MemoryBox();
    for (const name of await copies(box)) await elsewhere.set(name, await box.get(name));
    expect(await new Vault(elsewhere, subtle, halves).find(dana, 'note:1')).toBeUndefined();
  });

  it('asks for the half once, and again after a lock or a failure', async () => {
    let asked = 0;
    const source = async (person: string) => {
      asked += 1;
      if (asked === 1) throw new Error('offline');
      return halves(person);
    };
    const own = new Vault(box, subtle, source);
    expect([await own.ready(dana), await own.ready(dana), await own.ready(dana), asked]).toEqual([
      false,
      true,
      true,
      2,
    ]);
    own.lock();
    expect([await own.ready(dana), asked]).toEqual([true, 3]);
  });

  it('forgets key and copies of everybody at sign-out', async () => {
    await vault.keep(dana, 'note:1', 1);
    await vault.forget();
    expect(await box.keys()).toEqual([]);
  });

  it('leaves the sealed copies of a colleague where they are', async () => {
    await vault.keep(dana, 'note:1', 1);
    vault.lock();
    await vault.keep(noa, 'note:1', 2);
    vault.lock();
    expect(await vault.find(dana, 'note:1')).toBe(1);
  });

  it('does not bring a copy back that was being sealed during a sign-out', async () => {
    await vault.keep(dana, 'note:1', 1);
    const late = vault.keep(dana, 'note:1', 2);
    await vault.forget();
    expect(await late).toBe(false);
    expect(await copies(box)).toEqual([]);
  });

  it('keeps nothing without a person or outside a secure origin', async () => {
    await vault.keep('', 'note:1', 1);
    const bare = new Vault(box, undefined, halves);
    await bare.keep(dana, 'note:1', 1);
    expect(await bare.find(dana, 'note:1')).toBeUndefined();
    expect(await box.keys()).toEqual([]);
  });
});
