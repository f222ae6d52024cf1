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
    await page.getByRole('link', { name: new RegExp(`Work.*${total} things`) }).waitFor();
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

export async function work(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const { id } = await call(page, 'POST', '/clients', { first_name: 'Yael', last_name: 'Workman' });
  for (const part of [marks, payments, notes]) await part(check, { page, watch, id });
  await page.close();
}
