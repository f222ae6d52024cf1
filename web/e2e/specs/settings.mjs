// The settings: the practice, services, locations, templates, feeds, this device.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { shows } from '../lib/until.mjs';

async function open(page, path, heading) {
  await page.goto(path);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

async function practice(check, { page, watch }) {
  await check('the practice: hours, retention and the rest are saved together', async () => {
    await open(page, '/settings/practice', 'Practice');
    await accessible(page, watch, 'practice');
    const friday = page.getByRole('group', { name: 'Friday' });
    await friday.getByRole('button', { name: /Add hours/ }).click();
    await friday.getByLabel(/from/).fill('08:00');
    await friday.getByLabel(/until/).fill('07:00');
    await friday.getByText('The end must be after').waitFor();
    await accessible(page, watch, 'wrong hours');
    await friday.getByLabel(/until/).fill('12:00');
    await page.getByLabel('Years that signed notes are kept').fill('10');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Changes saved').waitFor();
    const saved = await call(page, 'GET', '/workspace');
    assert.deepEqual([saved.working_hours.friday, saved.retention_years], [[['08:00', '12:00']], 10]);
  });
}

async function services(check, { page, watch }) {
  await check('a service is made, changed, archived and brought back', async () => {
    await open(page, '/settings/services', 'Services');
    await page.getByRole('button', { name: 'New service' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Foot massage');
    await dialog.getByLabel(/^Price/).fill('free');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('not an amount').waitFor();
    await accessible(page, watch, 'service dialog');
    await dialog.getByLabel(/^Price/).fill('250.50');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Foot massage').waitFor();
    await page.getByRole('button', { name: /Edit .*Foot massage/ }).click();
    await dialog.getByRole('textbox', { name: 'Minutes', exact: true }).fill('45');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('listitem').filter({ hasText: 'Foot massage' }).getByText('45 min').waitFor();
    await page.getByRole('button', { name: /Archive .*Foot massage/ }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: /Archive .*Foot massage/ }).waitFor();
    await accessible(page, watch, 'services');
    const [service] = (await call(page, 'GET', '/services')).filter((each) => each.name === 'Foot massage');
    assert.deepEqual([service.price, service.default_duration_minutes, service.is_active], [25050, 45, true]);
  });

  await check('a name that is taken is said so', async () => {
    await page.getByRole('button', { name: 'New service' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('foot MASSAGE');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Another entry has this name.').waitFor();
  });

  await check('what was typed into a dialog is not thrown away without asking', async () => {
    await page.keyboard.press('Escape');
    const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
    await accessible(page, watch, 'leave a dialog');
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await shows(() => page.getByRole('dialog').getByLabel('Name').inputValue(), 'foot MASSAGE');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await question.getByRole('button', { name: 'Discard changes' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New service' }).click();
    await page.keyboard.press('Escape'); // nothing was typed
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
}

async function rooms(check, { page, watch }) {
  await check('a room is made', async () => {
    await open(page, '/settings/locations', 'Locations');
    await page.getByRole('button', { name: 'New location' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Room 7');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Please fill this in.').waitFor();
    await dialog.getByLabel('Address').fill('1 Main St');
    await dialog.getByLabel('One appointment at a time').check();
    await accessible(page, watch, 'location dialog');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Room 7' }).getByText('one at a time').waitFor();
    await accessible(page, watch, 'locations');
  });
}

async function snippets(check, { page, watch }) {
  await check('a snippet is made, and a deleted one comes back', async () => {
    await open(page, '/settings/templates', 'Note templates');
    await page.getByRole('button', { name: 'New snippet' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Stairs at home');
    await dialog.getByLabel('Shortcut').fill('a b');
    await dialog.getByLabel('Text').fill('Exercises at home, daily.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('At most 30 letters').waitFor();
    await accessible(page, watch, 'snippet dialog');
    await dialog.getByLabel('Shortcut').fill('stairs');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('/stairs').waitFor();
    await page.getByRole('button', { name: /Delete .*Stairs at home/ }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('/stairs').waitFor();
    await accessible(page, watch, 'templates');
  });
}

async function feeds(check, { page, watch }) {
  await check('a feed shows its address once, and ends when it is revoked', async () => {
    await open(page, '/settings/feeds', 'Calendar feeds');
    await page.getByRole('radio', { name: 'Initials' }).check({ force: true });
    await page.getByRole('button', { name: 'Make an address' }).click();
    const address = await page.locator('code').textContent();
    await accessible(page, watch, 'feeds');
    const read = () => page.evaluate(async (url) => (await fetch(url, { credentials: 'omit' })).status, address);
    assert.equal(await read(), 200);
    await page.reload();
    await page.getByRole('button', { name: 'Revoke' }).waitFor();
    await shows(() => page.locator('code').count(), 0);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The feed is revoked').waitFor();
    assert.equal(await read(), 404);
  });

  await check('density is chosen for this device', async () => {
    await open(page, '/settings', 'Settings');
    await page.getByRole('radio', { name: 'Compact' }).check({ force: true });
    await page.reload();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await shows(() => page.evaluate(() => document.documentElement.dataset.density), 'compact');
    await accessible(page, watch, 'settings, compact');
    await page.getByRole('radio', { name: 'Comfortable' }).check({ force: true });
  });
}

export async function settings(check, { context, watch }) {
  const page = await context.newPage();
  for (const part of [practice, services, rooms, snippets, feeds]) await part(check, { page, watch });
  await page.close();
}
