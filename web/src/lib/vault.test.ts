import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryBox, Vault } from './vault';

const { subtle } = crypto;
const [dana, noa] = ['dana/practice', 'noa/practice'];

describe('the vault', () => {
  let box: MemoryBox;
  let vault: Vault;
  beforeEach(() => {
    box = new MemoryBox();
    vault = new Vault(box, subtle);
  });

  it('gives back what was kept, also to a new page', async () => {
    await vault.keep(dana, 'note:1', { text: 'כאב גב' });
    expect(await new Vault(box, subtle).find(dana, 'note:1')).toEqual({ text: 'כאב גב' });
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

  it('forgets key and copies of everybody at sign-out', async () => {
    await vault.keep(dana, 'note:1', 1);
    await vault.forgetAllBut(undefined);
    expect(await box.keys()).toEqual([]);
  });

  it('keeps those of the person who comes back, and nobody else', async () => {
    await vault.keep(dana, 'note:1', 1);
    await vault.keep(noa, 'note:1', 2);
    await vault.forgetAllBut(noa);
    expect(await vault.find(noa, 'note:1')).toBe(2);
    expect((await box.keys()).some((name) => name.includes(dana))).toBe(false);
  });

  it('does not bring a copy back that was being sealed during a sign-out', async () => {
    await vault.keep(dana, 'note:1', 1);
    const late = vault.keep(dana, 'note:1', 2);
    await vault.forgetAllBut(undefined);
    await late;
    expect((await box.keys()).filter((name) => name.startsWith('copy:'))).toEqual([]);
  });

  it('keeps nothing without a person or outside a secure origin', async () => {
    await vault.keep('', 'note:1', 1);
    const bare = new Vault(box, undefined);
    await bare.keep(dana, 'note:1', 1);
    expect(await bare.find(dana, 'note:1')).toBeUndefined();
    expect(await box.keys()).toEqual([]);
  });
});
