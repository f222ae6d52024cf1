// A practice of its own on a server that is reached by a name, which passkeys need; and what its people hold in their hands.
import { createHmac } from 'node:crypto';

import { accessible, newContext, phone, Watch } from './browser.mjs';
import { mailsSoFar, nextMail, nextText } from './mail.mjs';
import { startServer } from './server.mjs';
import { until } from './until.mjs';

/** A fresh server with a practice, and its owner signed in; `env`: settings of its own. */
export async function newPractice(browser, { env } = {}) {
  const server = await startServer({ named: true, env });
  const watch = new Watch(server.url);
  const owner = { email: 'noa@example.com', name: 'Noa Levi' };
  const context = await newContext(browser, watch);
  const page = await context.newPage();
  const link = await server.printed(/(http\S+\/setup#token=\S+)/);
  await page.goto(link);
  await page.getByLabel('Practice name').fill('Quiet Room');
  await page.getByLabel('Your full name').fill(owner.name);
  await page.getByLabel('Your e-mail').fill(owner.email);
  await page.getByRole('button', { name: 'Create practice' }).click();
  await page.waitForURL('**/clients');
  return { server, watch, owner, context, page, browser };
}

/** Adds up what one watch saw to another. */
export function joinWatch(all, one) {
  for (const name of ['csp', 'console', 'hosts', 'axe']) all[name].push(...one[name]);
  all.screens += one.screens;
}

function bytesOf(secret) {
  const bits = [...secret.replace(/\s/g, '')].map((char) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'),
  );
  return Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)
      .map((byte) => parseInt(byte, 2)),
  );
}

/** What an authenticator app shows; `ahead`: some half minutes later or earlier, since a code works once. */
export function codeOf(secret, ahead = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/**
 * Gives a page an authenticator that says yes at once, with the passkeys of another one. Unless it `offers` them, the browser
 * waits to be asked: it would sign in before anybody could press a button.
 */
export async function giveAuthenticator(page, { passkeys = [], offers = false } = {}) {
  if (!offers) {
    const wait = () => {
      globalThis.PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    };
    await page.addInitScript(wait);
    await page.evaluate(wait); // also for what is open now
  }
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  for (const credential of passkeys) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  return { passkeys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials };
}

export async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** Asks for a mail and types its code, as far as the first step goes. */
export async function typeMailedCode(page, server, email) {
  const before = await mailsSoFar(server.mailFolder);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByRole('button', { name: 'Send sign-in link' }).click();
  const { code } = await nextMail(server.mailFolder, before);
  await page.getByLabel('Code from the e-mail').fill(code);
}

/** Answers the next request of this path as the server does when the last proof is too old. */
export async function staleOnce(page, path, methods) {
  const json = { code: 'step_up_required', methods };
  const answer = (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', json });
  await page.route(path, answer, { times: 1 });
}

/** The code of the next mail that asks to confirm who one is. */
export async function nextProof(server, before) {
  const text = await nextText(server.mailFolder, before, /^\s+[2-9A-Z]{4} [2-9A-Z]{4}\s*$/m);
  return /^\s+([2-9A-Z]{4} [2-9A-Z]{4})\s*$/m.exec(text)[1];
}

/** The link of the next invitation that is mailed. */
export async function nextInvitation(server, before) {
  const text = await nextText(server.mailFolder, before, /\/invitation#token=/);
  return /https?:\/\/\S+\/invitation#token=[\w-]+/.exec(text)[0];
}

/** Sets up the authenticator app of whoever sees the picture now; answers its secret and the recovery codes. */
export async function enrolTotp(page) {
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  await page.getByText('No camera at hand?').click();
  const secret = await page.locator('details code').textContent();
  // The code before the current one counts too: the current one is left for the sign-in that follows.
  await until(() => Date.now() % 30_000 < 25_000, 'a moment that is not between two codes');
  await page.getByLabel('Code that the app shows now').fill(codeOf(secret, -1));
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  const codes = await page.locator('ol code').allTextContents();
  return { secret, codes };
}

export async function keepCodes(page) {
  await page.getByLabel('I have kept them').check();
  await page.getByRole('button', { name: 'Done' }).click();
}

const ways = [
  { lang: 'he', theme: 'light', viewport: undefined },
  { lang: 'en', theme: 'dark', viewport: undefined },
  { lang: 'he', theme: 'dark', viewport: phone },
];

/** Pages of whoever these cookies sign in, in both languages and themes and on a phone; each is looked at. */
export async function everyWay(browser, watch, cookies, paths, look = async () => undefined) {
  for (const { lang, theme, viewport } of ways) {
    const items = { 'pazpaz.lang': lang, 'pazpaz.theme': theme };
    const localStorage = Object.entries(items).map(([name, value]) => ({ name, value }));
    const storageState = { cookies, origins: [{ origin: watch.origin, localStorage }] };
    const context = await newContext(browser, watch, { storageState, ...(viewport && { viewport }) });
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(path);
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      const name = `${path} ${lang} ${theme} ${viewport ? 'phone' : 'desk'}`;
      await accessible(page, watch, name);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) watch.axe.push(`${name} is ${wider} px wider than the screen`);
      await look(page, name);
    }
    await context.close();
  }
}
