// A client's life: created, found, changed, archived, brought back.
import assert from 'node:assert/strict';

import { sentBody } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { shows, until } from '../lib/until.mjs';

const rows = (page) => page.locator('a.name').allTextContents();

export async function create(page, { first, last, phone = '' }) {
  await page.goto('/clients/new');
  await page.getByLabel('First name').fill(first);
  await page.getByLabel('Last name').fill(last);
  if (phone) await page.getByLabel('Phone', { exact: true }).fill(phone);
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.getByRole('heading', { name: `${first} ${last}` }).waitFor();
  return new URL(page.url()).pathname;
}

async function search(page, text, found) {
  await page.getByRole('searchbox', { name: 'Search clients' }).fill(text);
  const want = JSON.stringify(found);
  await until(async () => JSON.stringify(await rows(page)) === want, `the search for ${text} to find ${want}`);
}

async function creating(check, { page, watch }) {
  await check('a search without a hit offers to create', async () => {
    await page.goto('/clients');
    await page.getByRole('searchbox', { name: 'Search clients' }).fill('Dana Cohen');
    await page.getByRole('heading', { name: /No client matches/ }).waitFor();
    await accessible(page, watch, 'no hit');
    assert.ok(!page.url().includes('Dana'));
    await page.getByRole('button', { name: /Create client/ }).click();
    await shows(() => page.getByLabel('First name').inputValue(), 'Dana');
    await shows(() => page.getByLabel('Last name').inputValue(), 'Cohen');
  });

  await check('a client is created with every field, by keyboard', async () => {
    await page.getByLabel('Phone', { exact: true }).fill('050-555-0101');
    await page.getByLabel('E-mail').fill('dana@example.com');
    await page.getByLabel('Date of birth').fill('1984-03-12');
    await page.getByRole('textbox', { name: 'Tags' }).pressSequentially('back pain,גב,');
    await page.getByLabel('Address').fill('12 Dizengoff St, Tel Aviv');
    await page.getByLabel('Contact name').fill('רותי כהן');
    await page.getByLabel('Contact phone').fill('+972 52-555-0102');
    await page.getByLabel('Medical history').fill('Disc herniation.\nאלרגיה לפניצילין.');
    await page.getByLabel('Remarks').fill('Prefers mornings.');
    await accessible(page, watch, 'new client');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'Dana Cohen' }).waitFor();
    for (const text of ['050-555-0101', 'dana@example.com', 'back pain', 'רותי כהן', 'Prefers mornings.']) {
      await page.getByText(text, { exact: true }).first().waitFor();
    }
    await accessible(page, watch, 'client');
  });

  await check('wrong values are named at their fields, by the page and by the server', async () => {
    await page.goto('/clients/new');
    await page.getByLabel('E-mail').fill('not an address');
    await page.getByRole('button', { name: 'Create client' }).click();
    await page.getByText('Please check 3 fields').waitFor();
    await accessible(page, watch, 'new client with errors');
    await page.getByLabel('First name').fill('A');
    await page.getByLabel('Last name').fill('B');
    await page.getByLabel('E-mail').fill('a@b'); // looks right, but the server wants a real domain
    await page.getByRole('button', { name: 'Create client' }).click();
    await page.getByText('This is not a complete e-mail address.').waitFor();
    await shows(() => page.evaluate(() => document.activeElement.name), 'email');
  });
}

async function minding(check, { page, watch }) {
  await check('unsaved text is not left without asking', async () => {
    await page.getByRole('link', { name: 'Clients', exact: true }).click();
    await page.getByRole('alertdialog', { name: 'Leave without saving?' }).waitFor();
    await accessible(page, watch, 'leave dialog');
    await page.keyboard.press('Escape');
    await shows(() => page.getByLabel('First name').inputValue(), 'A');
    await page.getByRole('link', { name: 'Clients', exact: true }).click();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.waitForURL('**/clients');
  });

  await check('the same phone number brings a warning with a link', async () => {
    await create(page, { first: 'נועה', last: 'לוי', phone: '0505550101' });
    await page.getByRole('heading', { name: 'Is this somebody you already have?' }).waitFor();
    await page.getByText('(same phone)').waitFor();
    await accessible(page, watch, 'duplicate');
    await page.getByRole('link', { name: 'Dana Cohen' }).click();
    await page.getByRole('heading', { name: 'Dana Cohen' }).waitFor();
  });
}

