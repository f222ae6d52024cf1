// Nobody touches the page until the server ends the session: waited for by the clock on the wall, with the shortest time that can be
// set. It is begun early and looked at late, so that the other specs pass the time.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { joinWatch, newPractice, typeMailedCode } from '../lib/people.mjs';
import { shows, until } from '../lib/until.mjs';
import { newClient, pill, section } from './sessions.mjs';

const half = 'Slept badly, and then the';
const patience = { timeout: 6 * 60_000 };
let scene;

async function leaveHalfTyped({ page, context }) {
  const client = await newClient(page, 'Ida', 'Idle');
  const note = await call(page, 'POST', '/sessions', { client_id: client, subjective: '' });
  await page.goto(`/sessions/${note.id}`);
  await section(page, 'Subjective').waitFor();
  await context.route('**/draft', (route) => route.abort()); // the words are on the device alone
  await section(page, 'Subjective').pressSequentially(half);
  await pill(page, 'offline');
  return note.id;
}

export async function idleBegins(check, world) {
  await check('a note is left half typed, and nobody comes back', async () => {
    scene = await newPractice(world.browser, { env: { PAZPAZ_SESSION_IDLE_MINUTES: '5' } });
    scene.note = await leaveHalfTyped(scene);
  });
}

async function ended(check, { page, context, server, owner, watch, note }) {
  await check('after its idle minutes the session is over, and the page shows nothing of the record', async () => {
    await page.getByText('Your session ended').waitFor(patience);
    assert.equal(await page.getByText('Ida').count(), 0);
    assert.equal(await page.getByText(half).count(), 0);
    await accessible(page, watch, 'after the idle time');
    const status = await page.evaluate(async () => (await fetch('/api/v1/auth/me')).status);
    assert.equal(status, 401);
  });

  await check('the half-typed note is there after signing in again, and is saved', async () => {
    await context.unroute('**/draft');
    await typeMailedCode(page, server, owner.email);
    await page.waitForURL(`**/sessions/${note}`);
    await section(page, 'Subjective').waitFor();
    await shows(() => section(page, 'Subjective').inputValue(), half);
    await until(async () => (await call(page, 'GET', `/sessions/${note}`)).subjective === half, 'the save');
  });
}

export async function idle(check, world) {
  if (!scene) await idleBegins(check, world);
  try {
    await ended(check, scene);
  } finally {
    joinWatch(world.watch, scene.watch);
    await scene.context.close();
    await scene.server.stop();
  }
}
