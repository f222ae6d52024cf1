// A session note in trouble: no connection, a closed tab, two tabs, a sign-out.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { until } from '../lib/until.mjs';
import { newClient, pill, section } from './sessions.mjs';

async function trouble(check, { page, watch, client, context }) {
  const draft = async (text) => {
    const note = await call(page, 'POST', '/sessions', { client_id: client, subjective: text });
    await page.goto(`/sessions/${note.id}`);
    await section(page, 'Subjective').waitFor();
    return note;
  };
  const stored = async (id) => (await call(page, 'GET', `/sessions/${id}`)).subjective;

  await check('without a connection typing goes on, sealed on the device, and is saved later', async () => {
    const note = await draft('Online.');
    await context.setOffline(true);
    await section(page, 'Subjective').press('End');
    await section(page, 'Subjective').pressSequentially(' Secretword offline.');
    await pill(page, 'offline');
    await accessible(page, watch, 'offline');
    assert.ok(!(await onDevice(page)).includes('Secretword'));
    await context.setOffline(false);
    await pill(page, 'saved');
    assert.equal(await stored(note.id), 'Online. Secretword offline.');
    await until(async () => !(await onDevice(page)).includes('copy:'), 'the copy to go');
  });

  await check('a tab that crashes before the save loses nothing', async () => {
    const note = await draft('Before.');
    await context.route('**/draft', (route) => route.abort());
    await section(page, 'Subjective').fill('Before. And after.');
    await pill(page, 'offline');
    const crashed = page.waitForEvent('crash');
    const inspector = await context.newCDPSession(page);
    void inspector.send('Page.crash').catch(() => undefined); // a tab that closes in peace still gets its text out
    await crashed;
    await page.close();
    page = await context.newPage();
    await page.goto(`/sessions/${note.id}`);
    await page.getByText('was brought back').waitFor();
    assert.equal(await section(page, 'Subjective').inputValue(), 'Before. And after.');
    await context.unroute('**/draft');
    await until(async () => (await stored(note.id)) === 'Before. And after.', 'the save');
  });

  await check('two tabs: both texts are shown, and the person chooses', async () => {
    const note = await draft('Common.');
    const other = await context.newPage();
    await other.goto(`/sessions/${note.id}`);
    await section(other, 'Subjective').fill('From the other tab.');
    await pill(other, 'saved');
    await section(page, 'Subjective').fill('From this tab.');
    const dialog = page.getByRole('dialog', { name: 'Changed in another place' });
    await dialog.getByText('From the other tab.').waitFor();
    await dialog.getByText('From this tab.').waitFor();
    await accessible(page, watch, 'conflict of notes');
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await pill(page, 'saved');
    assert.equal(await stored(note.id), 'From this tab.');
    await other.close();
  });

  await check('a sign-out leaves no copy and no key on the device', async () => {
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Sign out' }).last().click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await onDevice(page), '');
  });
  return page;
}

/** Everything that the page's storages hold, as text. */
function onDevice(page) {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map((each) => each.name);
    if (!names.includes('pazpaz')) return '';
    const database = await new Promise((resolve) => {
      indexedDB.open('pazpaz').onsuccess = (event) => resolve(event.target.result);
    });
    if (!database.objectStoreNames.contains('sealed')) return '';
    const store = database.transaction('sealed').objectStore('sealed');
    const read = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const [keys, values] = [await read(store.getAllKeys()), await read(store.getAll())];
    database.close();
    const text = values.map((value) => (value.data ? new TextDecoder('latin1').decode(value.data) : ''));
    return [...keys, ...text, ...Object.values(localStorage), ...Object.values(sessionStorage)]
      .join(' ')
      .replace(/\b(en|he|light|dark|system)\b/g, '')
      .trim();
  });
}

export async function sessionsTrouble(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const client = await newClient(page, 'Ruth', 'Offline');
  await (await trouble(check, { page, watch, client, context })).close();
}
