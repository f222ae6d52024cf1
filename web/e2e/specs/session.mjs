// The end of a session: the countdown, what was being typed, and the keyboard's way through the page.
import { accessible } from '../lib/browser.mjs';
import { shows, until } from '../lib/until.mjs';
import { askForMail } from './signin.mjs';

/** Lets the page believe that its session is about to end. */
async function nearTheEnd(page, seconds) {
  await page.route('**/api/v1/auth/me', async (route) => {
    const answer = await route.fetch();
    const me = await answer.json();
    if (me.session) me.session.idle_seconds_left = seconds;
    await route.fulfill({ response: answer, json: me });
  });
}

export async function session(check, { page, context, server, owner, watch, dana }) {
  await check('the last two minutes are counted down, and the person can stay', async () => {
    await nearTheEnd(page, 90);
    await page.goto('/clients');
    const dialog = page.getByRole('alertdialog', { name: 'Still there?' });
    await dialog.getByText(/1:\d\d/).waitFor();
    await accessible(page, watch, 'countdown');
    await page.unroute('**/api/v1/auth/me');
    await dialog.getByRole('button', { name: 'Stay signed in' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  await check('what was being typed when the session ended is there after signing in again', async () => {
    await page.goto(`${dana}/edit`);
    await page.getByLabel('Remarks').fill('Typed before the session ended');
    await context.clearCookies({ name: 'access_token' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Your session ended').waitFor();
    await accessible(page, watch, 'sign-in after the end');
    const { code } = await askForMail(page, server, owner);
    await page.getByLabel('Code from the e-mail').fill(code);
    await page.getByText('Your unsaved text was kept').waitFor();
    await shows(() => page.getByLabel('Remarks').inputValue(), 'Typed before the session ended');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Changes saved').waitFor();
  });

  await check('without a server, or without a part of the page, it says so and can try again', async () => {
    await page.route('**/api/v1/auth/me', (route) => route.abort());
    await page.goto('/clients');
    await page.getByRole('heading', { name: 'PazPaz cannot be reached' }).waitFor();
    await accessible(page, watch, 'unreachable');
    await page.unroute('**/api/v1/auth/me');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('63 clients').waitFor();
    await page.route('**/assets/SettingsPage-*.js', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'This page needs a reload' }).waitFor();
    await accessible(page, watch, 'needs a reload');
    await page.unroute('**/assets/SettingsPage-*.js');
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    watch.console = watch.console.filter((line) => !/ERR_FAILED|SettingsPage-/.test(line)); // ours, just now
  });

  await check('the page can be walked by keyboard, and navigation moves the focus', async () => {
    await page.goto('/clients');
    await page.getByText('63 clients').waitFor();
    await page.keyboard.press('Tab');
    await shows(() => page.evaluate(() => document.activeElement.textContent), 'Skip to content');
    await page.keyboard.press('Enter');
    await shows(() => page.evaluate(() => document.activeElement.id), 'main');
    await page.getByRole('link', { name: 'Settings' }).focus();
    await page.keyboard.press('Enter');
    await until(() => page.evaluate(() => document.activeElement.tagName === 'H1'), 'the focus on the heading');
    await shows(() => page.title(), 'Settings · PazPaz');
  });
}
