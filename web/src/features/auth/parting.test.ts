import { afterEach, describe, expect, it, vi } from 'vitest';
import { clearToasts, toasts } from '../../lib/toast.svelte';
import { mayForgetText } from './parting.svelte';

const outbox = vi.hoisted(() => ({ settle: vi.fn() }));
vi.mock('../sessions/docs', () => ({ outbox }));

/** Signs out while text takes so many milliseconds to be saved. */
async function leaving(takes: number): Promise<string[]> {
  vi.useFakeTimers();
  outbox.settle.mockImplementation(() => new Promise((saved) => setTimeout(() => saved([]), takes)));
  const asked = mayForgetText();
  await vi.advanceTimersByTimeAsync(takes);
  expect(await asked).toBe(true);
  await vi.advanceTimersByTimeAsync(2000);
  return toasts.map(({ text }) => text);
}

afterEach(() => {
  clearToasts();
  vi.useRealTimers();
});

describe('a sign-out with text that is on its way', () => {
  it('says nothing when the text is saved soon', async () => {
    expect(await leaving(900)).toEqual([]);
  });

  it('says what it waits for when that takes longer', async () => {
    expect(await leaving(1500)).toEqual(['Saving your text before signing out…']);
  });
});
