// Takes a picture of every screen in both languages, both themes and both widths, into web/screenshots.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { desk, launch, newContext, phone, Watch } from '../e2e/lib/browser.mjs';
import { startServer } from '../e2e/lib/server.mjs';
import { until } from '../e2e/lib/until.mjs';
import { web } from './paths.mjs';

const folder = path.join(web, 'screenshots');

/** Words of the interface that the pictures need to press, by language. */
const words = {
  en: { send: 'Send sign-in link', create: 'Create client', save: 'Save', archive: 'Archive', link: 'Sign in' },
  he: { send: 'שליחת קישור התחברות', create: 'יצירת מטופל', save: 'שמירה', archive: 'העברה לארכיון', link: 'התחברות' },
};

async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready);
}

async function outside({ page, shot, word }) {
  await page.goto('/sign-in');
  await shot('sign-in');
  await page.locator('input[name=email]').fill('dana@example.com');
  await page.getByRole('button', { name: word.send }).click();
  await page.locator('#code').waitFor();
  await shot('sign-in-code');
  await page.goto('/sign-in/link#token=unknown');
  await shot('link');
  await page.getByRole('button', { name: word.link, exact: true }).click();
  await page.getByRole('link', { name: /./ }).last().waitFor();
  await shot('link-invalid');
}

async function calendar({ page, shot }) {
  for (const view of ['day', 'week', 'month']) {
    await page.goto(`/calendar?view=${view}`);
    await page.locator('[data-visit]').first().waitFor();
    await shot(`calendar-${view}`);
  }
  await page.goto('/calendar?view=day');
  await page.locator('[data-visit]').first().click();
  await page.locator('dialog[open]').waitFor();
  await shot('appointment');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.locator('dialog[open] [role=combobox]').fill('a');
  await page.locator('[role=option]').first().click();
  await page.locator('.slots').waitFor();
  await shot('appointment-new');
  await page.locator('.repeat input').first().check();
  await page.locator('.list li').first().waitFor();
  await page.locator('.list').scrollIntoViewIfNeeded();
  await shot('series-new');
}

async function lists({ page, shot }) {
  await page.goto('/clients');
  await page.locator('a.name').first().waitFor();
  await shot('clients');
  const box = page.getByRole('searchbox');
  await box.fill('נ');
  await until(async () => (await page.locator('a.name').count()) < 30, 'fewer rows');
  await shot('clients-search');
  await box.fill('Ruth Azulay');
  await page.locator('.empty').waitFor();
  await shot('clients-no-hit');
  await page.goto('/clients?status=archived');
  await page.locator('.empty, a.name').first().waitFor();
  await shot('clients-archived');
  await page.route('**/api/v1/clients?*', (route) => route.abort());
  await page.goto('/clients');
  await page.getByRole('alert').waitFor();
  await shot('clients-error');
  await page.unroute('**/api/v1/clients?*');
  let answer;
  await page.route('**/api/v1/clients?*', (route) => (answer = () => route.continue()));
  await page.goto('/clients');
  await page.locator('.skeleton').first().waitFor();
  await shot('clients-loading', { loading: true });
  await answer();
  await page.unroute('**/api/v1/clients?*');
}

async function one({ page, shot, word, client }) {
  await page.goto(client);
  await shot('client');
  await shot('client-whole', { whole: true });
  await page.goto(`${client}/edit`);
  await page.locator('form').waitFor();
  await shot('client-edit');
  await shot('client-edit-whole', { whole: true });
  await page.goto('/clients/new');
  await page.locator('input[name=email]').fill('dana@');
  await page.getByRole('button', { name: word.create }).click();
  await page.locator('[aria-invalid]').first().waitFor();
  await shot('client-new-errors');
  await page.locator('nav a').first().click();
  await page.locator('dialog[open]').waitFor();
  await shot('leave-dialog');
}

async function notes({ page, shot, client, signed }) {
  await page.goto(`${client}?tab=notes`);
  await page.locator('main a.card').first().waitFor();
  await shot('client-notes');
  await page.goto(`/sessions/${signed}`);
  await shot('note-signed', { whole: true });
  await page.goto(`/sessions/new?client=${client.split('/').at(-1)}`);
  await page.locator('textarea').first().waitFor();
  await shot('note-new');
  for (const list of ['status', 'note', 'unsigned', 'payment']) {
    await page.goto(`/work?list=${list}`);
    await page.locator('[role=tabpanel] li, .empty').first().waitFor();
    await shot(`work-${list}`);
  }
  await page.goto('/search');
  await shot('search');
}

