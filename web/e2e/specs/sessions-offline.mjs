// A word that was typed is never lost and never readable on the device: the network goes, the server dies, the tab closes, the
// session ends, another person signs in. A server of its own, because it is killed.
import assert from 'node:assert/strict';

import { call } from '../lib/api.mjs';
import { accessible, newContext, Watch } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { copiesIn, onDevice, placesOf } from '../lib/storage.mjs';
import { shows, until } from '../lib/until.mjs';
import { newClient, pill, section } from './sessions.mjs';

const canary = 'Zanzibarknee';
const subjective = (page) => section(page, 'Subjective');
const textOf = (page) => subjective(page).inputValue();

export async function signIn(page, server) {
  await page.goto(await server.printed(/Sign in \(works once\): (\S+)/));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
}

export class Scene {
  constructor(world) {
    Object.assign(this, world);
  }

  async open(path) {
    this.page = await this.context.newPage();
    if (path) await this.page.goto(path);
    return this.page;
  }

  /** A saved draft, opened. */
  async draft(text) {
    const note = await call(this.page, 'POST', '/sessions', { client_id: this.client, subjective: text });
    await this.page.goto(`/sessions/${note.id}`);
    await subjective(this.page).waitFor();
    return note;
  }

  async stored(id) {
    return (await call(this.page, 'GET', `/sessions/${id}`)).subjective;
  }

  async type(text) {
    await subjective(this.page).press('Control+End');
    await subjective(this.page).pressSequentially(text);
  }

  /** Waits until the device has a sealed copy, and looks for the word everywhere. */
  async sealed(where) {
    await until(async () => copiesIn(await onDevice(this.page)).length > 0, `the sealed copy (${where})`);
    await this.unreadable(where);
  }

  async unreadable(where) {
    assert.deepEqual(placesOf(canary, await onDevice(this.page)), [], where);
  }

  async clean() {
    await until(async () => copiesIn(await onDevice(this.page)).length === 0, 'the copy to go');
    await this.unreadable('after the save');
  }

  /** A tab that crashes has no time to send or ask anything. */
  async crash() {
    const { page } = this;
    const crashed = page.waitForEvent('crash');
    const inspector = await this.context.newCDPSession(page);
    void inspector.send('Page.crash').catch(() => undefined);
    await crashed;
    await page.close();
  }
}

async function network(check, scene) {
  await check('the network goes in mid-sentence and comes back: nothing is lost', async () => {
    const note = await scene.draft('Before.');
    await scene.type(` ${canary} one,`);
    await scene.context.setOffline(true);
    await scene.type(' and two.');
    await pill(scene.page, 'offline');
    await scene.page.getByText('The server does not answer').waitFor();
    await accessible(scene.page, scene.watch, 'note offline');
    await scene.sealed('offline');
    await scene.context.setOffline(false);
    await pill(scene.page, 'saved');
    assert.equal(await scene.stored(note.id), `Before. ${canary} one, and two.`);
    await scene.clean();
  });

  await check('a reload without a network brings the text back, to write on', async () => {
    const { page, context } = scene;
    const note = await scene.draft('Start.');
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await context.setOffline(true);
    await scene.type(` ${canary} offline`);
    await pill(page, 'offline');
    await scene.sealed('before the reload');
    await scene.crash();
    await scene.open();
    await scene.page.goto(`/sessions/${note.id}`).catch(() => undefined);
    await scene.page.getByRole('heading', { name: 'PazPaz cannot be reached' }).waitFor();
    await accessible(scene.page, scene.watch, 'a new tab offline');
    await scene.unreadable('a new tab offline');
    await context.setOffline(false);
    await scene.page.reload();
    await pill(scene.page, 'saved');
    assert.equal(await scene.stored(note.id), `Start. ${canary} offline`);
    await scene.clean();
  });

  await check('the same tab goes on without a network after a reload', async () => {
    const { page, context } = scene;
    const note = await scene.draft('Start.');
    await context.setOffline(true);
    await scene.type(` ${canary} offline`);
    await pill(page, 'offline');
    await scene.sealed('before the reload');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('was brought back').waitFor();
    await shows(() => textOf(page), `Start. ${canary} offline`);
    await accessible(page, scene.watch, 'note after a reload offline');
    await scene.type(' and on');
    await scene.sealed('after the reload');
    await context.setOffline(false);
    await pill(page, 'saved');
    assert.equal(await scene.stored(note.id), `Start. ${canary} offline and on`);
    await scene.clean();
  });
}

