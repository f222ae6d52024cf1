// Every screen in both languages, both themes and both widths: readable, reachable, no sideways scroll.
import assert from 'node:assert/strict';

import { accessible, desk, newContext, phone } from '../lib/browser.mjs';
import { create } from './clients.mjs';
import { shows } from '../lib/until.mjs';

const settings = ['practice', 'services', 'locations', 'templates', 'feeds', 'audit'].map(
  (name) => `/settings/${name}`,
);
const inside = [
  ...[
    '/calendar',
    '/calendar?view=month',
    '/clients',
    '/clients/new',
    '/work',
    '/search',
    '/settings',
    '/no/such/page',
  ],
  ...settings,
];

async function looks(context, paths, name, watch) {
  const page = await context.newPage();
  for (const path of paths) {
    await page.goto(path);
    await page.locator('h1').waitFor();
    await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    await accessible(page, watch, `${path} ${name}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${path} is ${wider} px wider than the screen`);
  }
  await page.close();
}

export async function everyLook(check, { browser, context, watch, dana }) {
  const cookies = (await context.storageState()).cookies;
  for (const lang of ['en', 'he']) {
    for (const theme of ['light', 'dark']) {
      for (const viewport of [desk, phone]) {
        const name = `${lang} ${theme} ${viewport.width}`;
        const origins = [
          {
            origin: watch.origin,
            localStorage: [
              { name: 'pazpaz.lang', value: lang },
              { name: 'pazpaz.theme', value: theme },
            ],
          },
        ];
        await check(`screens in ${name}`, async () => {
          const signedIn = await newContext(browser, watch, { viewport, storageState: { cookies, origins } });
          await looks(
            signedIn,
            [...inside, dana, `${dana}?tab=details`, `${dana}?tab=access`, `${dana}/edit`],
            name,
            watch,
          );
          await signedIn.close();
          const stranger = await newContext(browser, watch, { viewport, storageState: { cookies: [], origins } });
          await looks(stranger, ['/sign-in', '/sign-in/link#token=x', '/setup'], name, watch);
          await stranger.close();
        });
      }
    }
  }

  await check('the longest names fit the narrowest screen, in both directions', async () => {
    const page = await context.newPage();
    const long = await create(page, { first: 'Wolfeschlegelsteinhausenbergerdorff', last: 'Ab'.repeat(110) });
    await page.close();
    for (const lang of ['en', 'he']) {
      const origins = [{ origin: watch.origin, localStorage: [{ name: 'pazpaz.lang', value: lang }] }];
      const viewport = { width: 320, height: 640 };
      const narrow = await newContext(browser, watch, { viewport, storageState: { cookies, origins } });
      await looks(narrow, ['/calendar', '/clients', long, `${long}/edit`, ...settings], `${lang} 320`, watch);
      await narrow.close();
    }
  });

  await check('language and theme are chosen in the settings and survive a reload and a sign-out', async () => {
    const other = await newContext(browser, watch, { storageState: { cookies, origins: [] } });
    const page = await other.newPage();
    await page.goto('/settings');
    await page.getByLabel('עברית').check({ force: true });
    await page.getByRole('heading', { name: 'הגדרות' }).waitFor();
    await page.getByLabel('כהה').check({ force: true });
    await page.reload();
    await page.getByRole('heading', { name: 'הגדרות' }).waitFor();
    const root = () => page.evaluate(() => [document.documentElement.dir, document.documentElement.dataset.theme]);
    await shows(() => root(), ['rtl', 'dark']);
    await other.close();
  });
}
