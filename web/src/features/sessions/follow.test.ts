import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Live, Noun } from '../../lib/live';
import type { NoteDoc } from './doc.svelte';
import { follow } from './follow';

describe('an open draft', () => {
  let tell: (noun: Noun) => void;
  const refresh = vi.fn(async () => undefined);
  const autosave: { savedAt?: number } = {};
  const doc = { dirty: false, autosave, refresh };
  const source = { listen: (listener: (noun: Noun) => void) => ((tell = listener), () => undefined) };

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    refresh.mockClear();
    Object.assign(doc, { dirty: false });
    delete autosave.savedAt;
    const stop = follow(doc as unknown as NoteDoc, source as unknown as Live);
    return () => {
      stop();
      vi.useRealTimers();
    };
  });

  const change = async () => {
    tell('sessions');
    await vi.advanceTimersByTimeAsync(1000);
  };

  it('is looked at again when a note was changed elsewhere', async () => {
    await change();
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('is not looked at for its own save, nor while something is written in it', async () => {
    autosave.savedAt = 1_000_000;
    await change();
    delete autosave.savedAt;
    doc.dirty = true;
    await change();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is looked at now and then while others save on and on, and when the person comes back', async () => {
    for (let n = 0; n < 5; n++) await change();
    expect(refresh).toHaveBeenCalledOnce();
    dispatchEvent(new Event('focus'));
    expect(refresh).toHaveBeenCalledTimes(2);
    dispatchEvent(new Event('focus'));
    expect(refresh).toHaveBeenCalledTimes(2);
    await change();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(refresh).toHaveBeenCalledTimes(3);
  });
});
