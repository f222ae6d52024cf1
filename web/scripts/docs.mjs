// Copies the two API documentation readers into the build, so that they work without any other host.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { dist, web } from './paths.mjs';

const target = path.join(dist, 'docs');
const own = ['index.html', 'redoc.html', 'swagger-init.js', 'redoc-init.js', 'docs.css'];
const packages = {
  'swagger-ui-dist/swagger-ui-bundle.js': 'swagger-ui-bundle.js',
  'swagger-ui-dist/swagger-ui.css': 'swagger-ui.css',
  'swagger-ui-dist/LICENSE': 'swagger-ui.LICENSE.txt',
  'swagger-ui-dist/NOTICE': 'swagger-ui.NOTICE.txt',
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt': 'swagger-ui-bundle.LICENSE.txt',
  'redoc/bundles/redoc.standalone.js': 'redoc.standalone.js',
  'redoc/bundles/redoc.standalone.js.LICENSE.txt': 'redoc.standalone.LICENSE.txt',
  'redoc/LICENSE': 'redoc.LICENSE.txt',
};

await mkdir(target, { recursive: true });
for (const name of own) await copyFile(path.join(web, 'docs', name), path.join(target, name));
for (const [from, to] of Object.entries(packages)) {
  await copyFile(path.join(web, 'node_modules', from), path.join(target, to));
}

// The bundles name source maps that are not shipped, which open developer tools would ask for, and one of them a logo on
// another host. Both are taken out.
const logo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const nothing = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";

for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'redoc.standalone.js']) {
  const file = path.join(target, name);
  const body = (await readFile(file, 'utf8'))
    .replace(/\n\/[/*]# sourceMappingURL=.*$/m, '\n')
    .replaceAll(logo, nothing);
  if (/["'(]https?:\/\/cdn\./.test(body)) throw new Error(`${name} would load something from another host`);
  await writeFile(file, body);
}
console.log(`documentation pages in ${path.relative(web, target)}`);
