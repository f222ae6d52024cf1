// What a browser keeps of a page, as text, to search for words that must not be there.

/** Everything readable in the storages of the page's origin: names, values, and the bytes of what is sealed. */
export function onDevice(page) {
  return page.evaluate(async () => {
    const read = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const text = (value) => (value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : String(value));
    const found = { database: [], local: { ...localStorage }, tab: { ...sessionStorage }, caches: [] };
    for (const { name } of await indexedDB.databases()) {
      const database = await read(indexedDB.open(name));
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table);
        const [keys, values] = [await read(store.getAllKeys()), await read(store.getAll())];
        keys.forEach((key, index) => {
          const { iv, data } = values[index];
          found.database.push([String(key), iv ? text(iv.buffer) + text(data) : text(values[index])]);
        });
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        const kind = answer.headers.get('Content-Type') ?? '';
        found.caches.push([new URL(request.url).pathname, /woff2/.test(kind) ? '' : await answer.text()]);
      }
    }
    return found;
  });
}

/** The names of the sealed copies of notes. */
export const copiesIn = (found) =>
  found.database.map(([key]) => key).filter((key) => key.startsWith('copy:') && key.includes('\nnote:'));

/** Where a word stands that must not be on the device. */
export function placesOf(word, found) {
  const { database, local, tab, caches } = found;
  const all = { database, local: Object.entries(local), tab: Object.entries(tab), caches };
  return Object.entries(all).flatMap(([place, entries]) =>
    entries.filter((entry) => entry.join(' ').includes(word)).map(([key]) => `${place}: ${key}`),
  );
}
