/**
 * What changes in the practice, as the server tells it: by a colleague, or in another tab of the same browser.
 *
 * A browser keeps few connections to one host, so the tabs share one stream: whoever holds the lock listens and hands on
 * what it hears. A change is a hint to look again. After a gap nobody knows what was missed, so that everything counts as changed.
 */

/** The server's word for a kind of record, such as "appointments"; "everything" after a gap. */
export type Noun = string;

type Listener = (noun: Noun) => void;

/** The parts of a browser that tabs share; a test brings its own. */
export interface Shared {
  open: () => EventSource;
  channel: () => BroadcastChannel;
  locks: Pick<LockManager, 'request'> | undefined;
}

const name = 'pazpaz-live';

const browser: Shared = {
  open: () => new EventSource('/api/v1/events'),
  channel: () => new BroadcastChannel(name),
  locks: globalThis.navigator?.locks,
};

export class Live {
  private readonly listeners = new Set<Listener>();
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

  private hear(channel: BroadcastChannel, ended: AbortSignal): Promise<void> {
    if (ended.aborted) return Promise.resolve();
    const source = this.shared.open();
    const hand = (noun: Noun) => {
      this.tell(noun);
      channel.postMessage(noun);
    };
    let connected = 0;
    source.addEventListener('hello', () => {
      if (++connected > 1) hand('everything');
    });
    source.addEventListener('change', (event) => hand((JSON.parse((event as MessageEvent<string>).data) as { noun: Noun }).noun));
    return new Promise((resolve) => {
      const close = () => {
        source.close();
        resolve();
      };
      source.addEventListener('signed_out', close);
      ended.addEventListener('abort', close);
    });
  }

  private tell(noun: Noun): void {
    for (const listener of this.listeners) listener(noun);
  }
}

export const live = new Live();
