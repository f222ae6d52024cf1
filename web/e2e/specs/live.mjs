// Two desks of one practice: what is done at one shows at the other within two seconds, and keeps nobody signed in.
import assert from 'node:assert/strict';

import { call, pastVisit } from '../lib/api.mjs';
import { newContext } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { shows, until } from '../lib/until.mjs';
import { open } from './calendar.mjs';
import { askForMail } from './signin.mjs';

const soon = { timeout: 2000 };
const gone = { state: 'detached', timeout: 2000 };
const card = (page, name) => page.locator('[data-main]').filter({ hasText: name });
const column = (page, day) => page.locator(`.column[data-day="${day}"]`);

/** A browser of its own, signed in by a code of its own. */
async function desk({ browser, watch, server, owner }) {
  const context = await newContext(browser, watch);
  const page = await context.newPage();
  await page.goto('/sign-in');
  const { code } = await askForMail(page, server, owner);
  await page.getByLabel('Code from the e-mail').fill(code);
  await page.waitForURL('**/calendar*');
  return page;
}

/** Opens a page whose stream of changes is connected: what is done from now on is heard. */
async function listening(page, go) {
  const connected = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/events'));
  await go();
  await connected;
}

/** How long the session lives on, asked without being activity. */
function secondsLeft(page) {
  return page.evaluate(async () => {
    const answer = await fetch('/api/v1/auth/me', { headers: { 'X-Background': 'true' } });
    return (await answer.json()).session.idle_seconds_left;
  });
}

async function calendar(check, { here, there, practice, week, client }) {
  const [monday, thursday] = [addDays(week, 1), addDays(week, 4)];
  let visit;
  const change = async (body) => {
    const { version } = await practice.appointment(visit.id);
    return practice.call('PUT', `/appointments/${visit.id}`, { ...body, version });
  };

  await check('a booking shows at the other desk, and nobody there counts as active', async () => {
    await listening(there, () => open(there, week));
    await there.locator('.scroller').waitFor();
    const before = await secondsLeft(there);
    await until(async () => (await secondsLeft(there)) < before, 'a second of rest');
    const rested = await secondsLeft(there);
    visit = await practice.book({ client_id: client.id, starts_at: at(monday, '09:00'), ends_at: at(monday, '10:00') });
    await card(column(there, monday), 'Gil Live').waitFor(soon);
    assert.ok((await secondsLeft(there)) <= rested, 'hearing of a change made the session live longer');
  });

  await check('what is moved by hand at one desk moves at the other', async () => {
    await open(here, week);
    await card(here, 'Gil Live').focus();
    for (let day = 0; day < 3; day++) await here.keyboard.press('Alt+ArrowRight');
    await until(
      async () => Date.parse((await practice.appointment(visit.id)).starts_at) > Date.parse(at(thursday, '00:00')),
      'the move',
    );
    await card(column(there, thursday), 'Gil Live').waitFor(soon);
    await shows(() => card(there, 'Gil Live').count(), 1);
  });

  await check('a card that is open follows its appointment, also to another week', async () => {
    await card(there, 'Gil Live').click();
    const sheet = there.getByRole('dialog', { name: 'Gil Live' });
    await sheet.getByText('09:00').waitFor();
    await change({ starts_at: at(thursday, '15:00'), ends_at: at(thursday, '16:00') });
    await sheet.getByText('15:00').waitFor(soon);
    const later = addDays(thursday, 7);
    await change({ starts_at: at(later, '11:00'), ends_at: at(later, '12:00') });
    await sheet.getByText('11:00').waitFor(soon);
    await change({ status: 'cancelled', cancel_reason: 'Ill' });
    await sheet.getByText('Cancelled', { exact: true }).first().waitFor(soon);
  });

  await check('a card whose appointment is deleted closes, and says why', async () => {
    await practice.call('DELETE', `/appointments/${visit.id}`);
    await there.getByRole('dialog', { name: 'Gil Live' }).waitFor(gone);
    await there.getByText('somebody deleted it').waitFor(soon);
  });

  await check('a series shows as soon as it is booked', async () => {
    const more = { local_start: `${monday}T12:00`, duration_minutes: 50, rule: 'FREQ=WEEKLY;COUNT=2;BYDAY=MO' };
    await practice.call('POST', '/series', { client_id: client.id, ...more });
    await card(column(there, monday), 'Gil Live').waitFor(soon);
  });
}

