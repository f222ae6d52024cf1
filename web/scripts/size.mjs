// Prints what the first screen costs and holds the budgets: first-screen scripts, any later chunk, styles, all scripts.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { filesIn } from './files.mjs';
import { dist } from './paths.mjs';

const budgets = { first: 90, chunk: 60, css: 20, all: 330 }; // kB, gzip
const kB = (bytes) => Math.round(bytes / 100) / 10;
const size = async (file) => gzipSync(await readFile(file), { level: 9 }).length;

// imports follows static imports only: what the browser must have before the page can start.
async function imports(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = await readFile(file, 'utf8');
  for (const [, name] of code.matchAll(/(?:from|import)\s*"(\.\/[^"]+\.js)"/g)) {
    await imports(path.join(path.dirname(file), name), seen);
  }
  return seen;
}

const scripts = [];
const styles = [];
for await (const file of filesIn(path.join(dist, 'assets'))) {
  if (file.endsWith('.js')) scripts.push(file);
  if (file.endsWith('.css')) styles.push(file);
}
const html = await readFile(path.join(dist, 'index.html'), 'utf8');
const entry = path.join(dist, /src="(\/assets\/[^"]+\.js)"/.exec(html)[1]);
const page = (prefix) => scripts.find((file) => path.basename(file).startsWith(prefix));

const first = await imports(entry);
for (const name of ['calendar-']) if (page(name)) await imports(page(name), first);
const sum = async (files) => (await Promise.all([...files].map(size))).reduce((a, b) => a + b, 0);
const later = await Promise.all(scripts.filter((file) => !first.has(file)).map(size));

const report = {
  first: kB(await sum(first)),
  chunk: kB(Math.max(0, ...later)),
  css: kB(await sum(styles)),
  all: kB(await sum(scripts)),
};
for (const [name, value] of Object.entries(report)) {
  const over = value > budgets[name];
  if (over) process.exitCode = 1;
  console.log(`${name.padEnd(6)} ${String(value).padStart(6)} kB gzip, budget ${budgets[name]}${over ? '  OVER' : ''}`);
}
