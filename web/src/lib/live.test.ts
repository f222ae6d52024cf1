import { afterEach, describe, expect, it, vi } from 'vitest';
import { Live, onChange, onReturn, onSignedOut, type Shared } from './live';

class FakeSource extends EventTarget {
  closed = false;
  readyState = 1;
  /** What a refusal looks like: the browser does not try again. */
  refuse(): void {
    this.readyState = 2;
    this.dispatchEvent(new Event('error'));
  }
  close(): void {
    this.closed = true;
  }
  say(type: string, data = '{}'): void {
    this.dispatchEvent(new MessageEvent(type, { data }));
  }
}

class FakeChannel {
  onmessage: ((message: MessageEvent<string>) => void) | null = null;
  constructor(private readonly all: FakeChannel[]) {
    all.push(this);
  }
  postMessage(data: string): void {
    for (const other of this.all) if (other !== this) other.onmessage?.(new MessageEvent('message', { data }));
  }
  close(): void {
    this.all.splice(this.all.indexOf(this), 1);
  }
}

/** Several tabs of one browser. */
class FakeBrowser {
  readonly sources: FakeSource[] = [];
  private readonly channels: FakeChannel[] = [];
  private last: Promise<unknown> = Promise.resolve();

  tab(): Shared {
    return {
      open: () => {
        const source = new FakeSource();
        this.sources.push(source);
        return source as unknown as EventSource;
      },
      channel: () => new FakeChannel(this.channels) as unknown as BroadcastChannel,
      locks: { request: this.request } as unknown as LockManager,
    };
  }

  private readonly request = (_: string, options: LockOptions, hold: () => Promise<unknown>): Promise<unknown> => {
    const turn = this.last.then(() => {
      if (options.signal?.aborted) throw new DOMException('aborted', 'AbortError');
      return hold();
    });
    this.last = turn.catch(() => undefined);
    return turn;
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('live changes', () => {
  it('reach every tab over one stream', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [new Live(browser.tab()), new Live(browser.tab())];
    const heard: string[] = [];
    one.listen((noun) => heard.push('one ' + noun));
    two.listen((noun) => heard.push('two ' + noun));
    await settled();
    expect(browser.sources).toHaveLength(1);
    browser.sources[0]!.say('hello');
    browser.sources[0]!.say('change', '{"noun":"appointments"}');
    expect(heard).toEqual(['one appointments', 'two appointments']);
  });

  it('count everything as changed after the connection broke', async () => {
    const browser = new FakeBrowser();
    const heard: string[] = [];
    new Live(browser.tab()).listen((noun) => heard.push(noun));
    await settled();
    browser.sources[0]!.say('hello');
    expect(heard).toEqual([]);
    browser.sources[0]!.say('hello');
    expect(heard).toEqual(['everything']);
  });

  it('go on in another tab when the one that listened is closed', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [new Live(browser.tab()), new Live(browser.tab())];
    const heard: string[] = [];
    const leave = one.listen(() => heard.push('one'));
    two.listen((noun) => heard.push('two ' + noun));
    await settled();
    leave();
    await settled();
    expect(browser.sources.map((source) => source.closed)).toEqual([true, false]);
    browser.sources[1]!.say('change', '{"noun":"sessions"}');
    expect(heard).toEqual(['two sessions']);
  });

  it('stop when the session has ended, which every tab is told', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [vi.fn(), vi.fn()];
    onSignedOut(one, new Live(browser.tab()));
    onSignedOut(two, new Live(browser.tab()));
    await settled();
    browser.sources[0]!.say('change', '{"noun":"auth"}');
    expect([one, two].map((run) => run.mock.calls.length)).toEqual([0, 0]);
    browser.sources[0]!.say('signed_out');
    await settled();
    expect(browser.sources[0]!.closed).toBe(true);
    expect([one, two].map((run) => run.mock.calls.length)).toEqual([1, 1]);
  });

  it('need no stream when nobody listens', async () => {
    const browser = new FakeBrowser();
    const tab = new Live(browser.tab());
    const leave = tab.listen(() => undefined);
    leave();
    await settled();
    expect(browser.sources).toHaveLength(0);
  });

  it('tell what could not be loaded that the connection or the server is back, and open no stream for it', async () => {
    const browser = new FakeBrowser();
    const tab = new Live(browser.tab());
    const run = vi.fn();
    const leave = onReturn(run, tab);
    await settled();
    expect(browser.sources).toHaveLength(0);
    dispatchEvent(new Event('online'));
    expect(run).toHaveBeenCalledTimes(1);
    tab.listen(() => undefined);
    await settled();
    browser.sources[0]!.say('hello');
    browser.sources[0]!.say('change', '{"noun":"clients"}');
    expect(run).toHaveBeenCalledTimes(1);
    browser.sources[0]!.say('hello');
    expect(run).toHaveBeenCalledTimes(2);
    leave();
    dispatchEvent(new Event('online'));
    browser.sources[0]!.say('hello');
    expect(run).toHaveBeenCalledTimes(2);
  });

  describe('over time', () => {
    afterEach(() => vi.useRealTimers());

    it('are asked for again when the server refused the stream, and everything counts as changed then', async () => {
      vi.useFakeTimers();
      const browser = new FakeBrowser();
      const heard: string[] = [];
      new Live(browser.tab()).listen((noun) => heard.push(noun));
      await vi.advanceTimersByTimeAsync(0);
      browser.sources[0]!.say('hello');
      browser.sources[0]!.refuse();
      await vi.advanceTimersByTimeAsync(19_000);
      expect(browser.sources).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(2_000);
      browser.sources[1]!.say('hello');
      expect(heard).toEqual(['signed_out', 'everything']);
    });

    it('count everything as changed after a first refusal too: the page may have loaded nothing', async () => {
      vi.useFakeTimers();
      const browser = new FakeBrowser();
      const heard: string[] = [];
      new Live(browser.tab()).listen((noun) => heard.push(noun));
      await vi.advanceTimersByTimeAsync(0);
      browser.sources[0]!.refuse();
      await vi.advanceTimersByTimeAsync(21_000);
      browser.sources[1]!.say('hello');
      expect(heard).toEqual(['signed_out', 'everything']);
    });

    it('of one kind are one look when they come in a row', async () => {
      vi.useFakeTimers();
      const browser = new FakeBrowser();
      const run = vi.fn();
      const leave = onChange(['appointments', 'series'], run, new Live(browser.tab()));
      await vi.advanceTimersByTimeAsync(0);
      const say = (noun: string) => browser.sources[0]!.say('change', JSON.stringify({ noun }));
      say('clients');
      await vi.advanceTimersByTimeAsync(1000);
      expect(run).toHaveBeenCalledTimes(0);
      ['appointments', 'series', 'appointments'].forEach(say);
      await vi.advanceTimersByTimeAsync(1000);
      expect(run).toHaveBeenCalledTimes(1);
      say('series');
      leave();
      await vi.advanceTimersByTimeAsync(1000);
      expect(run).toHaveBeenCalledTimes(1);
    });
  });
});
