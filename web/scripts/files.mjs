// Walks a folder and yields the path of every file in it.
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export async function* filesIn(folder, skip = () => false) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (skip(full)) continue;
    if (entry.isDirectory()) yield* filesIn(full, skip);
    else yield full;
  }
}
