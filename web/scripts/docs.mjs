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

// The bundles name source maps that are not shipped; a reader with open developer tools would ask for them.
for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'redoc.standalone.js']) {
  const file = path.join(target, name);
  const body = await readFile(file, 'utf8');
  await writeFile(file, body.replace(/\n\/[/*]# sourceMappingURL=.*$/m, '\n'));
}
console.log(`documentation pages in ${path.relative(web, target)}`);
