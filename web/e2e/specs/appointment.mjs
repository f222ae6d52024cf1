// One appointment: booked from a click or a drag with a client made in place, its card, its form, cancelled, deleted, undone.
import assert from 'node:assert/strict';

import { sentBody } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { shows, until } from '../lib/until.mjs';
import { open, spot } from './calendar.mjs';

const card = (page, name) => page.locator('[data-main]').filter({ hasText: name });
const focused = (page) => page.evaluate(() => document.activeElement.textContent || document.activeElement.name);
const undo = (page) => page.locator('.toast .action').last().click();

async function booking(check, { page, watch, practice, week }) {
  const tuesday = addDays(week, 2);

  await check('a click on a free time opens the form with that hour; a client is made in place', async () => {
    await open(page, week);
    await page.locator('.scroller').waitFor();
    const { x, y } = await spot(page, tuesday, 10 * 60 + 10);
    await page.mouse.click(x, y);
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await shows(() => form.getByLabel('From').inputValue(), '10:00');
    await shows(() => form.getByLabel('To').inputValue(), '11:00');
    await form.getByRole('combobox', { name: 'Client' }).fill('Tamar Golan');
    await form.getByRole('option', { name: /New client/ }).waitFor();
    await accessible(page, watch, 'appointment form with clients');
    await form.getByRole('option', { name: /New client/ }).click();
    const person = form.getByRole('group', { name: 'New client' });
    await accessible(page, watch, 'appointment form with a new client');
    await page.keyboard.type('052-5551234');
    await person.getByRole('button', { name: 'Add client' }).click();
    await form.getByText('Tamar Golan').waitFor();
    assert.match(await focused(page), /Choose another client/);
  });

  await check('the service sets length and price, and the start takes the end along', async () => {
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByLabel('Service').selectOption({ label: 'Deep tissue · 50 min' });
    await shows(() => form.getByLabel('To').inputValue(), '10:50');
    await shows(() => form.getByLabel('Price').inputValue(), '350');
    await form.getByLabel('From').fill('11:00');
    await shows(() => form.getByLabel('To').inputValue(), '11:50');
    await form.getByRole('group', { name: 'Next free times' }).getByRole('button').first().waitFor();
    await accessible(page, watch, 'appointment form');
    await page.keyboard.press('Control+Enter');
    await form.waitFor({ state: 'detached' });
    await card(page, 'Tamar Golan').waitFor();
    const [visit] = await practice.call('GET', `/appointments?from=${at(tuesday, '00:00')}&to=${at(tuesday, '23:00')}`);
    assert.equal(new Date(visit.starts_at).toISOString(), at(tuesday, '11:00'));
    assert.deepEqual([visit.price, visit.service_name], [35000, 'Deep tissue']);
  });

  await refusals(check, { page, watch, tuesday });
}

async function refusals(check, { page, watch, tuesday }) {
  await check('what is missing is named, and unsaved text is asked about', async () => {
    await page.keyboard.press('n');
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByLabel('Price').fill('12,345.6');
    await form.getByRole('button', { name: 'Book' }).click();
    await form.getByText('Please fill this in.').waitFor();
    await form.getByText('This is not an amount.').waitFor();
    await shows(() => page.evaluate(() => document.activeElement.getAttribute('role')), 'combobox');
    await accessible(page, watch, 'appointment form with mistakes');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await form.waitFor({ state: 'detached' });
  });

  await check('Back closes what is open over the calendar, asks about what was typed, and does not leave', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.getByRole('heading', { name: 'Clients' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.locator('.scroller').waitFor();
    await page.keyboard.press('n');
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByLabel('Price').fill('120');
    await page.goBack();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    await page.goBack();
    await question.waitFor({ state: 'hidden' });
    await shows(() => form.getByLabel('Price').inputValue(), '120');
    await page.goBack();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await form.waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).pathname, '/calendar');
    await open(page, tuesday);
  });

  await overAnother(check, { page, tuesday });
}

