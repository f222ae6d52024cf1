// What is left to do, done in place.
import assert from 'node:assert/strict';

import { call, pastVisit } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { until } from '../lib/until.mjs';

const row = (page, name) => page.getByRole('tabpanel').getByRole('listitem').filter({ hasText: name });

const name = 'Yael Workman';
const visitOf = (page) => (of) => call(page, 'GET', `/appointments/${of.id}`);

async function show(page, which) {
  await page.goto(`/work?list=${which}`);
  await row(page, name).first().waitFor();
}

async function marks(check, { page, watch, id }) {
  const open = await pastVisit(page, id, { hours: 5, attended: false });
  const visit = visitOf(page);

  await check('the navigation counts what is left, and asking for it is no activity', async () => {
    const asked = page.waitForRequest('**/api/v1/work');
    await show(page, 'status');
    assert.equal((await asked).headers()['x-background'], 'true');
    const { needs_note, needs_payment, needs_status, unsigned_notes } = await call(page, 'GET', '/work');
    const total = needs_note + needs_payment + needs_status + unsigned_notes;
    await page.getByRole('link', { name: new RegExp(`Work.*${total} things?`) }).waitFor();
    await accessible(page, watch, 'work: not marked');
  });

  await check('a visit is marked in place, and the mark can be undone', async () => {
    await row(page, name).getByRole('button', { name: 'No-show' }).click();
    await row(page, name).waitFor({ state: 'detached' });
    await until(async () => (await visit(open)).status === 'no_show', 'the mark');
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, name).waitFor();
    assert.equal((await visit(open)).status, 'scheduled');
    await row(page, name).getByRole('button', { name: 'Attended' }).click();
    await until(async () => (await visit(open)).status === 'attended', 'the second mark');
  });
}

async function payments(check, { page, watch, id }) {
  const unpaid = await pastVisit(page, id, { hours: 8, price: 40000 });
  const visit = visitOf(page);

  await check('a visit is paid in place, with how it was paid', async () => {
    await show(page, 'payment');
    await accessible(page, watch, 'work: unpaid');
    await row(page, name).getByLabel('Paid by').selectOption('bit');
    await row(page, name).getByRole('button', { name: 'Paid' }).click();
    await until(async () => (await visit(unpaid)).payment_status === 'paid', 'the payment');
    assert.equal((await visit(unpaid)).payment_method, 'bit');
  });

  await check('what fails comes back with a word about it', async () => {
    const other = await pastVisit(page, id, { hours: 12, price: 20000 });
    await show(page, 'payment');
    await page.route('**/payment', (route) => route.abort());
    await row(page, name).getByRole('button', { name: 'Paid' }).click();
    await page.getByText('The server cannot be reached').waitFor();
    await row(page, name).waitFor();
    await page.unroute('**/payment');
    assert.equal((await visit(other)).payment_status, 'not_paid');
  });
}

async function notes(check, { page, watch }) {
  await check('a visit without a note leads to one, and the draft to its signature', async () => {
    await show(page, 'note');
    await accessible(page, watch, 'work: without note');
    await row(page, name).first().getByRole('link', { name: 'Write note' }).click();
    await page.getByRole('textbox', { name: 'Subjective' }).fill('Better.');
    await page.locator('.pill[data-state="saved"]').waitFor();
    await show(page, 'unsigned');
    await accessible(page, watch, 'work: unsigned');
    await row(page, name).getByRole('link', { name: 'Open note' }).click();
    await page.getByRole('textbox', { name: 'Subjective' }).waitFor();
  });
}

async function deleted(check, { page, watch, id }) {
  const back = page.getByRole('button', { name: /Restore Yael Workman/ });

  await check('what was deleted is found again by its name, and comes back', async () => {
    const visit = await pastVisit(page, id, { hours: 613 });
    const draft = await call(page, 'POST', '/sessions', { client_id: id, subjective: 'A slip of the finger' });
    await call(page, 'DELETE', `/appointments/${visit.id}`);
    await call(page, 'DELETE', `/sessions/${draft.id}`);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('trash');
    await page.keyboard.press('Enter');
    const slip = page.getByRole('listitem').filter({ hasText: 'A slip of the finger' });
    await slip.waitFor();
    await accessible(page, watch, 'recently deleted');
    await slip.getByRole('button', { name: /Restore/ }).click();
    await slip.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/sessions/${draft.id}`)).status, 'draft');
    await back.click();
    await back.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/appointments/${visit.id}`)).deleted_at, null);
  });

  await check('a deleted visit whose time is taken by now comes back with a reason', async () => {
    const visit = await pastVisit(page, id, { hours: 640 });
    await call(page, 'DELETE', `/appointments/${visit.id}`);
    await pastVisit(page, id, { hours: 640 });
    await page.goto('/deleted');
    await back.click();
    const dialog = page.getByRole('dialog', { name: 'This time is taken' });
    await dialog.getByLabel('Reason').fill('Both came');
    await dialog.getByRole('button', { name: 'Book anyway' }).click();
    await back.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/appointments/${visit.id}`)).overlap_reason, 'Both came');
  });
}

export async function work(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const { id } = await call(page, 'POST', '/clients', { first_name: 'Yael', last_name: 'Workman' });
  for (const part of [marks, payments, notes, deleted]) await part(check, { page, watch, id });
  await page.close();
}
