// The page of a client: what happened, the notes and a search inside them, consents.
import assert from 'node:assert/strict';

import { call, hoursAgo, pastVisit } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { shows } from '../lib/until.mjs';

async function person(page) {
  const { id } = await call(page, 'POST', '/clients', {
    first_name: 'Miriam',
    last_name: 'Katz',
    phone: '050-555-0199',
  });
  const visit = await pastVisit(page, id, { hours: 60, price: 35000 });
  const note = await call(page, 'POST', '/sessions', { appointment_id: visit.id, subjective: 'Migräne since Tuesday' });
  await call(page, 'POST', `/sessions/${note.id}/finalize`, { version: note.version });
  await call(page, 'POST', '/sessions', { client_id: id, session_date: hoursAgo(200), plan: 'כאב בברך ימין' });
  await pastVisit(page, id, { hours: 90 });
  const soon = { starts_at: hoursAgo(-48), ends_at: hoursAgo(-49) };
  await call(page, 'POST', '/appointments', { client_id: id, ...soon, override: true, reason: 'test' });
  return id;
}

const tab = (page, name) => page.getByRole('tab', { name }).click();

async function record(check, { page, watch, id }) {
  await check('the timeline has visits and notes, what comes is folded above', async () => {
    await page.goto(`/clients/${id}`);
    await page.getByText('Migräne since Tuesday').waitFor();
    await page.getByText('1 upcoming visit').waitFor();
    await shows(() => page.getByRole('link', { name: 'Write note' }).count(), 1); // the visit with a note is not told twice
    await accessible(page, watch, 'timeline');
    await page.getByRole('radio', { name: 'Visits' }).check({ force: true });
    await page.getByText('Not paid').waitFor();
    await shows(() => page.getByText('Migräne').count(), 0);
  });

  await check('tabs are chosen by keyboard, stand in the address and survive a reload', async () => {
    await page.getByRole('tab', { name: 'Timeline' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Details', selected: true }).waitFor();
    assert.ok(page.url().endsWith('?tab=details'));
    await page.reload();
    await page.getByRole('link', { name: 'Edit' }).waitFor();
    await accessible(page, watch, 'details');
  });

  await check('a word is found inside the notes, whatever its accents, and not kept in the address', async () => {
    await tab(page, 'Notes');
    await page.getByText('כאב בברך ימין').waitFor();
    await page.getByRole('searchbox').fill('migrane');
    await page.locator('mark').waitFor();
    await shows(() => page.locator('mark').textContent(), 'Migräne');
    assert.ok(!page.url().includes('migr'));
    await accessible(page, watch, 'search in notes');
    await page.getByRole('searchbox').fill('ברך');
    await page.getByText('1 note', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Migräne since Tuesday').waitFor();
  });

  await check('a consent is recorded and withdrawn, and stays in the ledger', async () => {
    await tab(page, 'Consents');
    await page.getByRole('button', { name: 'Record a consent' }).click();
    await accessible(page, watch, 'new consent');
    await page.getByRole('radio', { name: 'Reminders' }).check({ force: true });
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByText('Consent recorded').waitFor();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
    await accessible(page, watch, 'consents');
  });
}

async function beginning(check, { page, watch, id }) {
  await check('a new appointment and a new note begin here', async () => {
    assert.ok((await page.getByRole('link', { name: 'New appointment' }).getAttribute('href')).includes(id));
    await page.getByRole('link', { name: 'New note' }).click();
    await page.getByRole('textbox', { name: 'Subjective' }).waitFor();
    await shows(() => page.title(), 'Session note · PazPaz'); // no name: titles stay in the history
    await page.goBack();
    await page.getByRole('tab', { name: 'Consents', selected: true }).waitFor();
    await shows(() => page.title(), 'Client · PazPaz');
  });

  await check('a new note offers the visit of today that has none', async () => {
    const visit = await pastVisit(page, id, { hours: 0 });
    await page.getByRole('link', { name: 'New note' }).click();
    await page.getByRole('heading', { name: 'What is this note about?' }).waitFor();
    await accessible(page, watch, 'what a note is about');
    await page.getByRole('link', { name: /^The visit/ }).click();
    await page.waitForURL(`**/sessions/new?appointment=${visit.id}`);
    await page.getByRole('textbox', { name: 'Subjective' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'No visit' }).click();
    await page.waitForURL(`**/sessions/new?client=${id}`);
    await page.goto(`/clients/${id}?tab=consents`);
    await call(page, 'DELETE', `/appointments/${visit.id}`);
  });
}

async function trash(check, { page, watch, id }) {
  await check('a deleted draft is found in the trash by its words, and comes back as it was', async () => {
    const { id: draft } = await call(page, 'POST', '/sessions', {
      client_id: id,
      assessment: 'Thrown away by mistake',
    });
    await page.goto(`/sessions/${draft}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete draft' }).click();
    await page.waitForURL('**/clients/*');
    await tab(page, 'Notes');
    await page.getByText('כאב בברך ימין').waitFor();
    await shows(() => page.locator('main li:not(.gone)').getByText('Thrown away by mistake').count(), 0);
    await page.getByText('Deleted drafts').click();
    const row = page.getByRole('listitem').filter({ hasText: 'Thrown away by mistake' });
    await accessible(page, watch, 'trash');
    await row.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Deleted drafts').waitFor({ state: 'detached' });
    await row.getByRole('link').first().click();
    await page.waitForURL(`**/sessions/${draft}`);
    await page.getByRole('textbox', { name: 'Assessment' }).waitFor();
    await shows(() => page.getByRole('textbox', { name: 'Assessment' }).inputValue(), 'Thrown away by mistake');
    const stored = await call(page, 'GET', `/sessions/${draft}`);
    assert.deepEqual([stored.assessment, stored.deleted_at ?? null], ['Thrown away by mistake', null]);
    await call(page, 'DELETE', `/sessions/${draft}`);
    await page.goto(`/clients/${id}?tab=notes`);
    await page.getByText('כאב בברך ימין').waitFor();
  });
}

async function leaving(check, { page, watch }) {
  const { id } = await call(page, 'POST', '/clients', { first_name: 'Gone', last_name: 'Soon', phone: '0505550177' });
  const soon = { client_id: id, override: true, reason: 'test' };
  const visits = [];
  for (const hours of [-30, -60]) {
    const times = { starts_at: hoursAgo(hours), ends_at: hoursAgo(hours - 1) };
    visits.push(await call(page, 'POST', '/appointments', { ...soon, ...times }));
  }
  const states = () =>
    Promise.all(visits.map(async (visit) => (await call(page, 'GET', `/appointments/${visit.id}`)).status));

  await check('archiving asks about the visits to come; not answering changes nothing', async () => {
    await page.goto(`/clients/${id}?tab=details`);
    await page.getByRole('button', { name: 'Archive' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'What about the visits to come?' });
    await dialog.getByText(/2.* visits of this client are still to come/).waitFor();
    await accessible(page, watch, 'archive with visits');
    await dialog.getByRole('button', { name: 'Do not archive' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/clients/${id}`)).is_active, true);
  });

  await check('the visits are cancelled with the client when that is wanted', async () => {
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('button', { name: 'Archive and cancel visits' }).click();
    await page.getByText('Archived on').waitFor();
    assert.deepEqual(await states(), ['cancelled', 'cancelled']);
  });

  await check('an archiving that is undone from the page of somebody else brings back the right one', async () => {
    await page.getByRole('link', { name: 'All clients' }).click();
    await page.getByRole('link', { name: /Miriam Katz/ }).click();
    await page.getByRole('heading', { name: 'Miriam Katz' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/Gone Soon.* is active again/).waitFor();
    assert.equal((await call(page, 'GET', `/clients/${id}`)).is_active, true);
  });

  await check('somebody who was here already is opened, and the new record can come back', async () => {
    await page.goto('/clients/new');
    await page.getByLabel('First name').fill('Gone');
    await page.getByLabel('Last name').fill('Again');
    await page.getByLabel('Phone').first().fill('0505550177');
    await page.getByRole('button', { name: 'Create client' }).click();
    await page.getByRole('button', { name: /Yes: open .*Gone Soon/ }).click();
    await page.waitForURL(`**/clients/${id}`);
    const newer = async (status) =>
      (await call(page, 'GET', `/clients?q=gone%20again&status=${status}`)).map((client) => client.full_name);
    assert.deepEqual([await newer('active'), await newer('archived')], [[], ['Gone Again']]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Gone Again' }).waitFor();
    assert.deepEqual(await newer('active'), ['Gone Again']);
  });
}

async function everywhere(check, { page, watch }) {
  await check('the palette finds a client and goes there by keyboard', async () => {
    await page.goto('/work');
    await page.getByRole('heading', { name: 'Work' }).waitFor();
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search and go' });
    await field.fill('Miriam');
    await page.getByRole('option', { name: /Miriam Katz/ }).waitFor();
    await accessible(page, watch, 'palette');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Miriam Katz' }).waitFor();
  });

  await check('g and a letter go places, ? lists the keys, and single keys can be switched off', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL('**/settings');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await accessible(page, watch, 'keys');
    await page.keyboard.press('Escape');
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.getByRole('heading', { name: 'Settings' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.keyboard.press('?');
    assert.equal(new URL(page.url()).pathname, '/settings');
    await shows(() => page.getByRole('dialog').count(), 0);
    await page.getByLabel('Single-key shortcuts').check();
  });

  await check('notes of the whole practice are searched', async () => {
    await page.goto('/search');
    await page.getByRole('searchbox').fill('migräne');
    await page.getByRole('link', { name: /Miriam Katz/ }).waitFor();
    await accessible(page, watch, 'search in all notes');
  });
}

export async function clientPage(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const id = await person(page);
  for (const part of [record, beginning, trash, leaving, everywhere]) await part(check, { page, watch, id });
  await page.close();
}
