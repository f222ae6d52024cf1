import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkError } from '../../api/problem';
import { Autosave, idleWait, longestWait, type Met } from './autosave.svelte';

interface Held {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A note whose saves are answered by hand. */
function scene(clash: (error: ApiError) => Promise<Met> = async () => 'conflict') {
  const note = { text: '', stored: '' };
  const calls: (Held & { text: string })[] = [];
  const autosave = new Autosave({
    dirty: () => note.text !== note.stored,
    save: () => {
      const text = note.text;
      return new Promise((resolve, reject) => {
        const done = () => {
          note.stored = text;
          resolve();
        };
        calls.push({ text, resolve: done, reject });
      });
    },
    clash,
  });
  const type = (text: string) => {
    note.text += text;
    autosave.touched();
  };
  return { note, calls, autosave, type, wait: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

describe('autosave', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('saves once typing has stopped', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait - 1);
    type('b');
    await wait(idleWait - 1);
    expect([calls.length, autosave.state]).toEqual([0, 'waiting']);
    await wait(1);
    expect([calls.length, autosave.state]).toEqual([1, 'saving']);
    calls[0]!.resolve();
    await wait(0);
    expect([calls[0]!.text, autosave.state, autosave.savedAt]).toEqual(['ab', 'saved', Date.now()]);
  });

  it('saves now and then while typing goes on', async () => {
    const { calls, type, wait } = scene();
    for (let at = 0; at < longestWait; at += 500) {
      type('x');
      await wait(500);
    }
    expect(calls.length).toBe(1);
  });

  it('sends nothing when nothing was changed', async () => {
    const { calls, autosave, wait } = scene();
    autosave.touched();
    await wait(longestWait);
    expect(await autosave.flush()).toBe(true);
    expect(calls.length).toBe(0);
  });

  it('saves at once on flush, and waits for it', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    const done = autosave.flush();
    await wait(0);
    calls[0]!.resolve();
    expect(await done).toBe(true);
  });

  it('has one save on its way at a time, and a second for what was typed meanwhile', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait);
    type('b');
    await wait(idleWait * 3);
    expect(calls.length).toBe(1);
    calls[0]!.resolve();
    await wait(idleWait);
    expect(calls.map((call) => call.text)).toEqual(['a', 'ab']);
    calls[1]!.resolve();
    await wait(0);
    expect(autosave.state).toBe('saved');
  });

  it('tries again by itself without a connection, more and more slowly', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait);
    for (const pause of [1000, 2000, 4000]) {
      calls.at(-1)!.reject(networkError());
      await wait(0);
      expect(autosave.state).toBe('offline');
      const before = calls.length;
      await wait(pause - 1);
      expect(calls.length).toBe(before);
      await wait(1);
      expect(calls.length).toBe(before + 1);
    }
    calls.at(-1)!.resolve();
    await wait(0);
    expect(autosave.state).toBe('saved');
  });

  it('takes along what was typed offline, without a faster try', async () => {
    const { calls, type, wait } = scene();
    type('a');
    await wait(idleWait);
    calls[0]!.reject(networkError());
    await wait(0);
    type('b');
    await wait(999);
    expect(calls.length).toBe(1);
    await wait(1);
    expect(calls[1]!.text).toBe('ab');
  });

  it('tries at once when the connection is back', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait);
    calls[0]!.reject(networkError());
    await wait(0);
    void autosave.retry();
    await wait(0);
    expect(calls.length).toBe(2);
  });

  it('waits as long as the server asks', async () => {
    const { calls, type, wait } = scene();
    type('a');
    await wait(idleWait);
    calls[0]!.reject(new ApiError(429, 'too_many', {}, {}, 20));
    await wait(19_999);
    expect(calls.length).toBe(1);
    await wait(1);
    expect(calls.length).toBe(2);
  });

  it('stops at a conflict until the person has decided', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait);
    calls[0]!.reject(new ApiError(409, 'stale'));
    await wait(0);
    expect(autosave.state).toBe('conflict');
    type('b');
    expect(await autosave.flush()).toBe(false);
    await wait(60_000);
    expect(calls.length).toBe(1);
    void autosave.settled();
    await wait(0);
    expect(calls[1]!.text).toBe('ab');
  });

  it('goes on by itself where both changes can be kept', async () => {
    const { calls, autosave, type, wait } = scene(async () => 'again');
    type('a');
    await wait(idleWait);
    calls[0]!.reject(new ApiError(409, 'stale'));
    await wait(0);
    expect(calls.length).toBe(2);
    calls[1]!.resolve();
    await wait(0);
    expect(autosave.state).toBe('saved');
  });

  it('says so where the server takes no note at all, and tries again where it could not be asked', async () => {
    const { calls, autosave, type, wait } = scene(async (error) => {
      if (error.code === 'cancelled') return 'stuck';
      throw networkError();
    });
    type('a');
    await wait(idleWait);
    calls[0]!.reject(new ApiError(409, 'cancelled'));
    await wait(60_000);
    expect([calls.length, autosave.state]).toEqual([1, 'stuck']);
    type('b');
    await wait(idleWait);
    calls[1]!.reject(new ApiError(409, 'has_note'));
    await wait(0);
    expect(autosave.state).toBe('offline');
    await wait(1000);
    expect(calls.length).toBe(3);
  });

  it('does not repeat what was refused, but sends the next change', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    await wait(idleWait);
    calls[0]!.reject(new ApiError(422, 'invalid'));
    await wait(60_000);
    expect([calls.length, autosave.state]).toEqual([1, 'stuck']);
    type('b');
    await wait(idleWait);
    expect(calls.length).toBe(2);
  });

  it('saves nothing after it was stopped', async () => {
    const { calls, autosave, type, wait } = scene();
    type('a');
    autosave.stop();
    await wait(60_000);
    type('b');
    await wait(60_000);
    expect(calls.length).toBe(0);
  });
});
