import { describe, expect, it, vi } from 'vitest';
import { SessionClock } from './clock';
import { codeProblem, isWholeCode, normalCode } from './code';
import { forgetToken, linkToken, startLinkToken, tokenOf } from './link-token.svelte';
import { SessionWatch } from './watch.svelte';

const left = (idle: number, absolute = 40_000) => ({ idle_seconds_left: idle, absolute_seconds_left: absolute });

describe('the code of a sign-in message', () => {
  it.each(['ABCD2345', 'abcd-2345', ' abcd 2345 ', 'ABCD\u20132345'])('takes %s', (typed) => {
    expect(normalCode(typed)).toBe('ABCD2345');
    expect(isWholeCode(typed)).toBe(true);
  });

  it.each(['', 'ABCD234', 'ABCD23456', 'ABCD234O', 'ABCD234I', 'ABCD2341', 'ABCD234L'])('does not take %s', (typed) => {
    expect(isWholeCode(typed)).toBe(false);
  });

  it.each([
    ['', 'short'],
    ['ABCD-234', 'short'],
    ['ABCD1234', 'odd'],
    ['ABCD23456', 'odd'],
    ['ABCD2345', undefined],
  ])('says what is wrong with "%s": %s', (typed, problem) => {
    expect(codeProblem(typed)).toBe(problem);
  });
});

describe('the token of a link', () => {
  it('is read from the fragment', () => {
    expect(tokenOf('#token=abc-_9')).toBe('abc-_9');
    expect(tokenOf('#other=1')).toBe('');
    expect(tokenOf('')).toBe('');
  });

  it('leaves the address bar at once', () => {
    history.replaceState(null, '', '/sign-in/link?x=1#token=secret');
    startLinkToken();
    expect(linkToken.current).toBe('secret');
    expect(location.href).not.toContain('secret');
    expect(location.pathname + location.search).toBe('/sign-in/link?x=1');
    forgetToken();
    expect(linkToken.current).toBe('');
  });
});

describe('SessionClock', () => {
  it('ends at whichever limit comes first', () => {
    const clock = new SessionClock();
    clock.heard(left(1800, 40_000), 0, true);
    expect(clock.remaining(0)).toEqual({ seconds: 1800, absolute: false });
    clock.heard(left(1800, 600), 0, true);
    expect(clock.remaining(60_000)).toEqual({ seconds: 540, absolute: true });
  });

  it('begins anew with each active answer, and not in the background', () => {
    const clock = new SessionClock();
    clock.heard(left(1800), 0, true);
    clock.heard(left(1000), 800_000, false);
    expect(clock.remaining(800_000).seconds).toBe(1000);
    clock.touched(900_000);
    expect(clock.remaining(900_000).seconds).toBe(1800);
  });

  it('warns in the last two minutes and never counts below zero', () => {
    const clock = new SessionClock();
    expect(clock.warning(0)).toBe(false);
    clock.heard(left(300), 0, true);
    expect(clock.warning(179_000)).toBe(false);
    expect(clock.warning(180_000)).toBe(true);
    expect(clock.remaining(999_000).seconds).toBe(0);
  });

  it('wants typing reported after a quarter of the idle time', () => {
    const clock = new SessionClock();
    expect(clock.shouldReport(1e9)).toBe(false);
    clock.heard(left(1800), 0, true);
    expect(clock.shouldReport(450_000)).toBe(false);
    expect(clock.shouldReport(450_001)).toBe(true);
    clock.touched(450_001);
    expect(clock.shouldReport(460_000)).toBe(false);
  });
});

describe('SessionWatch', () => {
  function scene(idle: number, absolute?: number) {
    let now = 0;
    const clock = new SessionClock();
    clock.heard(left(idle, absolute), 0, true);
    const refresh = vi.fn().mockResolvedValue(undefined);
    const stay = vi.fn(async () => clock.heard(left(idle, absolute), now, true));
    const end = vi.fn();
    const watch = new SessionWatch(clock, { refresh, stay, end }, () => now);
    const at = async (seconds: number) => {
      now = seconds * 1000;
      await watch.tick();
    };
    return { clock, watch, refresh, stay, end, at, now: () => now };
  }

  it('ends the session at zero when the server cannot be asked, and not when another tab kept it alive', async () => {
    const { clock, refresh, end, at } = scene(300);
    refresh.mockRejectedValue(new Error('offline'));
    await at(299);
    expect(end).not.toHaveBeenCalled();
    refresh.mockImplementationOnce(async () => clock.heard(left(300), 300_000, false));
    await at(300);
    expect(end).not.toHaveBeenCalled();
    await at(600);
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('asks the server before it warns, and counts down', async () => {
    const { watch, refresh, at } = scene(300);
    await at(30);
    expect(refresh).not.toHaveBeenCalled();
    await at(180);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(watch.open).toBe(true);
    await at(181);
    expect(watch.left.seconds).toBe(119);
    expect(refresh).toHaveBeenCalledTimes(1);
    await at(196);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('does not warn when another tab kept the session alive', async () => {
    const { clock, watch, refresh, at, now } = scene(300);
    refresh.mockImplementation(async () => clock.heard(left(290), now(), false));
    await at(200);
    expect(watch.open).toBe(false);
    expect(watch.left.seconds).toBe(290);
  });

  it('closes when the person stays', async () => {
    const { watch, stay, at } = scene(300);
    await at(200);
    await watch.stay();
    expect(stay).toHaveBeenCalledTimes(1);
    expect(watch.open).toBe(false);
    expect(watch.left.seconds).toBe(300);
  });

  it('keeps counting when the server cannot be asked', async () => {
    const { watch, refresh, at } = scene(300);
    refresh.mockRejectedValue(new Error('offline'));
    await at(200);
    await at(250);
    expect(watch.open).toBe(true);
    expect(watch.left.seconds).toBe(50);
  });

  it('can be put aside when staying cannot help', async () => {
    const { watch, at } = scene(300, 250);
    await at(200);
    expect(watch.left.absolute).toBe(true);
    watch.dismiss();
    await at(230);
    expect(watch.open).toBe(false);
  });

  it('looks in now and then on a quiet page', async () => {
    const { refresh, at } = scene(1800);
    for (const seconds of [30, 60, 90, 120]) await at(seconds);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('reports typing seldom, and never while it warns', async () => {
    const { watch, stay, at } = scene(300);
    await watch.acted();
    expect(stay).not.toHaveBeenCalled();
    await at(80);
    await watch.acted();
    await watch.acted();
    expect(stay).toHaveBeenCalledTimes(1);
    await at(80 + 190);
    expect(watch.open).toBe(true);
    await watch.acted();
    expect(stay).toHaveBeenCalledTimes(1);
  });
});
