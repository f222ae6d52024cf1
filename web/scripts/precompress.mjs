// Writes the brotli and gzip forms of every text file of the build beside it. The server never compresses on its own.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import { filesIn } from './files.mjs';
import { dist } from './paths.mjs';

const kinds = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest', '.txt']);
const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

async function compress(file) {
  const body = await readFile(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  await writeFile(`${file}.br`, await brotli(body, { params }));
  await writeFile(`${file}.gz`, await zip(body, { level: 9 }));
}

const files = [];
for await (const file of filesIn(dist)) if (kinds.has(path.extname(file))) files.push(file);
await Promise.all(files.map(compress));
console.log(`precompressed ${files.length} files`);
