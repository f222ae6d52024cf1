// Everything without a pointer: a client's first visit at human speed, every place by keys, and focus that never gets lost.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible, newContext } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { shows, until } from '../lib/until.mjs';
import { isAt, open } from './calendar.mjs';

const perKey = 60; // ms: a practised typist
const aMinute = 60_000;

const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    if (at === document.body) return 'nothing';
    return (at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || at.tagName).trim();
  });

/** Types as a person would. */
function hands(page) {
  const press = async (...keys) => {
    for (const key of keys) {
      await page.keyboard.press(key, { delay: perKey / 2 });
      await new Promise((resolve) => setTimeout(resolve, perKey / 2));
    }
  };
  const type = (text) => page.keyboard.type(text, { delay: perKey });
  /** Goes on by Tab to what carries this name. */
  const tabTo = async (name) => {
    for (let steps = 0; steps < 40; steps++) {
      if (name.test(await focused(page))) return;
      await press('Tab');
    }
    assert.fail(`Tab does not reach ${name}, it is at ${await focused(page)}`);
  };
  return { press, type, tabTo };
}

/** What is typed into a time field for the time that it is: the field has the browser's clock of twelve hours. */
async function now(page) {
  const time = await page.evaluate(() =>
    new Date().toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit' }),
  );
  return time.replace(/[^\dAP]/g, '');
}

async function firstVisit(page, { press, type, tabTo }) {
  await press('Control+k');
  await page.getByRole('combobox').waitFor();
  await type('new client');
  await press('Enter');
  await page.getByRole('heading', { name: 'New client' }).waitFor();
  await until(async () => /^First name/.test(await focused(page)), 'the first field');
  await type('Keren');
  await press('Tab');
  await type('Keys');
  await press('Control+Enter');
  await page.getByRole('heading', { name: 'Keren Keys' }).waitFor();

  await press('s'); // a new appointment for this client
  const form = page.getByRole('dialog', { name: 'New appointment' });
  await form.getByText('Keren Keys').waitFor();
  await tabTo(/^From/);
  await type(await now(page));
  await press('Control+Enter');
  await form.waitFor({ state: 'detached' });

  await until(async () => /Keren Keys/.test(await focused(page)), 'the focus on the new appointment');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Keren Keys' }).waitFor();
  await tabTo(/Write session note/);
  await press('Enter');
  await page.getByRole('textbox', { name: 'Subjective' }).waitFor();
  await tabTo(/^subjective/i);
  await type('Neck pain for two weeks, worse in the evening.');
  await tabTo(/^objective/i);
  await type('Rotation to the left 50 degrees.');
  await tabTo(/^assessment/i);
  await type('Muscular.');
  await tabTo(/^plan/i);
  await type('Stretching daily, again in a week.');
  await press('Control+Enter');
  await page.getByRole('dialog').waitFor();
  await press('Enter');
  await page.getByText('Signed', { exact: true }).first().waitFor();
}

async function journey(check, { page }) {
  await check('client, appointment and signed note by keyboard alone, at human speed, in under a minute', async () => {
    await page.goto('/calendar?view=day');
    await page.locator('.scroller').waitFor();
    const start = Date.now();
    await firstVisit(page, hands(page));
    const took = Date.now() - start;
    console.log(`      keyboard: client, appointment and signed note in ${(took / 1000).toFixed(1)} s`);
    assert.ok(took < aMinute, `it took ${took} ms`);
    const [client] = await call(page, 'GET', '/clients?q=Keren%20Keys');
    const [note] = await call(page, 'GET', `/sessions?client_id=${client.id}`);
    assert.deepEqual([note.status, note.client_name, note.assessment], ['signed', 'Keren Keys', 'Muscular.']);
  });
}

async function places(check, { page, watch }) {
  await check(
    'Ctrl or Cmd and K opens the palette from everywhere, also from a field, and Escape gives the focus back',
    async () => {
      await page.goto('/clients');
      await page.getByRole('heading', { name: 'Clients' }).waitFor();
      await page.keyboard.press('/');
      for (const key of ['Control+k', 'Meta+k']) {
        await shows(() => focused(page), 'Search clients');
        await page.keyboard.press(key);
        await page.getByRole('combobox').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('combobox').waitFor({ state: 'detached' });
      }
      await shows(() => focused(page), 'Search clients');
    },
  );

  await check('g and a letter lead to every place, from every place', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Settings' }).focus();
    const ways = { c: '/calendar', w: '/work', s: '/settings', l: '/clients' };
    for (const [key, path] of Object.entries(ways)) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForURL((url) => url.pathname === path);
      await page.locator('h1, .scroller').first().waitFor();
    }
  });

  await check('the keys of a client are those that ? lists', async () => {
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await list.waitFor();
    for (const name of ['Everywhere', 'Calendar', 'Clients', 'A client', 'Note'])
      await list.getByRole('heading', { name, exact: true }).waitFor();
    await accessible(page, watch, 'list of keys');
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Keren Keys' }).press('Enter');
    await page.getByRole('heading', { name: 'Keren Keys' }).waitFor();
    await page.keyboard.press('3');
    await page.waitForURL('**?tab=details');
    await page.keyboard.press('e');
    await page.waitForURL('**/edit');
    await shows(() => page.getByLabel('First name').inputValue(), 'Keren'); // the letter itself is not typed
  });

  await check('single keys can be switched off; those with Ctrl or Alt stay', async () => {
    await page.goto('/settings');
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.goto('/clients');
    await page.getByRole('heading', { name: 'Clients' }).waitFor();
    for (const key of ['g', 's', '?', 'n', '/']) await page.keyboard.press(key);
    assert.deepEqual([new URL(page.url()).pathname, await page.getByRole('dialog').count()], ['/clients', 0]);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await page.goto('/settings');
    await page.getByLabel('Single-key shortcuts').check();
  });
}