async function overAnother(check, { page, tuesday }) {
  await check('a taken time is announced in the form, and booked over with a reason', async () => {
    const { x, y } = await spot(page, tuesday, 13 * 60);
    await page.mouse.click(x, y);
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByRole('combobox', { name: 'Client' }).fill('tamar');
    await form
      .getByRole('option', { name: /Tamar Golan/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await form.getByLabel('From').fill('11:15');
    await form.getByText(/Taken: .*Tamar Golan/).waitFor();
    await form.getByRole('button', { name: 'Book', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'This time is taken' });
    await dialog.getByRole('button', { name: 'Choose another time' }).click();
    await until(async () => (await focused(page)) === 'start', 'the focus on the time');
    await form.getByRole('button', { name: 'Book', exact: true }).click();
    await dialog.getByLabel('Reason').fill('Siblings');
    await dialog.getByRole('button', { name: 'Book anyway' }).click();
    await form.waitFor({ state: 'detached' });
    await until(async () => (await card(page, 'Tamar Golan').count()) === 2, 'both');
    await undo(page);
    await until(async () => (await card(page, 'Tamar Golan').count()) === 1, 'one');
  });
}

async function theCard(check, { page, watch, practice, client }) {
  const now = new Date();
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jerusalem' }).format(now);
  const starts_at = at(addDays(today, -1), '10:00');
  const visit = await practice.book({
    client_id: client.id,
    starts_at,
    ends_at: at(addDays(today, -1), '11:00'),
    price: 30000,
  });
  const stored = () => practice.appointment(visit.id);
  const becomes = (field, value) => until(async () => (await stored())[field] === value, `${field} ${value}`);

  await check('the card marks a visit attended, and then asks for a note and for the money', async () => {
    await open(page, addDays(today, -1), 'day');
    await card(page, 'Past Visitor').click();
    const sheet = page.getByRole('dialog', { name: 'Past Visitor' });
    await accessible(page, watch, 'appointment card');
    await sheet.getByRole('button', { name: 'Attended' }).click();
    await becomes('status', 'attended');
    assert.equal(
      await sheet.getByRole('link', { name: 'Write session note' }).getAttribute('href'),
      `/sessions/new?appointment=${visit.id}`,
    );
    await sheet.getByLabel('Payment').selectOption('paid');
    await sheet.getByLabel('Paid by').selectOption('bit');
    await becomes('payment_method', 'bit');
    await page.keyboard.press('Escape');
    await card(page, 'Past Visitor').and(page.locator('.st-attended')).waitFor();
    await page.getByRole('button', { name: /Past Visitor.*note missing/ }).waitFor();
  });

  await check('a mistake is taken back, and it is cancelled with a reason and by Undo not', async () => {
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Past Visitor' });
    await sheet.getByRole('button', { name: 'Back to scheduled' }).click();
    await becomes('status', 'scheduled');
    await sheet.getByRole('button', { name: 'Cancel visit' }).click();
    await sheet.getByLabel('Why is it cancelled?').fill('Flu');
    await accessible(page, watch, 'cancelling');
    await page.keyboard.press('Enter');
    await becomes('status', 'cancelled');
    assert.equal((await stored()).cancel_reason, 'Flu');
    await undo(page);
    await becomes('status', 'scheduled');
  });

  await changing(check, { page, visit, stored, becomes });
  await withDraft(check, { page, watch, practice, client, visit });
}

async function changing(check, { page, visit, stored, becomes }) {
  await check('it is edited, and only what was changed is sent', async () => {
    await card(page, 'Past Visitor').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Edit' }).click();
    const form = page.getByRole('dialog', { name: 'Edit appointment' });
    await form.getByLabel('Notes for the booking').fill('Bring the scan');
    const sent = await sentBody(page);
    await form.getByRole('button', { name: 'Save' }).click();
    assert.deepEqual(Object.keys(await sent()).sort(), ['notes', 'version']);
    await becomes('notes', 'Bring the scan');
    await form.waitFor({ state: 'detached' });
    await page.getByRole('dialog', { name: 'Past Visitor' }).getByText('Bring the scan').waitFor();
  });

  await check('it is deleted at once and comes back by Undo', async () => {
    await page.getByRole('dialog', { name: 'Past Visitor' }).getByRole('button', { name: 'Delete' }).click();
    await card(page, 'Past Visitor').waitFor({ state: 'detached' });
    await page.getByText('Appointment of').last().waitFor();
    await undo(page);
    await card(page, 'Past Visitor').waitFor();
    assert.equal((await stored()).deleted_at, null);
  });

  await check('the address of an open appointment opens it again, and the client is one press away', async () => {
    await page.goto(`/calendar?appointment=${visit.id}`);
    const sheet = page.getByRole('dialog', { name: 'Past Visitor' });
    await sheet.getByRole('link', { name: 'Client' }).click();
    await page.getByRole('heading', { level: 1, name: 'Past Visitor' }).waitFor(); // the sheet has one of that name too
    await page.goBack();
    await page.getByRole('dialog', { name: 'Past Visitor' }).waitFor();
    await page.keyboard.press('Escape');
  });
}

async function withDraft(check, { page, watch, practice, client, visit }) {
  await check('its draft goes with it when that is wanted, and comes back with it', async () => {
    const note = await practice.call('POST', '/sessions', { appointment_id: visit.id, plan: 'Rest' });
    await page.goto(`/calendar?appointment=${visit.id}`);
    const left = () =>
      practice.call('GET', `/sessions?client_id=${client.id}`).then((notes) => notes.map(({ id }) => id));
    const sheet = page.getByRole('dialog', { name: 'Past Visitor' });
    await sheet.getByRole('link', { name: 'Continue session note' }).waitFor();
    await sheet.getByRole('button', { name: 'Delete' }).click();
    await accessible(page, watch, 'delete a visit with a draft');
    await sheet.getByRole('button', { name: 'Back' }).click();
    await sheet.getByRole('button', { name: 'Delete' }).click();
    await sheet.getByRole('button', { name: 'Delete both' }).click();
    await card(page, 'Past Visitor').waitFor({ state: 'detached' });
    await shows(left, []);
    await undo(page);
    await card(page, 'Past Visitor').waitFor();
    await shows(left, [note.id]);
    await practice.call('DELETE', `/sessions/${note.id}`);
  });
}

export async function appointment(check, world) {
  const page = await world.context.newPage();
  await page.goto('/calendar');
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  await practice.service('Deep tissue', 50, 35000);
  const client = await practice.client('Past', 'Visitor');
  const here = { ...world, page, practice, client, week: sunday(50) };
  await booking(check, here);
  await theCard(check, here);
  await page.close();
}
