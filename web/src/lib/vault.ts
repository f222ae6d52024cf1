/**
 * Text that has not reached the server yet, kept on this device across a closed tab, a crash or the end of a session. Each
 * person's copies are sealed with AES-GCM. The key is made of two halves: one stays in this browser and cannot be exported, the
 * other is given by the server to the same person only, and is forgotten here when their session ends. A sign-out drops
 * everything. What this does not keep out is a script in our own origin while somebody is signed in.
 */
export interface Box {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  /** Sets what is not there yet; answers what is there then. Two tabs must not end up with two keys. */
  settle(key: string, value: unknown): Promise<unknown>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

const copyMark = 'copy:';
const keyMark = 'key:';

/** Where the server's half of a person's key comes from. */
export type Halves = (person: string) => Promise<Uint8Array<ArrayBuffer>>;

export class Vault {
  private readonly open = new Map<string, Promise<CryptoKey>>();
  private forgotten = 0;

  constructor(
    private readonly box: Box,
    /** Missing outside secure origins: then nothing is kept. */
    private readonly subtle: SubtleCrypto | undefined,
    private readonly halves: Halves,
  ) {}

  /** Has the key at hand before the network goes away. */
  async ready(person: string): Promise<boolean> {
    if (!this.subtle || !person) return false;
    return this.keyOf(person).then(
      () => true,
      () => false,
    );
  }

  /** Answers whether a copy is kept now; without the key there can be none. */
  async keep(person: string, place: string, value: unknown): Promise<boolean> {
    if (!this.subtle || !person) return false;
    const before = this.forgotten;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const name = nameOf(person, place);
    const text = new TextEncoder().encode(JSON.stringify(value));
    const key = await this.keyOf(person);
    const data = await this.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(name) }, key, text);
    // A sign-out while this was being sealed has dropped everything: the copy must not come back.
    if (this.forgotten !== before) return false;
    await this.box.set(name, { iv, data } satisfies Sealed);
    return true;
  }

  /** What was kept, or nothing; a copy that does not open is as good as none. */
  find<T>(person: string, place: string): Promise<T | undefined> {
    return this.unseal<T>(person, nameOf(person, place)).catch(() => undefined);
  }

  /** What was kept in all places that begin so, of that what opens. */
  async findAll<T>(person: string, places: string): Promise<T[]> {
    return (await this.look<T>(person, places)).opened;
  }

  /** What was kept in all places that begin so, and how many copies are there that do not open now. */
  async look<T>(person: string, places: string): Promise<{ opened: T[]; closed: number }> {
    const names = await this.box.keys().catch(() => []);
    const own = names.filter((name) => name.startsWith(nameOf(person, places)));
    const found = await Promise.allSettled(own.map((name) => this.unseal<T>(person, name)));
    // One that was dropped since its name was read is not there, which is not the same as not opening.
    const opened = found.flatMap((each) =>
      each.status === 'fulfilled' && each.value !== undefined ? [each.value] : [],
    );
    return { opened, closed: found.filter(({ status }) => status === 'rejected').length };
  }

  drop(person: string, place: string): Promise<void> {
    return this.box.delete(nameOf(person, place));
  }

  /** The session ended: what is kept stays, and nobody here can open it until the server gives its half again. */
  lock(): void {
    this.open.clear();
  }

  /** Forgets the keys and copies of everybody. */
  async forget(): Promise<void> {
    this.forgotten += 1;
    this.lock();
    for (const name of await this.box.keys()) await this.box.delete(name);
  }

  /** Undefined when nothing is there; fails when it does not open. */
  private async unseal<T>(person: string, name: string): Promise<T | undefined> {
    const sealed = (await this.box.get(name)) as Sealed | undefined;
    if (!sealed) return undefined;
    if (!this.subtle) throw new Error('no way to open it');
    const how = { name: 'AES-GCM', iv: sealed.iv, additionalData: boundTo(name) };
    const text = await this.subtle.decrypt(how, await this.keyOf(person), sealed.data);
    return JSON.parse(new TextDecoder().decode(text)) as T;
  }

  private keyOf(person: string): Promise<CryptoKey> {
    let found = this.open.get(person);
    if (!found) {
      found = this.join(person);
      this.open.set(person, found);
      found.catch(() => this.open.delete(person));
    }
    return found;
  }

  /** The key out of both halves. */
  private async join(person: string): Promise<CryptoKey> {
    const salt = await this.halves(person);
    const how = { name: 'HKDF', hash: 'SHA-256', salt, info: new TextEncoder().encode(keyMark + person) };
    const own = await this.ownHalf(keyMark + person);
    return this.subtle!.deriveKey(how, own, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  }

  private async ownHalf(name: string): Promise<CryptoKey> {
    const held = (await this.box.get(name)) as CryptoKey | undefined;
    if (held) return held;
    const random = crypto.getRandomValues(new Uint8Array(32));
    const fresh = await this.subtle!.importKey('raw', random, 'HKDF', false, ['deriveKey']);
    return (await this.box.settle(name, fresh)) as CryptoKey;
  }
}

const nameOf = (person: string, place: string): string => `${copyMark}${person}\n${place}`;

/** Ties a copy to its person and place: moved elsewhere it does not open. */
const boundTo = (name: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(name);

/** Where a browser refuses storage, copies live as long as the page. */
export class MemoryBox implements Box {
  private readonly held = new Map<string, unknown>();
  get = (key: string) => Promise.resolve(this.held.get(key));
  keys = () => Promise.resolve([...this.held.keys()]);
  async set(key: string, value: unknown): Promise<void> {
    this.held.set(key, value);
  }
  async settle(key: string, value: unknown): Promise<unknown> {
    if (!this.held.has(key)) this.held.set(key, value);
    return this.held.get(key);
  }
  async delete(key: string): Promise<void> {
    this.held.delete(key);
  }
}

const table = 'sealed';

/** One table of IndexedDB, which can hold a key that no script can read. */
export class DeviceBox implements Box {
  private opening: Promise<IDBDatabase> | undefined;

  get = (key: string) => this.run('readonly', (store) => store.get(key) as IDBRequest<unknown>);
  keys = async () => (await this.run('readonly', (store) => store.getAllKeys())).map(String);
  async set(key: string, value: unknown): Promise<void> {
    await this.run('readwrite', (store) => store.put(value, key));
  }
  async settle(key: string, value: unknown): Promise<unknown> {
    // Fails when the key is taken, which is the answer.
    await this.run('readwrite', (store) => store.add(value, key)).catch(() => undefined);
    return this.get(key);
  }
  async delete(key: string): Promise<void> {
    await this.run('readwrite', (store) => store.delete(key));
  }

  private async run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await this.open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(table, mode);
      const request = act(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
  }

  private open(): Promise<IDBDatabase> {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open('pazpaz', 1);
      request.onupgradeneeded = () => request.result.createObjectStore(table);
      request.onsuccess = () => {
        // The browser closes it when a sign-out clears the site's data: the next use opens a new one.
        request.result.onclose = () => (this.opening = undefined);
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => {
        this.opening = undefined;
        reject(request.error ?? new Error('no storage'));
      };
    });
    return this.opening;
  }
}
