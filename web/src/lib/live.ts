/**
 * What changes in the practice, as the server tells it: by a colleague, or in another tab of the same browser.
 *
 * A browser keeps few connections to one host, so the tabs share one stream: whoever holds the lock listens and hands on
 * what it hears. A change is a hint to look again. After a gap nobody knows what was missed, so that everything counts as changed.
 */

/** The server's word for a kind of record, such as "appointments"; "everything" after a gap; "signed_out" when the session may be over. */
export type Noun = string;

type Listener = (noun: Noun) => void;

/** A stream that the server refused is asked for again after so many milliseconds; a broken one the browser mends itself. */
const again = 20_000;

/** Changes that come in a row, of a series for one, are one look. */
const together = 300;

/** The parts of a browser that tabs share; a test brings its own. */
export interface Shared {
  open: () => EventSource;
  channel: () => BroadcastChannel;
  locks: Pick<LockManager, 'request'> | undefined;
}

const name = 'pazpaz-live';
const closed = 2; // EventSource.CLOSED, which a test has not

const browser: Shared = {
  open: () => new EventSource('/api/v1/events'),
  channel: () => new BroadcastChannel(name),
  locks: globalThis.navigator?.locks,
};

export class Live {
  private readonly listeners = new Set<Listener>();
  private readonly guests = new Set<Listener>();
  private stop: (() => void) | undefined;

  constructor(private readonly shared: Shared = browser) {}

  /** Hears of changes until the returned function is called. The stream is open while anybody listens. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    this.stop ??= this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = undefined;
    };
  }

  /** Hears what others listen for; it opens no stream of its own, which only somebody who is signed in may. */
  overhear(guest: Listener): () => void {
    this.guests.add(guest);
    return () => void this.guests.delete(guest);
  }

  private start(): () => void {
    const channel = this.shared.channel();
    const ended = new AbortController();
    channel.onmessage = (message: MessageEvent<Noun>) => this.tell(message.data);
    void this.lead(channel, ended.signal);
    return () => {
      ended.abort();
      channel.close();
    };
  }

  /** Listens to the server as soon as no other tab does. */
  private async lead(channel: BroadcastChannel, ended: AbortSignal): Promise<void> {
    const hold = () => this.hear(channel, ended);
    if (!this.shared.locks) return hold();
    await this.shared.locks.request(name, { signal: ended }, hold).catch(() => undefined); // aborted while it waited
  }

  private async hear(channel: BroadcastChannel, ended: AbortSignal): Promise<void> {
    const hand = (noun: Noun) => {
      this.tell(noun);
      channel.postMessage(noun);
    };
    let missed = false;
    const hello = () => {
      if (missed) hand('everything');
      missed = true;
    };
    while (!ended.aborted && (await this.stream(hello, hand, ended)) === 'refused') {
      missed = true;
      hand('signed_out');
      await pause(again, ended);
    }
  }

  /** One stream, until nobody listens any more or the server refuses it, as it does when the session has ended. */
  private stream(hello: () => void, hand: Listener, ended: AbortSignal): Promise<'over' | 'refused'> {
    const source = this.shared.open();
    source.addEventListener('hello', hello);
    source.addEventListener('change', (event) =>
      hand((JSON.parse((event as MessageEvent<string>).data) as { noun: Noun }).noun),
    );
    return new Promise((resolve) => {
      const close = (why: 'over' | 'refused') => {
        source.close();
        resolve(why);
      };
      source.addEventListener('signed_out', () => close('refused'));
      source.addEventListener('error', () => source.readyState === closed && close('refused'));
      ended.addEventListener('abort', () => close('over'), { once: true });
    });
  }

  private tell(noun: Noun): void {
    for (const listener of [...this.listeners, ...this.guests]) listener(noun);
  }
}

function pause(time: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    ended.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

export const live = new Live();

/** Runs soon after records of these kinds have changed, once for many changes in a row, until the returned function is called. */
export function onChange(nouns: readonly Noun[], run: () => void, source: Live = live): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    run();
  };
  const leave = source.listen((noun) => {
    if (noun === 'everything' || nouns.includes(noun)) timer ??= setTimeout(look, together);
  });
  return () => {
    leave();
    clearTimeout(timer);
  };
}

/** Runs when the server says that the session has ended, or refuses the stream, until the returned function is called: look who is signed in. */
export function onSignedOut(run: () => void, source: Live = live): () => void {
  return source.listen((noun) => noun === 'signed_out' && run());
}

/** Runs when the connection or the server is back, until the returned function is called: for what could not be loaded. */
export function onReturn(run: () => void, source: Live = live): () => void {
  const leave = source.overhear((noun) => noun === 'everything' && run());
  addEventListener('online', run);
  return () => {
    leave();
    removeEventListener('online', run);
  };
}

/** What a change of an appointment is announced as. */
export const visitNouns: readonly Noun[] = ['appointments', 'series'];