async function keys({ page, shot }) {
  await page.goto('/calendar');
  await page.locator('.scroller, table').first().waitFor();
  await page.keyboard.press('Control+k');
  await page.locator('[role=option]').nth(6).waitFor();
  await shot('palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.locator('dialog[open] dl').first().waitFor();
  await shot('keys');
  await page.keyboard.press('Escape');
}

let round = 0; // each way of looking writes another note, so that there is something to save

async function conflict({ page, context, shot, word, client }) {
  round += 1;
  const other = await context.newPage();
  for (const each of [page, other]) {
    await each.goto(`${client}/edit`);
    await each.locator('form').waitFor();
  }
  await other.locator('[name=notes]').fill(`Prefers mornings, from ${8 + (round % 4)}:00`);
  await other.getByRole('button', { name: word.save, exact: true }).click();
  await other.locator('.columns').waitFor();
  await page.locator('[name=notes]').fill('מעדיפה שעות ערב');
  await page.getByRole('button', { name: word.save, exact: true }).click();
  await page.locator('dialog[open] .sides').waitFor();
  await shot('conflict');
  await page.keyboard.press('Escape');
  await other.bringToFront(); // a tab behind another paints late, and a toast does not wait
  await other.getByRole('button', { name: word.archive }).click();
  await other.locator('.toast .action').last().waitFor();
  await shot('client-archived', { of: other });
  await other.locator('.toast .action').last().click();
  await other.locator('.notice').waitFor({ state: 'detached' });
  await other.close();
}

async function rest({ page, shot }) {
  await page.goto('/settings');
  await shot('settings', { whole: true });
  for (const part of ['practice', 'services', 'locations', 'templates', 'feeds', 'members', 'security']) {
    await page.goto(`/settings/${part}`);
    await shot(`settings-${part}`, { whole: true });
  }
  await page.goto('/no/such/page');
  await shot('not-found');
  await page.route('**/api/v1/auth/me', async (route) => {
    const answer = await route.fetch();
    const me = await answer.json();
    me.session.idle_seconds_left = 96;
    await route.fulfill({ response: answer, json: me });
  });
  await page.goto('/clients');
  await page.locator('dialog[open]').waitFor();
  await shot('countdown');
  await page.unroute('**/api/v1/auth/me');
}

function shooter(page, tag, viewport) {
  return async (name, { whole = false, loading = false, of = page } = {}) => {
    if (!loading) await settled(of);
    // A whole page is taken in a window as tall as the page: bars that stick to the edge stay at the edge.
    if (whole) {
      const height = await of.evaluate(() => document.documentElement.scrollHeight);
      await of.setViewportSize({ ...viewport, height: Math.max(height, viewport.height) });
    }
    await of.screenshot({ path: path.join(folder, `${name}-${tag}.png`) });
    if (whole) await of.setViewportSize(viewport);
  };
}

async function setupPages(browser) {
  const server = await startServer();
  const watch = new Watch(server.url);
  const link = await server.printed(/(http\S+\/setup#token=\S+)/);
  await everyWay(browser, watch, undefined, async ({ page, shot }) => {
    await page.goto(link);
    await page.locator('form').waitFor();
    await shot('setup', { whole: true });
    await page.goto('/sign-in');
    await page.locator('.notice').waitFor();
    await shot('sign-in-not-set-up');
  });
  await server.stop();
}

async function everyWay(browser, watch, cookies, take) {
  for (const lang of ['en', 'he']) {
    for (const theme of ['light', 'dark']) {
      for (const viewport of [desk, phone]) {
        const tag = `${lang}-${theme}-${viewport.width}`;
        const items = { 'pazpaz.lang': lang, 'pazpaz.theme': theme };
        const localStorage = Object.entries(items).map(([name, value]) => ({ name, value }));
        const storageState = { cookies: cookies ?? [], origins: [{ origin: watch.origin, localStorage }] };
        const context = await newContext(browser, watch, { viewport, storageState, colorScheme: theme });
        const page = await context.newPage();
        await take({ page, context, word: words[lang], shot: shooter(page, tag, viewport) });
        await context.close();
      }
    }
  }
}

async function demoPages(browser) {
  const server = await startServer({ demo: true });
  const watch = new Watch(server.url);
  const link = await server.printed(/(http\S+\/sign-in\/link#token=\S+)/);
  const context = await newContext(browser, watch);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/calendar*');
  const signed = await page.evaluate(async () => (await fetch('/api/v1/sessions?status=signed&limit=1')).json());
  const client = `/clients/${signed[0].client_id}`;
  const { cookies } = await context.storageState();

  await everyWay(browser, watch, [], outside);
  await everyWay(browser, watch, cookies, async (at) => {
    for (const take of [calendar, lists, one, notes, keys, conflict, rest])
      await take({ ...at, client, signed: signed[0].id });
  });
  await server.stop();
}

await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  await setupPages(browser);
  await demoPages(browser);
} finally {
  await browser.close();
}
console.log(`pictures in ${path.relative(process.cwd(), folder)}`);
