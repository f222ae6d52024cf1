// A person's own security: an authenticator app, passkeys, recovery codes, devices, a fresh proof, the rule of the practice.
import assert from 'node:assert/strict';

import { accessible, newContext } from '../lib/browser.mjs';
import { signInMails } from '../lib/mail.mjs';
import {
  codeOf,
  enrolTotp,
  everyWay,
  giveAuthenticator,
  joinWatch,
  keepCodes,
  newPractice,
  signOut,
  staleOnce,
  typeMailedCode,
} from '../lib/people.mjs';
import { shows, until } from '../lib/until.mjs';

async function openSecurity(page) {
  await page.goto('/settings/security');
  await page.getByRole('heading', { name: 'Second step at sign-in' }).waitFor();
}

async function enrolling(check, scene) {
  const { page, watch } = scene;
  await check('an authenticator app is set up, and the recovery codes are shown once', async () => {
    await openSecurity(page);
    await page.getByText('Whoever can read your e-mail').waitFor();
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByLabel('Code that the app shows now').fill('000000');
    await page.getByText(/code is not right/).waitFor();
    await accessible(page, watch, 'authenticator');
    Object.assign(scene, await enrolTotp(page));
    assert.equal(new Set(scene.codes).size, 10);
    await shows(() => page.evaluate(() => document.activeElement.id), 'recovery-title');
    await accessible(page, watch, 'recovery codes');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Keep the codes first').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'pazpaz-recovery-codes.txt');
    await keepCodes(page);
    await page.getByText('10 left').waitFor();
    await shows(() => page.getByText(scene.codes[0]).count(), 0);
  });
}

async function secondStep(check, scene) {
  const { page, server, watch, owner } = scene;
  await check('signing in asks for the second step, counts the tries, and takes the right code', async () => {
    await signOut(page);
    await typeMailedCode(page, server, owner.email);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await accessible(page, watch, 'second step');
    await page.getByLabel('Code from your authenticator app').fill('000000');
    await page.getByText('4 tries left').waitFor();
    await page.getByLabel('Code from your authenticator app').fill(codeOf(scene.secret));
    await page.waitForURL('**/calendar*');
  });
}

async function passkeys(check, scene) {
  const { page, server, watch } = scene;
  await check('a passkey is made, named and renamed', async () => {
    scene.authenticator = await giveAuthenticator(page);
    await openSecurity(page);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Laptop');
    await accessible(page, watch, 'new passkey');
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /Rename .*Laptop/ }).click();
    await dialog.getByLabel('Name').fill('Work laptop');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Work laptop', { exact: true }).waitFor();
    const focused = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    assert.match(focused ?? 'nothing', /^Rename .*Work laptop/); // the focus is back where it was
    await accessible(page, watch, 'passkeys');
  });

  await check('it signs in, without a mail', async () => {
    const before = await signInMails(server.mailFolder);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('**/calendar*');
    assert.equal(await signInMails(server.mailFolder), before);
  });

  await check('the browser offers it under the field', async () => {
    const other = await newContext(scene.browser, watch);
    const fresh = await other.newPage();
    await giveAuthenticator(fresh, { passkeys: await scene.authenticator.passkeys(), offers: true });
    await fresh.goto('/sign-in');
    await fresh.waitForURL('**/calendar*'); // this authenticator picks at once what is offered
    await other.close();
  });
}

async function lostPhone(check, scene) {
  const { browser, server, watch, owner, page } = scene;
  const other = await newContext(browser, watch);
  const pocket = await other.newPage();
  await check('without phone and passkey a recovery code gets back in', async () => {
    await pocket.goto('/sign-in');
    await typeMailedCode(pocket, server, owner.email);
    await pocket.getByRole('button', { name: 'Use a recovery code' }).click();
    await accessible(pocket, watch, 'recovery code');
    await pocket.getByLabel('Recovery code').fill(scene.codes[0].toLowerCase());
    await pocket.waitForURL('**/calendar*');
    await pocket.getByText(/You used a recovery code: .*9.* are left/).waitFor();
    await pocket.getByRole('button', { name: 'Open Security' }).click();
    await pocket.waitForURL('**/settings/security');
    await openSecurity(pocket);
    await pocket.getByText('9 left').waitFor();
  });

  await check('devices are listed, and another one is signed out', async () => {
    await openSecurity(page);
    await page.getByText('This device', { exact: true }).waitFor();
    const rows = page.getByRole('listitem').filter({ hasText: 'last used' });
    await until(async () => (await rows.count()) >= 2, 'two devices');
    await page.getByRole('button', { name: 'Sign out all others' }).click();
    await accessible(page, watch, 'sign out all others');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Signed out there').waitFor();
    await pocket.goto('/settings/security');
    await pocket.waitForURL('**/sign-in?*');
  });
  await other.close();
}

async function stepUp(check, scene) {
  const { page, watch } = scene;
  const renew = async () => {
    await staleOnce(page, '**/api/v1/auth/recovery-codes', ['totp', 'passkey', 'recovery']);
    await page.getByRole('button', { name: 'Make new ones' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Make new ones' }).click();
    await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
  };

  await check('an act that wants a fresh proof asks once; without it nothing happens', async () => {
    await openSecurity(page);
    await renew();
    await accessible(page, watch, 'fresh proof');
    await page.getByRole('dialog').last().getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).first().waitFor({ state: 'detached' });
    await shows(() => page.getByRole('alert').count(), 0); // it was their own wish
    await shows(() => page.evaluate(() => document.activeElement.textContent.trim()), 'Make new ones');
    await page.getByText('9 left').waitFor();
  });

  await check('with the proof the act goes on by itself', async () => {
    await renew();
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(scene.codes[1]);
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    assert.ok(!(await page.locator('ol code').allTextContents()).includes(scene.codes[2]));
    await page.getByRole('link', { name: 'Clients' }).click();
    await page.getByText('Leave without the codes?').waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    await keepCodes(page);
    await page.getByText('10 left').waitFor();
  });
}

async function removing(check, { page }) {
  await check('the app is taken away, and the passkey stays', async () => {
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Set up' }).waitFor();
    await page.getByText('Work laptop', { exact: true }).waitFor();
  });

  await check('the rule of the practice is set', async () => {
    await page.getByRole('button', { name: 'Require it' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Require it' }).click();
    await page.getByText('Members without one can do nothing else').waitFor();
  });
}

export async function security(check, world) {
  const scene = await newPractice(world.browser);
  try {
    for (const part of [enrolling, secondStep, passkeys, lostPhone, stepUp, removing]) await part(check, scene);
    await check('security in both languages, both themes and on a phone', async () => {
      const { cookies } = await scene.context.storageState();
      await everyWay(world.browser, scene.watch, cookies, ['/settings'], world.look);
      await everyWay(world.browser, scene.watch, cookies, ['/settings/security'], async (page, name) => {
        await world.look?.(page, name);
        await page.locator('li button').first().click();
        await page.locator('form img').waitFor();
        await accessible(page, scene.watch, `${name} authenticator`);
      });
      await everyWay(world.browser, scene.watch, [], ['/sign-in', '/sign-in/second-factor'], world.look);
    });
  } finally {
    joinWatch(world.watch, scene.watch);
    await scene.context.close();
    await scene.server.stop();
  }
}
