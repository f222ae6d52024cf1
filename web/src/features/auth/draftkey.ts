/**
 * The server's half of the key that seals unsaved text. It is in memory, and in the storage of this tab for as long as the
 * session lives, so that a reload without a network can still open what was being written. It ends with the session.
 */
import { ApiError } from '../../api/problem';
import type { Me } from '../../api/types';
import { DeviceBox, MemoryBox, Vault } from '../../lib/vault';
import { fetchDraftKey } from './queries';

const name = 'pazpaz.tab';
const whoPlace = 'who';

interface Held {
  person: string;
  half: string;
  /** When the session ends unless it is used, in milliseconds. */
  until: number;
}

let held: Held | undefined;

/** Who was signed in here when this tab was loaded last, unless that session is over by now. */
function heldFor(now = Date.now()): { person: string; until: number } | undefined {
  held ??= read();
  if (held && held.until > now) return held;
  dropHalf();
  return undefined;
}

/** The session lives until then. */
function keepHalfUntil(person: string, until: number): void {
  if (held?.person !== person) return;
  held = { ...held, until };
  write(held);
}

function dropHalf(): void {
  held = undefined;
  try {
    sessionStorage.removeItem(name);
  } catch {
    // Storage that is refused holds nothing.
  }
}

async function halfOf(person: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const half = await fetchDraftKey();
    held = { person, half, until: held?.person === person ? held.until : 0 };
    return bytesOf(half);
  } catch (error) {
    if (error instanceof ApiError && error.status === 0 && heldFor()?.person === person) return bytesOf(held!.half);
    throw error;
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, (char) => char.charCodeAt(0));
}

function read(): Held | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(name) ?? 'null') as Held | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(value: Held): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Then a reload needs the server.
  }
}

const box = typeof indexedDB === 'undefined' ? new MemoryBox() : new DeviceBox();

export const vault = new Vault(box, globalThis.crypto?.subtle, halfOf);

/** The session is over: copies stay sealed until the same person signs in again. */
export function lockVault(): void {
  vault.lock();
  dropHalf();
}

/** A sign-out: nothing may stay. */
export function forgetVault(): void {
  dropHalf();
  void vault.forget().catch(() => undefined);
}

/** Has the key at hand, and who it is for, before the network goes away. `until` is when the session ends if it is not used. */
export async function openVault(person: string, me: Me, until: number): Promise<void> {
  if (!(await vault.ready(person))) return;
  keepHalfUntil(person, until);
  await vault.keep(person, whoPlace, me).catch(() => undefined);
}

/** Who was at work in this tab, when the server cannot be asked. */
export async function whoWasHere(): Promise<{ person: string; me: Me; until: number } | undefined> {
  const kept = heldFor();
  const me = kept && (await vault.find<Me>(kept.person, whoPlace));
  return me && { ...kept, me };
}