async function death(check, scene) {
  await check('the server is killed in mid-sentence and comes back on the same folder', async () => {
    const note = await scene.draft('Before.');
    await scene.type(` ${canary} one,`);
    await scene.server.kill();
    await scene.type(' and two.');
    await pill(scene.page, 'offline');
    await scene.sealed('server dead');
    await scene.server.start();
    await pill(scene.page, 'saved');
    assert.equal(await scene.stored(note.id), `Before. ${canary} one, and two.`);
    await scene.clean();
  });

  await check('a new note whose beginning was not answered is begun once', async () => {
    await scene.page.goto(`/sessions/new?client=${scene.client}`);
    const before = (await call(scene.page, 'GET', `/sessions?client_id=${scene.client}&limit=100`)).length;
    let lost = 0;
    await scene.page.route('**/api/v1/sessions', async (route) => {
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    await scene.type(`${canary} new`);
    await until(() => lost > 0, 'the lost answer');
    await scene.sealed('a lost answer');
    await scene.crash();
    await scene.open(`/sessions/new?client=${scene.client}`);
    await pill(scene.page, 'saved');
    await shows(() => textOf(scene.page), `${canary} new`);
    assert.equal((await call(scene.page, 'GET', `/sessions?client_id=${scene.client}&limit=100`)).length, before + 1);
    await scene.clean();
  });

  await check('a tab that is closed before the save loses nothing', async () => {
    const note = await scene.draft('Before.');
    await scene.context.setOffline(true);
    await scene.type(` ${canary} after.`);
    await scene.sealed('before closing');
    await scene.page.close(); // no question asked: as a phone does it
    await scene.context.setOffline(false);
    await scene.open(`/sessions/${note.id}`);
    await until(async () => (await scene.stored(note.id)) === `Before. ${canary} after.`, 'the save');
    await scene.clean();
  });
}

/** The session ends on the server, as it does when it was not used; the page is told at its next request. */
async function endSession(page) {
  await page.context().clearCookies({ name: 'access_token' });
}

async function ending(check, scene) {
  await check('a session that ran out leaves only a sealed copy, which opens for nobody else', async () => {
    const { page } = scene;
    scene.note = await scene.draft('Before.');
    await page.route('**/draft', (route) => route.abort());
    await scene.type(` ${canary} unsaved.`);
    await pill(page, 'offline');
    await scene.sealed('before the end');
    await endSession(page);
    await page.unroute('**/draft');
    await page.getByText('Your session ended').waitFor({ timeout: 30_000 });
    assert.equal(await page.getByText(canary).count(), 0);
    const found = await onDevice(page);
    assert.equal(copiesIn(found).length, 1);
    assert.deepEqual(found.tab, {}, 'the half of the key is gone from the tab');
    await scene.unreadable('session over');
  });

  await check('another person at the same address sees nothing of it', async () => {
    await scene.server.kill();
    const other = await startServer({ demo: true, port: new URL(scene.server.url).port });
    try {
      await signIn(scene.page, other);
      await scene.page.goto(`/sessions/${scene.note.id}`);
      await scene.page.getByRole('heading', { name: 'Note not found' }).waitFor();
      await accessible(scene.page, scene.watch, 'another person');
      assert.equal(await scene.page.getByText(canary).count(), 0);
      await scene.unreadable('another person');
    } finally {
      await other.stop();
    }
    await scene.server.start();
  });

  await check('the same person gets it back after signing in again', async () => {
    await scene.page.goto('/clients');
    await signIn(scene.page, scene.server);
    await scene.page.goto(`/sessions/${scene.note.id}`);
    await until(async () => (await scene.stored(scene.note.id)) === `Before. ${canary} unsaved.`, 'the save');
    await shows(() => textOf(scene.page), `Before. ${canary} unsaved.`);
    await scene.clean();
  });
}

/** Runs something with a server of its own, on which a therapist with a client is signed in. */
export async function withScene(browser, lastName, run) {
  const server = await startServer({ demo: true });
  const watch = new Watch(server.url);
  const context = await newContext(browser, watch, { serviceWorkers: 'allow' });
  const scene = new Scene({ server, watch, context });
  try {
    await signIn(await scene.open(), server);
    scene.client = await newClient(scene.page, 'Ruth', lastName);
    await run(scene);
  } finally {
    await context.close();
    await server.stop();
  }
}

export async function sessionsOffline(check, { browser }) {
  await withScene(browser, 'Offline', async (scene) => {
    for (const part of [network, death, ending]) await part(check, scene);
    await check('all of that without a violation, an error or an accessibility finding', () => {
      const { csp, console, hosts, axe } = scene.watch;
      assert.deepEqual([csp, console, hosts, axe], [[], [], [], []]);
    });
  });
}
