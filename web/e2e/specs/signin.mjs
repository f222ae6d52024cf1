// Signing out and in: by the link, by the code, and past a mail scanner.
import assert from 'node:assert/strict';

import { accessible, newContext } from '../lib/browser.mjs';
import { mailsSoFar, nextMail } from '../lib/mail.mjs';

export async function askForMail(page, server, owner) {
  const before = await mailsSoFar(server.mailFolder);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByRole('button', { name: 'Send sign-in link' }).click();
  await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor();
  return nextMail(server.mailFolder, before);
}

async function leaving(check, { page, context, watch }) {
  await check('sign out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const names = (await context.cookies()).map((cookie) => cookie.name);
    assert.deepEqual(
      names.filter((name) => /access_token|csrf_token/.test(name)),
      [],
    );
    await accessible(page, watch, 'sign-in');
  });

  await check('after signing out a page leads to sign-in and remembers where to', async () => {
    await page.goto('/clients?status=all');
    await page.waitForURL((url) => url.searchParams.get('next') === '/clients?status=all');
  });
}

async function asking(check, { server, browser, watch, owner, page }, links) {
  const stranger = await newContext(browser, watch);

  await check('the answer is the same for an unknown address', async () => {
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Send sign-in link' }).click();
    const unknown = await page.getByText('If ').textContent();
    await page.getByRole('button', { name: 'Use another e-mail' }).click();
    links.first = await askForMail(page, server, owner);
    const known = await page.getByText('If ').textContent();
    assert.equal(unknown.replace('nobody@', '@'), known.replace('noa@', '@'));
    await accessible(page, watch, 'code');
  });

  await check('a scanner that opens the link, runs it and presses the button gets nothing', async () => {
    const scanner = await stranger.newPage();
    await stranger.request.head(links.first.link);
    await scanner.goto(links.first.link);
    await accessible(scanner, watch, 'link');
    assert.ok(!scanner.url().includes('token'));
    await scanner.getByRole('button', { name: 'Sign in' }).click();
    await scanner.getByRole('heading', { name: 'Type the code instead' }).waitFor();
    await accessible(scanner, watch, 'link of another browser');
    assert.equal(
      (await stranger.cookies()).find((cookie) => cookie.name.endsWith('access_token')),
      undefined,
    );
  });

  await check('a link without a token, or with a wrong one, is explained', async () => {
    const scanner = await stranger.newPage();
    await scanner.goto('/sign-in/link');
    await scanner.getByRole('heading', { name: 'This link is incomplete' }).waitFor();
    await scanner.goto('/sign-in/link#token=wrong');
    await scanner.getByRole('button', { name: 'Sign in' }).click();
    await scanner.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    await accessible(scanner, watch, 'link invalid');
  });

  await stranger.close();
}

async function entering(check, { server, watch, owner, page, context }, links) {
  await check('the link signs in where it was asked for, and the waiting tab follows', async () => {
    const second = await context.newPage();
    await second.goto(links.first.link);
    await second.getByRole('button', { name: 'Sign in' }).click();
    await second.waitForURL('**/calendar*');
    await page.waitForURL('**/clients?status=all');
    await second.close();
  });

  await check('the link works once', async () => {
    const again = await context.newPage();
    await again.goto(links.first.link);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    await again.close();
  });

  await check('signing out reaches the other tabs', async () => {
    const second = await context.newPage();
    await second.goto('/settings');
    await second.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    await second.waitForURL('**/sign-in');
    await page.waitForURL('**/sign-in');
    await second.close();
  });

  await check('the code signs in, typed in any way; a wrong one does not', async () => {
    const { code } = await askForMail(page, server, owner);
    await page.getByLabel('Code from the e-mail').fill('22222222');
    await page.getByText('This code is not right').waitFor();
    await accessible(page, watch, 'code refused');
    await page.getByLabel('Code from the e-mail').fill(code.toLowerCase().replace(' ', '-'));
    await page.waitForURL('**/calendar*');
  });
}

export async function signIn(check, world) {
  const links = {};
  await leaving(check, world);
  await asking(check, world, links);
  await entering(check, world, links);
}
