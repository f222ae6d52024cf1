// Writes the service worker with the list of the files it keeps; its cache has a new name whenever one of them is new.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { filesIn } from './files.mjs';
import { dist, web } from './paths.mjs';

const index = await readFile(path.join(dist, 'index.html'));
const files = ['/'];
for await (const file of filesIn(path.join(dist, 'assets'))) {
  if (/\.(?:js|css|woff2)$/.test(file)) files.push(`/${path.relative(dist, file)}`);
}
files.sort();

const source = await readFile(path.join(web, 'sw', 'sw.js'), 'utf8');
const hash = createHash('sha256').update(index).update(source).update(files.join('\n')).digest('hex').slice(0, 12);
const built = source
  .replace("const cacheName = 'pazpaz-page';", `const cacheName = 'pazpaz-page-${hash}';`)
  .replace("const files = ['/'];", `const files = ${JSON.stringify(files)};`);
if (!built.includes(hash) || !built.includes(files.at(-1)))
  throw new Error('sw.js has lost the lines that are written anew');
await writeFile(path.join(dist, 'sw.js'), built);
console.log(`service worker keeps ${files.length} files`);
