// Text that was left behind: it is sent by itself when the server answers again, wherever the person is, and never goes with a
// sign-out without a question. A server of its own, because it is killed.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { copiesIn, onDevice } from '../lib/storage.mjs';
import { signIn, withScene } from './sessions-offline.mjs';
import { pill, section } from './sessions.mjs';
import { shows, until } from '../lib/until.mjs';

const canary = 'Zanzibarknee';
const strip = (page) => page.getByText('text that is not saved yet');
const parting = (page) => page.getByRole('alertdialog', { name: 'Not everything is saved yet' });
const copies = async (page) => copiesIn(await onDevice(page)).length;

/** Leaves the note, whose text cannot be sent, for the list of clients. */
async function leave({ page }) {
  await page.getByRole('link', { name: 'Clients', exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
}

/** The link that a server prints works once. */
async function signInAgain({ page, server }) {
  await server.kill();
  await server.start();
  await signIn(page, server);
}

const arrived = (scene, note, text) => until(async () => (await scene.stored(note.id)) === text, 'the text to arrive');

async function sending(check, scene) {
  await check('a note that was left without a server is named on every page, and sent when it is back', async () => {
    const { page } = scene;
    const note = await scene.draft('Before.');
    await scene.server.kill();
    await scene.type(` ${canary} left.`);
    await pill(page, 'offline');
    await scene.sealed('left');
    await leave(scene);
    await strip(page).waitFor();
    await accessible(page, scene.watch, 'unsent text');
    await scene.unreadable('elsewhere');
    await scene.server.start();
    await strip(page).waitFor({ state: 'detached', timeout: 40_000 });
    await arrived(scene, note, `Before. ${canary} left.`);
    await scene.clean();
  });

  await check('what a tab that is gone has kept is sent from another page', async () => {
    const note = await scene.draft('Before.');
    await scene.context.route('**/draft', (route) => route.abort());
    await scene.type(` ${canary} kept.`);
    await pill(scene.page, 'offline');
    await scene.sealed('kept');
    await scene.page.close(); // no question asked: as a phone does it
    await scene.context.unroute('**/draft');
    await scene.open('/clients');
    await arrived(scene, note, `Before. ${canary} kept.`);
    await scene.clean();
    await shows(() => strip(scene.page).count(), 0);
  });
}

async function otherTabs(check, scene) {
  await check('a note that another tab has open is left to that tab', async () => {
    const { page } = scene;
    const note = await scene.draft('Before.');
    await page.route('**/draft', (route) => route.abort());
    await scene.type(` ${canary} there.`);
    await pill(page, 'offline');
    const other = await scene.context.newPage();
    await other.goto('/clients');
    await other.getByRole('heading', { name: 'Clients' }).waitFor();
    await other.reload();
    await other.getByRole('heading', { name: 'Clients' }).waitFor();
    assert.equal(await scene.stored(note.id), 'Before.');
    await page.unroute('**/draft');
    await pill(page, 'saved');
    await shows(() => page.getByRole('dialog').count(), 0);
    await other.close();
    await scene.clean();
  });

  await check('a tab in which nothing is written shows what another one saves', async () => {
    const { page } = scene;
    const note = await scene.draft('First.');
    const other = await scene.context.newPage();
    await other.goto(`/sessions/${note.id}`);
    await section(other, 'Plan').fill('From the other tab.');
    await pill(other, 'saved');
    await until(async () => (await section(page, 'Plan').inputValue()) === 'From the other tab.', 'the other text');
    await scene.type(' And mine.');
    await until(async () => (await scene.stored(note.id)) === 'First. And mine.', 'the save');
    await shows(() => page.getByRole('dialog').count(), 0);
    await other.close();
  });

  await check('what was changed elsewhere meanwhile waits for the person, who is led to it', async () => {
    const { page } = scene;
    const note = await scene.draft('Common.');
    await page.route('**/draft', (route) => route.abort());
    await section(page, 'Subjective').fill(`${canary} mine.`);
    await pill(page, 'offline');
    await leave(scene);
    const changed = { subjective: 'Theirs.', version: note.version };
    await call(page, 'PUT', `/sessions/${note.id}`, changed);
    await page.unroute('**/draft');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.getByRole('link', { name: /text that is not saved yet/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Changed in another place' });
    await dialog.getByText('Theirs.').waitFor();
    await dialog.getByRole('button', { name: 'Keep both' }).click();
    await pill(page, 'saved');
    assert.equal(await scene.stored(note.id), `${canary} mine.\n\nTheirs.`);
    await scene.clean();
  });
}

async function signingOut(check, scene) {
  await check('a sign-out asks before text goes, and does nothing when the person stays', async () => {
    const { page } = scene;
    scene.note = await scene.draft('Before.');
    await page.route('**/draft', (route) => route.abort());
    await scene.type(` ${canary} unsent.`);
    await pill(page, 'offline');
    await leave(scene);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await parting(page)
      .getByRole('link', { name: /Ruth Unsent/ })
      .waitFor();
    await accessible(page, scene.watch, 'sign out with unsent text');
    await parting(page).getByRole('button', { name: 'Save and sign out' }).click();
    await parting(page).getByText('still does not answer').waitFor();
    await parting(page).getByRole('button', { name: 'Stay here' }).click();
    await strip(page).waitFor();
    assert.equal(await copies(page), 1);
  });

  await check('it saves first when that can be, and signs out', async () => {
    const { page } = scene;
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await parting(page).waitFor();
    await page.unroute('**/draft');
    await parting(page).getByRole('button', { name: 'Save and sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await until(async () => (await onDevice(page)).database.length === 0, 'key and copy to go');
    await signInAgain(scene);
    assert.equal(await scene.stored(scene.note.id), `Before. ${canary} unsent.`);
  });

  await check('text that is on its way is waited for without a question', async () => {
    const { page } = scene;
    const note = await scene.draft('Before.');
    await scene.type(` ${canary} quick.`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signInAgain(scene);
    assert.equal(await scene.stored(note.id), `Before. ${canary} quick.`);
  });
}

async function losing(check, scene) {
  await check('an unfinished amendment is named on its note, goes on, and is not signed out of silently', async () => {
    const { page } = scene;
    const note = await scene.draft('Signed text.');
    await call(page, 'POST', `/sessions/${note.id}/finalize`, { version: note.version });
    await page.goto(`/sessions/${note.id}`);
    await page.getByRole('button', { name: 'Amend' }).click();
    await section(page, 'Plan').pressSequentially(`${canary} half`);
    await until(async () => JSON.stringify((await onDevice(page)).database).includes('amend:'), 'the sealed amendment');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('You have an unfinished amendment').waitFor();
    await accessible(page, scene.watch, 'unfinished amendment');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await parting(page).getByText('An amendment that is not finished').waitFor();
    await parting(page).getByRole('button', { name: 'Stay here' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await shows(() => section(page, 'Plan').inputValue(), `${canary} half`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await shows(() => section(page, 'Plan').inputValue(), `${canary} half`);
    await page.getByRole('button', { name: 'Save amendment' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Forgotten.');
    await page.getByRole('dialog').getByRole('button', { name: 'Save amendment' }).click();
    await page.getByText('Amendment saved').waitFor();
    await shows(() => page.getByText('You have an unfinished amendment').count(), 0);
  });

  await check('a sign-out without the text leaves nothing of it on the device', async () => {
    const { page } = scene;
    const note = await scene.draft('Before.');
    await page.route('**/draft', (route) => route.abort());
    await scene.type(` ${canary} dropped.`);
    await pill(page, 'offline');
    await scene.sealed('before the sign-out');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await parting(page).getByRole('button', { name: 'Sign out without it' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await until(async () => (await onDevice(page)).database.length === 0, 'key and copy to go');
    const { tab, caches } = await onDevice(page);
    assert.deepEqual([tab, caches.filter(([path]) => path.startsWith('/api'))], [{}, []]);
    await scene.unreadable('signed out');
    await page.unroute('**/draft');
    await signInAgain(scene);
    assert.equal(await scene.stored(note.id), 'Before.');
  });
}

export async function sessionsUnsent(check, { browser }) {
  await withScene(browser, 'Unsent', async (scene) => {
    await scene.page.evaluate(async () => void (await navigator.serviceWorker.ready)); // has every page of the application
    for (const part of [sending, otherTabs, signingOut, losing]) await part(check, scene);
    await check('all of that without a violation, an error or an accessibility finding', () => {
      // The browser looks for a newer worker now and then, also while the server is dead.
      const { csp, hosts, axe } = scene.watch;
      const console = scene.watch.console.filter((line) => !line.includes('when fetching the script'));
      assert.deepEqual([csp, console, hosts, axe], [[], [], [], []]);
    });
  });
}