async function lists(check, { here, there, practice, client }) {
  await check('the list of clients, a client and what happened with them are up to date', async () => {
    await listening(there, () => there.goto('/clients'));
    await there.getByRole('heading', { name: 'Clients' }).waitFor();
    const added = await practice.client('Aaron', 'Aalive');
    await there.getByRole('link', { name: 'Aaron Aalive' }).waitFor(soon);
    await listening(there, () => there.goto(`/clients/${added.id}`));
    await there.getByRole('heading', { name: 'Aaron Aalive' }).waitFor();
    await there.getByText('Nothing').first().waitFor();
    await practice.call('PUT', `/clients/${added.id}`, { last_name: 'Renamed', version: added.version });
    await there.getByRole('heading', { name: 'Aaron Renamed' }).waitFor(soon);
    await pastVisit(here, added.id, { hours: 40 });
    await there.getByRole('tabpanel').getByText('Attended').first().waitFor(soon);
  });

  await check('work that somebody else has done leaves the list and the count', async () => {
    const visit = await pastVisit(here, client.id, { hours: 50, price: 10000 });
    await listening(there, () => there.goto('/work?list=payment'));
    const row = there.getByRole('tabpanel').getByRole('listitem').filter({ hasText: 'Gil Live' });
    await row.waitFor();
    const badge = there.getByRole('navigation').getByRole('link', { name: /Work/ });
    const before = await badge.textContent();
    const body = { payment_status: 'paid', payment_method: 'cash', version: visit.version };
    await call(here, 'PATCH', `/appointments/${visit.id}/payment`, body);
    await row.waitFor(gone);
    await until(async () => (await badge.textContent()) !== before, 'the count to change');
  });

  await check('services and locations in the settings are up to date', async () => {
    await listening(there, () => there.goto('/settings/services'));
    await there.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
    await practice.service('Live massage', 40, 20000);
    await there.getByText('Live massage').waitFor(soon);
    await listening(there, () => there.goto('/settings/locations'));
    await there.getByRole('heading', { name: 'Locations', level: 1 }).waitFor();
    await practice.location({ name: 'Live room', location_type: 'online' });
    await there.getByText('Live room').waitFor(soon);
  });
}

/** What is signed out from here does not go on showing the record there, whichever page it shows. */
async function signedOutElsewhere(check, { here, there, practice, client }) {
  await check('a desk that is signed out from another shows sign-in by itself, in each of its tabs', async () => {
    const tab = await there.context().newPage();
    await listening(there, () => there.goto(`/clients/${client.id}`));
    await there.getByRole('heading', { name: 'Gil Live' }).waitFor();
    await tab.goto('/settings/practice');
    await tab.getByRole('heading', { level: 1 }).waitFor();
    await practice.call('DELETE', '/auth/sessions');
    const ended = (url) => url.pathname === '/sign-in' && url.searchParams.has('ended');
    await Promise.all([there, tab].map((page) => page.waitForURL(ended, soon)));
    await until(async () => (await there.getByText('Gil Live').count()) === 0, 'the record to be gone');
    await here.goto('/clients');
    await here.getByRole('heading', { name: 'Clients' }).waitFor();
  });
}

export async function live(check, world) {
  const here = await world.context.newPage();
  await here.goto('/clients');
  await here.getByRole('heading', { name: 'Clients' }).waitFor();
  const there = await desk(world);
  const practice = new Practice(here);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  const client = await practice.client('Gil', 'Live');
  const scene = { here, there, practice, client, week: sunday(9) };
  await calendar(check, scene);
  await lists(check, scene);
  await signedOutElsewhere(check, scene);
  await there.context().close();
  await here.close();
}
