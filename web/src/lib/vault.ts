/**
 * Text that has not reached the server yet, kept on this device across a closed tab or a crash. Each person's copies are sealed
 * with AES-GCM under a key that cannot be exported and is dropped, with the copies, when the person signs out or another one
 * signs in. It keeps them from casual reading and from other accounts of this browser, not from a script in our own origin.
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

export class Vault {
  private readonly making = new Map<string, Promise<CryptoKey>>();

  constructor(
    private readonly box: Box,
    /** Missing outside secure origins: then nothing is kept. */
    private readonly subtle: SubtleCrypto | undefined,
  ) {}

  async keep(person: string, place: string, value: unknown): Promise<void> {
    if (!this.subtle || !person) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const name = nameOf(person, place);
    const text = new TextEncoder().encode(JSON.stringify(value));
    const key = await this.keyOf(person);
    const data = await this.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(name) }, key, text);
    // A sign-out while this was being sealed has dropped the key: the copy must not come back.
    if (this.making.has(person)) await this.box.set(name, { iv, data } satisfies Sealed);
  }

  /** What was kept, or nothing; a copy that does not open is as good as none. */
  async find<T>(person: string, place: string): Promise<T | undefined> {
    const name = nameOf(person, place);
    try {
      const sealed = (await this.box.get(name)) as Sealed | undefined;
      if (!sealed || !this.subtle) return undefined;
      const how = { name: 'AES-GCM', iv: sealed.iv, additionalData: boundTo(name) };
      const text = await this.subtle.decrypt(how, await this.keyOf(person), sealed.data);
      return JSON.parse(new TextDecoder().decode(text)) as T;
    } catch {
      return undefined;
    }
  }

  drop(person: string, place: string): Promise<void> {
    return this.box.delete(nameOf(person, place));
  }

  /** Forgets the keys and copies of everybody but this person; without one, of everybody. */
  async forgetAllBut(person: string | undefined): Promise<void> {
    for (const known of this.making.keys()) if (known !== person) this.making.delete(known);
    for (const name of await this.box.keys()) {
      const own = person !== undefined && (name === keyMark + person || name.startsWith(`${copyMark}${person}\n`));
      if (!own) await this.box.delete(name);
    }
  }

  /** The one place that knows where a key comes from. */
  private keyOf(person: string): Promise<CryptoKey> {
    let found = this.making.get(person);
    if (!found) {
      found = this.loadKey(keyMark + person);
      this.making.set(person, found);
      found.catch(() => this.making.delete(person));
    }
    return found;
  }

  private async loadKey(name: string): Promise<CryptoKey> {
    const held = (await this.box.get(name)) as CryptoKey | undefined;
    if (held) return held;
    const fresh = await this.subtle!.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
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

export const vault = new Vault(
  typeof indexedDB === 'undefined' ? new MemoryBox() : new DeviceBox(),
  globalThis.crypto?.subtle,
);
