// A series: previewed with what stands in its way, booked, changed and deleted as one, as following, as all.
import assert from 'node:assert/strict';

import { accessible } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { until } from '../lib/until.mjs';
import { open, spot } from './calendar.mjs';

const card = (page, name) => page.locator('[data-main]').filter({ hasText: name });

async function prepare(world) {
  const page = await world.context.newPage();
  await page.goto('/calendar');
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  const [client, other] = [await practice.client('Rina', 'Serial'), await practice.client('Ofer', 'Other')];
  const week = sunday(60);
  const monday = addDays(week, 1);
  const mine = async () => {
    const found = await practice.call('GET', `/appointments?client_id=${client.id}&limit=100`);
    return found.map((visit) => new Date(visit.starts_at).toISOString());
  };
  const day = (weeks) => addDays(monday, 7 * weeks);
  await practice.book({ client_id: other.id, starts_at: at(day(2), '09:00'), ends_at: at(day(2), '10:00') });

  return { ...world, page, week, monday, mine, day };
}

async function booking(check, { page, watch, week, monday, mine, day }) {
  await check('a weekly series shows each of its times and who is in the way, before anything is booked', async () => {
    await open(page, week);
    await page.locator('.scroller').waitFor();
    const { x, y } = await spot(page, monday, 9 * 60 + 5);
    await page.mouse.click(x, y);
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByRole('combobox', { name: 'Client' }).fill('Rina');
    await form.getByRole('option', { name: /Rina Serial/ }).click();
    await form.getByLabel('Repeats', { exact: true }).check();
    await form.getByLabel('How many', { exact: true }).fill('4');
    const preview = form.getByRole('group', { name: 'Preview' });
    await until(async () => (await preview.locator('li').count()) === 4, 'four times');
    await preview.getByText(/taken: .*O\.O\./).waitFor();
    await form.getByText('Some of the times need a decision.').waitFor();
    await accessible(page, watch, 'series form');
    assert.deepEqual(await mine(), []);
  });

  await check('what is taken is left out, and the rest is booked by the clock on the wall', async () => {
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByLabel('Where the time is taken').selectOption('skip');
    await form.getByText(/3.* of .* will be booked/).waitFor();
    await form.getByRole('button', { name: 'Book series' }).click();
    await form.waitFor({ state: 'detached' });
    await card(page, 'Rina Serial').waitFor();
    assert.deepEqual(
      await mine(),
      [0, 1, 3].map((weeks) => at(day(weeks), '09:00')),
    );
  });
}

async function changing(check, { page, watch, mine, day }) {
  await check('this and the following are moved together', async () => {
    await open(page, day(1));
    await card(page, 'Rina Serial').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Edit' }).click();
    const form = page.getByRole('dialog', { name: 'Edit appointment' });
    await form.getByLabel('From').fill('16:00');
    await form.getByLabel('This and the following').check({ force: true });
    await accessible(page, watch, 'edit of a series');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    const want = [at(day(0), '09:00'), at(day(1), '16:00'), at(day(3), '16:00')];
    await until(async () => JSON.stringify(await mine()) === JSON.stringify(want), 'the new times');
    await page.keyboard.press('Escape');
  });

  await check('the following are deleted, and Undo brings them back', async () => {
    await card(page, 'Rina Serial').click();
    const sheet = page.getByRole('dialog', { name: 'Rina Serial' });
    await sheet.getByRole('button', { name: 'Delete' }).click();
    await accessible(page, watch, 'which of a series');
    await sheet.getByRole('button', { name: 'This and the following' }).click();
    await until(async () => (await mine()).length === 1, 'one left');
    await page.locator('.toast .action').last().click();
    await until(async () => (await mine()).length === 3, 'all three again');
    await card(page, 'Rina Serial').waitFor();
  });

  await check('the following are cancelled in one step, with one reason', async () => {
    await card(page, 'Rina Serial').click();
    const sheet = page.getByRole('dialog', { name: 'Rina Serial' });
    await sheet.getByRole('button', { name: 'Cancel visit' }).click();
    await sheet.getByLabel('This and the following').check({ force: true });
    await sheet.getByLabel('Why is it cancelled?').fill('Moved away');
    await accessible(page, watch, 'cancelling a series');
    await sheet.getByRole('button', { name: 'Cancel appointments' }).click();
    await page.getByText('2 appointments cancelled').waitFor();
    await card(page, 'Rina Serial').and(page.locator('.st-cancelled')).waitFor();
  });

  await check('monthly patterns fit the day that was chosen', async () => {
    await page.keyboard.press('n');
    const form = page.getByRole('dialog', { name: 'New appointment' });
    await form.getByLabel('Date').fill('2028-01-31');
    await form.getByLabel('Repeats', { exact: true }).check();
    const patterns = await form.getByLabel('How often').locator('option').allTextContents();
    assert.equal(patterns.length, 3); // the fifth Monday is in few months
    assert.match(patterns[1], /31/);
    assert.match(patterns[2], /last .*Monday/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard changes' }).click();
  });
}

export async function series(check, world) {
  const here = await prepare(world);
  await booking(check, here);
  await changing(check, here);
  await here.page.close();
}