async function finding(check, { page }) {
  await check('search finds English and Hebrew, by name in any order, phone and e-mail', async () => {
    await create(page, { first: 'José', last: 'Martínez' });
    await page.getByRole('link', { name: 'All clients' }).click();
    await search(page, 'cohen da', ['Dana Cohen']);
    await search(page, 'נועה', ['נועה לוי']);
    await search(page, 'jose', ['José Martínez']);
    await search(page, 'dana@', ['Dana Cohen']);
    await search(page, '5550101', ['Dana Cohen', 'נועה לוי']);
  });

  await check('Back from a client restores the search, the focus and the list', async () => {
    await search(page, 'jose', ['José Martínez']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'José Martínez' }).waitFor();
    await page.goBack();
    await page.getByRole('searchbox').waitFor();
    await shows(() => page.getByRole('searchbox').inputValue(), 'jose');
    await until(
      () => page.evaluate(() => document.activeElement.textContent === 'José Martínez'),
      'the focus on the row',
    );
    await page.getByRole('button', { name: 'Clear search' }).click();
    await page.getByText('3 clients').waitFor();
  });

  await check('a long list comes in pages', async () => {
    await page.evaluate(async () => {
      const token = /csrf_token=([^;]+)/.exec(document.cookie)[1];
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': token };
      for (let n = 0; n < 60; n += 1) {
        const body = JSON.stringify({ first_name: 'Pat', last_name: `Zz ${String(n).padStart(2, '0')}` });
        const answer = await fetch('/api/v1/clients', { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`create: ${answer.status}`);
      }
    });
    await page.goto('/clients');
    await page.getByText('63 clients').waitFor();
    await page.getByText('50 of 63').waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await until(async () => (await rows(page)).length === 63, 'all 63 rows');
    await shows(() => page.getByRole('button', { name: 'Load more' }).count(), 0);
    assert.equal(new Set(await page.locator('a.name').evaluateAll((all) => all.map((a) => a.href))).size, 63);
  });
}

async function changing(check, world) {
  const { page, watch } = world;

  await check('an edit changes what was edited and nothing else', async () => {
    await page.goto('/clients');
    await search(page, 'dana', ['Dana Cohen']);
    await page.getByRole('link', { name: 'Dana Cohen' }).click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('heading', { name: 'Edit client' }).waitFor();
    await page.getByLabel('Address').fill('');
    await page.getByLabel('Remarks').fill('Prefers evenings.');
    await accessible(page, watch, 'edit');
    const sent = await sentBody(page);
    await page.getByRole('button', { name: 'Save' }).click();
    const { version, ...changes } = await sent();
    assert.deepEqual(changes, { address: null, notes: 'Prefers evenings.' });
    assert.equal(typeof version, 'number');
    await page.getByText('Prefers evenings.').waitFor();
    await page.getByText('12 Dizengoff').waitFor({ state: 'detached' });
    world.dana = new URL(page.url()).pathname;
  });

  await check('archive, undo, archive, restore', async () => {
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByText('is archived').waitFor();
    await page.getByText('Archived on').waitFor();
    await accessible(page, watch, 'archived client');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('is active again').waitFor();
    await page.getByText('Archived on').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('link', { name: 'All clients' }).click();
    await search(page, 'dana', []);
    await page.getByLabel('Archived', { exact: true }).check({ force: true });
    await page.waitForURL('**/clients?status=archived');
    await search(page, 'dana', ['Dana Cohen']);
    await accessible(page, watch, 'archived list');
    await page.getByRole('link', { name: 'Dana Cohen' }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Archived on').waitFor({ state: 'detached' });
  });

  await check('a client that does not exist says so', async () => {
    await page.goto('/clients/01a20000-0000-7000-8000-000000000000');
    await page.getByRole('heading', { name: 'Client not found' }).waitFor();
    await accessible(page, watch, 'client not found');
    await page.goto('/no/such/page');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await accessible(page, watch, 'page not found');
  });

  await check('an error is shown with a way to try again', async () => {
    await page.route('**/api/v1/clients?*', (route) => route.abort());
    await page.goto('/clients');
    await page.getByText('The list could not be loaded').waitFor();
    await accessible(page, watch, 'list error');
    await page.unroute('**/api/v1/clients?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('63 clients').waitFor();
    watch.console = watch.console.filter((line) => !line.includes('net::ERR_FAILED')); // ours, just now
  });
}

export async function clients(check, world) {
  await creating(check, world);
  await minding(check, world);
  await finding(check, world);
  await changing(check, world);
}
