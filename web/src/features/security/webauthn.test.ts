import { afterEach, describe, expect, it, vi } from 'vitest';
import { bytesOf, createPasskey, isHere, offersInField, textOf, usePasskey, wasCalledOff } from './webauthn';

const buffer = (...bytes: number[]) => Uint8Array.from(bytes).buffer;
const credentials = { create: vi.fn(), get: vi.fn() };

function inBrowser(response: object) {
  vi.stubGlobal('navigator', { credentials });
  const credential = {
    id: '-_8',
    rawId: buffer(251, 255),
    type: 'public-key',
    authenticatorAttachment: null,
    getClientExtensionResults: () => ({ credProps: { rk: true } }),
    response,
  };
  credentials.create.mockReset().mockResolvedValue(credential);
  credentials.get.mockReset().mockResolvedValue(credential);
}

afterEach(() => vi.unstubAllGlobals());

describe('passkeys', () => {
  it('carry bytes as the standard writes them, of any length', () => {
    for (const bytes of [[], [0], [251, 255], [1, 2, 3], [255, 254, 253, 252]]) {
      expect([...bytesOf(textOf(buffer(...bytes)))]).toEqual(bytes);
    }
    expect(textOf(buffer(251, 255))).toBe('-_8');
  });

  it('are made from what the server sends, and told in its words', async () => {
    inBrowser({ clientDataJSON: buffer(1), attestationObject: buffer(2), getTransports: () => ['internal'] });
    const made = await createPasskey({
      challenge: '-_8',
      rp: { id: 'example.com' },
      user: { id: 'AQ', name: 'a@b' },
      excludeCredentials: [{ id: 'Ag', type: 'public-key' }],
    });
    const { publicKey } = credentials.create.mock.calls[0]![0];
    expect([...publicKey.challenge]).toEqual([251, 255]);
    expect([publicKey.rp.id, publicKey.user.name, ...publicKey.user.id]).toEqual(['example.com', 'a@b', 1]);
    expect([...publicKey.excludeCredentials[0].id]).toEqual([2]);
    expect(made).toEqual({
      id: '-_8',
      rawId: '-_8',
      type: 'public-key',
      authenticatorAttachment: undefined,
      clientExtensionResults: { credProps: { rk: true } },
      response: { clientDataJSON: 'AQ', attestationObject: 'Ag', transports: ['internal'] },
    });
  });

  it('prove, and wait under a field only when asked to', async () => {
    inBrowser({ clientDataJSON: buffer(1), authenticatorData: buffer(2), signature: buffer(3), userHandle: null });
    const { signal } = new AbortController();
    const used = await usePasskey({ challenge: 'AQ' }, signal);
    expect(credentials.get.mock.calls[0]![0]).toMatchObject({ mediation: 'conditional', signal });
    expect(used.response).toEqual({
      clientDataJSON: 'AQ',
      authenticatorData: 'Ag',
      signature: 'Aw',
      userHandle: undefined,
    });
    await usePasskey({ challenge: 'AQ', allowCredentials: [{ id: 'AQ', type: 'public-key' }] });
    expect(credentials.get.mock.calls[1]![0]).not.toHaveProperty('mediation');
    expect([...credentials.get.mock.calls[1]![0].publicKey.allowCredentials[0].id]).toEqual([1]);
  });

  it('tell a closed window from a failure', () => {
    expect(wasCalledOff(new DOMException('', 'NotAllowedError'))).toBe(true);
    expect(wasCalledOff(new DOMException('', 'SecurityError'))).toBe(false);
    expect(wasCalledOff(undefined)).toBe(false);
    expect(isHere(new DOMException('', 'InvalidStateError'))).toBe(true);
  });

  it('are not offered where the browser has none', async () => {
    expect(await offersInField()).toBe(false);
  });
});