async function focusReturns(check, { page, practice, client, week }) {
  const day = addDays(week, 2);
  const visit = await practice.book({ client_id: client.id, starts_at: at(day, '10:00'), ends_at: at(day, '11:00') });
  const card = page.locator('[data-main]').filter({ hasText: 'Omer Keys' });
  const onCard = () => until(async () => /Omer Keys/.test(await focused(page)), 'the focus on the appointment');

  await check('Alt and arrows move an appointment, and the focus stays on it', async () => {
    await open(page, week);
    await card.focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowLeft');
    await isAt(practice, visit.id, addDays(day, -1), '10:15', '11:15');
    await onCard();
  });

  await check('after every dialog the focus is where it was', async () => {
    const dialogs = { Enter: 'Omer Keys', n: 'New appointment', '?': 'Keyboard shortcuts', 'Control+k': '' };
    for (const [key, name] of Object.entries(dialogs)) {
      await page.keyboard.press(key);
      const dialog = page.getByRole('dialog', { name });
      await dialog.waitFor();
      assert.equal(
        await page.evaluate(() => document.activeElement.closest('dialog') !== null),
        true,
        `${name}: inside`,
      );
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await until(async () => /Omer Keys/.test(await focused(page)), `the focus to come back from ${key}`);
    }
  });

  await check('from a card to its form and back: edited, and asked before anything is thrown away', async () => {
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Omer Keys' });
    await sheet.getByRole('button', { name: 'Edit' }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Edit appointment' });
    await form.getByLabel('Notes').fill('Not yet saved');
    const question = page.getByRole('alertdialog');
    for (let times = 0; times < 3; times++) {
      await page.keyboard.press('Escape');
      await question.waitFor();
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
    }
    await shows(() => form.getByLabel('Notes').inputValue(), 'Not yet saved');
    await page.keyboard.press('Escape');
    await question.getByRole('button', { name: 'Discard changes' }).press('Enter');
    await form.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await onCard();
  });
}

/** Walks by Tab until it comes round; answers the names of what it stopped at. */
async function around(page) {
  await page.evaluate(() => {
    document.activeElement.blur();
    [globalThis.walked, globalThis.last] = [new Set(), undefined];
  });
  const stops = [];
  for (let step = 0; step < 250; step++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const at = document.activeElement;
      // Past the last one, before the first; or at another part of the same date.
      if (at === document.body || at === globalThis.last) return { same: true };
      globalThis.last = at;
      if (globalThis.walked.has(at)) return undefined;
      globalThis.walked.add(at);
      const ring = (each, pseudo) => {
        const { outlineStyle, boxShadow } = getComputedStyle(each, pseudo);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      };
      // What a control of the browser hides is drawn by its label; the link of a row draws round the row.
      const seen =
        ring(at) || ring(at, '::after') || [at.parentElement, ...at.parentElement.children].some((each) => ring(each));
      return { name: (at.ariaLabel ?? at.textContent.trim()) || at.name, seen };
    });
    if (!stop) return stops;
    if (!stop.same) stops.push(stop);
  }
  return assert.fail('Tab does not come round');
}

async function noTrap(check, { page, id }) {
  await check('Tab goes round every page, always to something that shows it, and never gets caught', async () => {
    const paths = [
      '/calendar',
      '/calendar?view=month',
      '/clients',
      '/clients/new',
      `/clients/${id}`,
      '/work',
      '/search',
      '/settings',
    ];
    const parts = ['practice', 'services', 'locations', 'templates', 'feeds'].map((part) => `/settings/${part}`);
    for (const path of [...paths, ...parts, `/sessions/new?client=${id}`]) {
      await page.goto(path);
      await page.locator('h1, .scroller').first().waitFor();
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      await page.locator('main :is(a, button, input, select, textarea):visible').first().waitFor();
      const stops = await around(page);
      assert.deepEqual(
        stops.filter(({ seen }) => !seen).map(({ name }) => `${path}: ${name}`),
        [],
      );
      assert.ok(
        stops.length > 8,
        `${path} has only ${stops.length} stops: ${stops.map(({ name }) => name).join(', ')}`,
      );
    }
  });
}

export async function keyboard(check, { browser, context, watch }) {
  const own = await newContext(browser, watch, { storageState: await context.storageState() });
  const page = await own.newPage();
  await page.goto('/calendar');
  await page.locator('.scroller').waitFor();
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  await journey(check, { page });
  await places(check, { page, watch });
  const client = await practice.client('Omer', 'Keys');
  await focusReturns(check, { page, practice, client, week: sunday(11) });
  await noTrap(check, { page, id: client.id });
  await own.close();
}
