// The states of the screens, not only their best day: empty, waiting, failed, full, open. In Hebrew by day, in English by
// night, on a desk and on a phone; readable, reachable, no sideways scroll.
import assert from 'node:assert/strict';

import { accessible, desk, newContext, phone } from '../lib/browser.mjs';
import { pastVisit } from '../lib/api.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { until } from '../lib/until.mjs';

const ways = [
  { lang: 'he', theme: 'light', viewport: desk },
  { lang: 'en', theme: 'dark', viewport: desk },
  { lang: 'he', theme: 'light', viewport: phone },
  { lang: 'en', theme: 'dark', viewport: phone },
];

/** What the states show: a week of sixty, and a client with a draft, a signed note and names that hardly fit. */
async function prepare(page) {
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  const names = [
    ['Wolfeschlegelsteinhausenbergerdorff', 'Maximiliana-Alexandra'],
    ['עמנואל-אלכסנדר', 'בן-שלמה רוזנצוויג-הולצמן'],
    ['Noa', 'לוי (Levi)'],
  ];
  const clients = await Promise.all(names.map(([first, last]) => practice.client(first, last)));
  const week = sunday(17);
  for (let n = 0; n < 60; n++) {
    const [day, hour] = [addDays(week, n % 6), String(8 + Math.floor(n / 6)).padStart(2, '0')];
    const times = { starts_at: at(day, `${hour}:00`), ends_at: at(day, `${hour}:50`) };
    await practice.book({ client_id: clients[n % 3].id, ...times });
  }
  const [{ id: client }] = clients;
  const visit = await pastVisit(page, client, { hours: 75, price: 30000 });
  const signed = await practice.call('POST', '/sessions', {
    client_id: client,
    appointment_id: visit.id,
    subjective: 'א. better',
  });
  await practice.call('POST', `/sessions/${signed.id}/finalize`, { version: signed.version });
  await pastVisit(page, client, { hours: 80, price: 30000 });
  await pastVisit(page, client, { hours: 83, attended: false });
  const draft = await practice.call('POST', '/sessions', { client_id: client, plan: 'Exercises. תרגילים בבית.' });
  return { week, client, bare: clients[2].id, signed: signed.id, draft: draft.id };
}

/** One look: the whole of it is told to `accessible`, and nothing is wider than the screen. */
function looker(page, watch, tag) {
  return async (name) => {
    await accessible(page, watch, `${name} ${tag}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${name} is ${wider} px wider than the screen`);
  };
}

async function settled(page) {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
}

async function filled({ page, look, scene }) {
  const { week, client, bare, signed, draft } = scene;
  await page.goto(`/calendar?view=week&date=${week}`);
  await until(async () => (await page.locator('[data-main]').count()) >= 60, 'sixty appointments');
  await look('a week of sixty');
  await page.goto(`/calendar?view=day&date=${week}`);
  await page.locator('[data-main]').first().click();
  await page.locator('dialog[open]').waitFor();
  await look('an appointment, open');
  await page.goto(`/calendar?new=1&client=${client}`);
  await page.locator('dialog[open] .slots').waitFor();
  await look('a new appointment');
  const lists = ['status', 'note', 'unsigned', 'payment'].map((list) => `/work?list=${list}`);
  const tabs = ['', '?tab=notes', '?tab=details', '?tab=consents'];
  const clients = tabs.flatMap((tab) => [`/clients/${client}${tab}`, `/clients/${bare}${tab}`]);
  for (const path of [...lists, ...clients, `/sessions/${draft}`, `/sessions/${signed}`]) {
    await page.goto(path);
    await settled(page);
    await look(path);
  }
}

async function empty({ page, look }) {
  await page.goto('/calendar?view=week&date=2031-03-02');
  await page.locator('.hint').waitFor();
  await look('an empty week');
  for (const [path, pattern] of [
    ['/clients', '**/api/v1/clients?*'],
    ['/work?list=payment', '**/api/v1/appointments?*'],
    ['/settings/services', '**/api/v1/services?*'],
    ['/settings/locations', '**/api/v1/locations?*'],
  ]) {
    await page.route(pattern, (route) => route.fulfill({ json: [], headers: { 'X-Total-Count': '0' } }));
    await page.goto(path);
    await page.locator('.empty').first().waitFor();
    await look(`${path}, empty`);
    await page.unroute(pattern);
  }
}

const parts = (client) => [
  ['/calendar', '**/api/v1/appointments?*'],
  ['/clients', '**/api/v1/clients?*'],
  [`/clients/${client}`, `**/api/v1/clients/${client}`],
  [`/clients/${client}?tab=notes`, '**/api/v1/sessions?*'],
  ['/work?list=payment', '**/api/v1/appointments?*'],
  ['/settings/services', '**/api/v1/services?*'],
];

async function failed({ page, look, scene }) {
  for (const [path, pattern] of parts(scene.client)) {
    await page.route(pattern, (route) => route.abort());
    await page.goto(path);
    await page.getByRole('alert').first().waitFor();
    await look(`${path}, failed`);
    await page.unroute(pattern);
  }
}

async function waiting({ page, look, scene }) {
  for (const [path, pattern] of parts(scene.client)) {
    const held = [];
    await page.route(pattern, (route) => new Promise((go) => held.push(go)).then(() => route.continue()), { times: 1 });
    await page.goto(path);
    await page.locator('h1').first().waitFor({ state: 'attached' });
    await page.locator('main').locator('.skeleton, [aria-busy="true"]').first().waitFor();
    await look(`${path}, waiting`);
    for (const go of held) go();
    await settled(page);
    await page.unroute(pattern, { behavior: 'ignoreErrors' });
  }
}

export async function states(check, { browser, context, watch }) {
  const { cookies } = await context.storageState();
  const page = await context.newPage();
  await page.goto('/clients');
  await settled(page);
  const scene = await prepare(page);
  await page.close();
  for (const { lang, theme, viewport } of ways) {
    const tag = `${lang} ${theme} ${viewport.width}`;
    const localStorage = Object.entries({ lang, theme }).map(([name, value]) => ({ name: `pazpaz.${name}`, value }));
    const storageState = { cookies, origins: [{ origin: watch.origin, localStorage }] };
    const own = await newContext(browser, watch, { viewport, storageState });
    const here = await own.newPage();
    for (const state of [filled, empty, failed, waiting]) {
      await check(`${state.name} in ${tag}`, () => state({ page: here, look: looker(here, watch, tag), scene }));
    }
    await own.close();
  }
}
