// A session note in trouble: no connection, a closed tab, two tabs, what the server refuses, a sign-out.
import assert from 'node:assert/strict';

import { call, pastVisit } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { copiesIn, onDevice, placesOf } from '../lib/storage.mjs';
import { shows, until } from '../lib/until.mjs';
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
    assert.deepEqual(placesOf('Secretword', await onDevice(page)), []);
    await context.setOffline(false);
    await pill(page, 'saved');
    assert.equal(await stored(note.id), 'Online. Secretword offline.');
    await until(async () => copiesIn(await onDevice(page)).length === 0, 'the copy to go');
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
    await shows(() => section(page, 'Subjective').inputValue(), 'Before. And after.');
    await context.unroute('**/draft');
    await until(async () => (await stored(note.id)) === 'Before. And after.', 'the save');
  });

  await check('two tabs: both texts are shown, and the person chooses', async () => {
    const note = await draft('Common.');
    await page.route('**/draft', (route) => route.abort()); // a tab without words of its own would take the other's
    await section(page, 'Subjective').fill('From this tab.');
    await pill(page, 'offline');
    const other = await context.newPage();
    await other.goto(`/sessions/${note.id}`);
    await section(other, 'Subjective').fill('From the other tab.');
    await pill(other, 'saved');
    await page.unroute('**/draft');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    const dialog = page.getByRole('dialog', { name: 'Changed in another place' });
    await dialog.getByText('From the other tab.').waitFor();
    await dialog.getByText('From this tab.').waitFor();
    await accessible(page, watch, 'conflict of notes');
    await dialog.getByRole('button', { name: 'Keep both' }).click();
    await pill(page, 'saved');
    assert.equal(await stored(note.id), 'From this tab.\n\nFrom the other tab.');
    await other.close();
  });
  return page;
}

async function signOut(check, page) {
  await check('a sign-out leaves no copy and no key on the device', async () => {
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Sign out' }).last().click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await until(async () => (await onDevice(page)).database.length === 0, 'key and copy to go');
    assert.deepEqual((await onDevice(page)).tab, {});
  });
}

/** What the server takes no note about, and how the page says so. */
async function refusals(check, { page, watch, client }) {
  const open = async (visit) => {
    await page.goto(`/sessions/new?appointment=${visit.id}`);
  };

  await check('a cancelled visit takes no note, before and while it is written', async () => {
    const visit = await pastVisit(page, client, { hours: 70, attended: false });
    await open(visit);
    await section(page, 'Subjective').waitFor();
    const other = await call(page, 'PUT', `/appointments/${visit.id}`, { status: 'cancelled', version: visit.version });
    assert.equal(other.status, 'cancelled');
    await section(page, 'Subjective').fill('Too late.');
    await pill(page, 'stuck');
    await page.getByRole('alert').getByText('A cancelled appointment takes no note').waitFor();
    await accessible(page, watch, 'note of a cancelled visit');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete draft' }).click();
    await page.waitForURL('**/clients/*');
    await open(visit);
    await page.getByRole('heading', { name: 'This appointment was cancelled' }).waitFor();
    await accessible(page, watch, 'no note of a cancelled visit');
  });

  await check('a note is not signed before its visit has begun, and the draft stays', async () => {
    const visit = await pastVisit(page, client, { hours: -3, attended: false });
    await open(visit);
    await section(page, 'Subjective').fill('Prepared.');
    await pill(page, 'saved');
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign this note?' });
    await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
    await dialog.getByText('This visit has not begun yet').waitFor();
    await accessible(page, watch, 'sign too early');
    await page.keyboard.press('Escape');
    await shows(() => section(page, 'Subjective').inputValue(), 'Prepared.');
  });

  await check('a note begun in two tabs becomes one note with both texts', async () => {
    const visit = await pastVisit(page, client, { hours: 74 });
    await open(visit);
    await section(page, 'Subjective').waitFor();
    const there = await call(page, 'POST', '/sessions', { appointment_id: visit.id, plan: 'From the other tab.' });
    await section(page, 'Subjective').fill('From this tab.');
    await pill(page, 'saved');
    await page.waitForURL(`**/sessions/${there.id}`);
    const note = await call(page, 'GET', `/sessions/${there.id}`);
    assert.deepEqual([note.subjective, note.plan], ['From this tab.', 'From the other tab.']);
    await shows(() => section(page, 'Plan').inputValue(), 'From the other tab.');
  });
}

export async function sessionsTrouble(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const client = await newClient(page, 'Ruth', 'Offline');
  const last = await trouble(check, { page, watch, client, context });
  await refusals(check, { page: last, watch, client });
  await signOut(check, last);
  await last.close();
}
