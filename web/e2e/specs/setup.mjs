// The first start: the printed link, the form, and that it works once.
import assert from 'node:assert/strict';

import { accessible, newContext } from '../lib/browser.mjs';
import { shows } from '../lib/until.mjs';

async function before(check, { page, watch, owner }) {
  await check('sign-in says that nothing is set up yet', async () => {
    await page.goto('/clients');
    await page.waitForURL('**/sign-in?*');
    await page.getByText('This installation has no practice yet').waitFor();
    await accessible(page, watch, 'sign-in before setup');
  });

  await check('setup needs the link', async () => {
    await page.goto('/setup');
    await page.getByRole('heading', { name: 'Open the setup link' }).waitFor();
    await accessible(page, watch, 'setup without link');
  });

  await check('a wrong link is refused, with words', async () => {
    await page.goto('/setup#token=wrong');
    await fill(page, owner);
    await page.getByRole('button', { name: 'Create practice' }).click();
    await page.getByText('This setup link is not valid any more').waitFor();
    await page.goto('about:blank');
  });
}

async function theForm(check, { page, watch, owner, server, link }) {
  await check('the token leaves the address bar before the page is there', async () => {
    await page.goto(link);
    await page.getByRole('heading', { name: 'Set up your practice' }).waitFor();
    assert.equal(page.url(), `${server.url}/setup`);
    await accessible(page, watch, 'setup');
  });

  await check('mistakes are named at their fields', async () => {
    await page.getByLabel('Your e-mail').fill('noa');
    await page.getByRole('button', { name: 'Create practice' }).click();
    await page.getByText('This is not a complete e-mail address.').waitFor();
    await shows(() => page.evaluate(() => document.activeElement.name), 'practice_name');
    await accessible(page, watch, 'setup with errors');
  });

  await check('the time zone comes from the browser and can be searched', async () => {
    const zone = page.getByRole('combobox', { name: 'Time zone' });
    await shows(() => zone.inputValue(), 'Asia/Jerusalem');
    await page.getByLabel('Search time zones').fill('lisbon');
    await shows(() => zone.inputValue(), 'Europe/Lisbon');
    await page.getByLabel('Search time zones').fill('jeru');
    await shows(() => zone.inputValue(), 'Asia/Jerusalem');
  });

  await check('setup signs the owner in', async () => {
    await fill(page, owner);
    await page.getByRole('button', { name: 'Create practice' }).click();
    await page.waitForURL('**/clients');
    await page.getByRole('heading', { name: 'Your clients live here' }).waitFor();
    await page.getByText('0 clients').waitFor();
    await accessible(page, watch, 'empty list');
  });

  await check(
    'a practice in Israel begins its week on Sunday and counts in shekels, whatever its language',
    async () => {
      await page.goto('/settings/practice');
      await page.getByRole('radio', { name: 'Sunday', checked: true }).waitFor();
      await shows(() => page.getByLabel('Currency').inputValue(), 'ILS');
      await page.goto('/calendar?view=week');
      const first = await page.locator('.column[data-day]').first().getAttribute('data-day');
      assert.equal(new Date(`${first}T00:00:00Z`).getUTCDay(), 0);
      await page.goto('/clients');
    },
  );
}

export async function setup(check, world) {
  const { server, browser, watch } = world;
  world.context = await newContext(browser, watch);
  world.page = await world.context.newPage();
  const link = await server.printed(/(http\S+\/setup#token=\S+)/);
  await before(check, world);
  await theForm(check, { ...world, link });

  await check('setup is closed afterwards', async () => {
    const other = await newContext(browser, watch);
    const fresh = await other.newPage();
    await fresh.goto(link);
    await fresh.getByRole('heading', { name: 'Already set up' }).waitFor();
    await accessible(fresh, watch, 'setup closed');
    await other.close();
  });
}

async function fill(page, owner) {
  await page.getByLabel('Practice name').fill('Levi Physiotherapy');
  await page.getByLabel('Your full name').fill(owner.name);
  await page.getByLabel('Your e-mail').fill(owner.email);
}
