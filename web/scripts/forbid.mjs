// Refuses markup that the Content-Security-Policy would block, and physical sides that would not mirror in Hebrew.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { filesIn } from './files.mjs';
import { web } from './paths.mjs';

const rules = [
  {
    kinds: ['.svelte', '.html'],
    pattern: /\sstyle=["'][^{]/,
    why: 'a static style attribute is blocked by the policy',
  },
  { kinds: ['.svelte'], pattern: /\{@html/, why: '{@html} writes markup that nobody checked' },
  { kinds: ['.html'], pattern: /<style[\s>]/, why: 'an inline style element is blocked by the policy' },
  { kinds: ['.html'], pattern: /<script(?![^>]*\ssrc=)[^>]*>/, why: 'an inline script is blocked by the policy' },
  { kinds: ['.html', '.svelte'], pattern: /\son[a-z]+=["']/, why: 'an inline handler is blocked by the policy' },
  {
    kinds: ['.svelte', '.css'],
    pattern: /(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)|left|right)\s*:/,
    why: 'use the logical property (inline-start, inline-end)',
  },
  {
    kinds: ['.svelte', '.css'],
    pattern: /(?:text-align|float)\s*:\s*(?:left|right)/,
    why: 'use start or end',
  },
];

const folders = ['src', 'docs', 'index.html'];
let found = 0;

async function check(file) {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const active = rules.filter((rule) => rule.kinds.includes(path.extname(file)));
  lines.forEach((line, index) => {
    for (const rule of active) {
      if (!rule.pattern.test(line)) continue;
      found += 1;
      console.error(`${path.relative(web, file)}:${index + 1}: ${rule.why}`);
    }
  });
}

for (const name of folders) {
  const full = path.join(web, name);
  if (path.extname(name)) await check(full);
  else for await (const file of filesIn(full)) await check(file);
}
process.exitCode = found > 0 ? 1 : 0;
