// The calendar: looking, booking, moving and resizing by mouse, keys and finger, and what happens when a time is taken.
import assert from 'node:assert/strict';

import { accessible, newContext, phone } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { shows, until } from '../lib/until.mjs';

const card = (page, name) => page.locator('[data-main]').filter({ hasText: name });
export const open = (page, day, view = 'week') => page.goto(`/calendar?view=${view}&date=${day}`);

/** The middle of a quarter of an hour on the grid, on the screen. */
export async function spot(page, day, minute) {
  const column = page.locator(`.column[data-day="${day}"]`);
  const box = await column.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + (minute / 1440) * box.height };
}

async function drag(page, from, to, { hold = async () => undefined } = {}) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const part of [0.3, 0.6, 1]) {
    await page.mouse.move(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
  }
  await hold();
  await page.mouse.up();
}

async function middle(locator) {
  const box = await locator.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits until the server has an appointment at this time. */
export async function isAt(practice, id, day, from, to) {
  const want = `${at(day, from)} ${at(day, to)}`;
  const have = async () => {
    const { starts_at, ends_at } = await practice.appointment(id);
    return `${new Date(starts_at).toISOString()} ${new Date(ends_at).toISOString()}`;
  };
  await until(async () => (await have()) === want, `the appointment to be at ${day} ${from}–${to}`);
}

async function looking(check, { page, watch, week }) {
  await check('the calendar is the screen after sign-in, and shows the week', async () => {
    await page.goto('/');
    await page.waitForURL('**/calendar*');
    await page.locator('.scroller').waitFor();
    await accessible(page, watch, 'empty week');
  });

  await check('single keys change the view and the week', async () => {
    await open(page, week);
    await page.locator('.scroller').waitFor();
    const date = () => new URL(page.url()).searchParams.get('date');
    await page.keyboard.press('j');
    await until(() => date() === addDays(week, 7), 'the next week');
    await page.keyboard.press('PageUp');
    await until(() => date() === week, 'the week before');
    await page.keyboard.press('m');
    await page.locator('table').waitFor();
    await accessible(page, watch, 'month');
    await page.keyboard.press('d');
    await until(async () => (await page.locator('.column').count()) === 1, 'one day');
    await page.keyboard.press('w');
    await until(async () => (await page.locator('.column').count()) === 7, 'seven days');
    await page.keyboard.press('t');
    await page.locator('.day.today').waitFor();
  });
}

async function moving(check, { page, watch, practice, dana, lior, week }) {
  const monday = addDays(week, 1);
  let visit;

  await check('an appointment is dragged to another day and time, and back by Undo', async () => {
    visit = await practice.book({ client_id: dana.id, starts_at: at(monday, '09:00'), ends_at: at(monday, '10:00') });
    await practice.book({
      client_id: lior.id,
      starts_at: at(addDays(week, 3), '12:00'),
      ends_at: at(addDays(week, 3), '13:00'),
    });
    await open(page, week);
    await card(page, 'Dana Mor').waitFor();
    await accessible(page, watch, 'week');
    const from = await middle(card(page, 'Dana Mor'));
    const to = await spot(page, addDays(week, 2), 11 * 60 + 30);
    await drag(page, from, to);
    await isAt(practice, visit.id, addDays(week, 2), '11:00', '12:00');
    await page.locator('.toast .action').last().click();
    await isAt(practice, visit.id, monday, '09:00', '10:00');
  });

  await overlapping(check, { page, watch, practice, visit, week });

  await check('its lower edge changes its length, and Escape puts it back', async () => {
    const box = await card(page, 'Dana Mor').boundingBox();
    const edge = { x: box.x + box.width / 2, y: box.y + box.height - 2 };
    await drag(page, edge, { x: edge.x, y: edge.y + 30 }, { hold: () => page.keyboard.press('Escape') });
    await isAt(practice, visit.id, monday, '09:00', '10:00');
    await drag(page, edge, { x: edge.x, y: edge.y + 30 });
    await isAt(practice, visit.id, monday, '09:00', '10:30');
  });

  await keys(check, { page, practice, visit, week });
  await refused(check, { page, watch, practice, visit, week });
}

async function refused(check, { page, watch, practice, visit, week }) {
  await check('a move that the server cannot save jumps back and says so', async () => {
    await page.route('**/api/v1/appointments/*', (route) => route.abort());
    await drag(page, await middle(card(page, 'Dana Mor')), await spot(page, addDays(week, 4), 16 * 60));
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await page.unroute('**/api/v1/appointments/*');
    const { starts_at } = await practice.appointment(visit.id);
    assert.equal(new Date(starts_at).toISOString(), at(addDays(week, 2), '09:15'));
  });

  await check('somebody else was faster: what they changed is shown, and mine can be applied again', async () => {
    const address = `**/api/v1/appointments/${visit.id}`;
    const meanwhile = async (route) => {
      const { version } = await practice.appointment(visit.id);
      await practice.call('PUT', `/appointments/${visit.id}`, { notes: 'From another desk', version });
      await route.continue();
    };
    await page.route(address, meanwhile, { times: 1 });
    await card(page, 'Dana Mor').focus();
    await page.keyboard.press('Alt+ArrowDown');
    const dialog = page.getByRole('dialog', { name: 'Changed by somebody else' });
    await dialog.getByText('From another desk').waitFor();
    await accessible(page, watch, 'stale appointment');
    await dialog.getByRole('button', { name: 'Apply my change' }).click();
    await isAt(practice, visit.id, addDays(week, 2), '09:30', '10:45');
  });
}

async function overlapping(check, { page, watch, practice, visit, week }) {
  const monday = addDays(week, 1);

  await check('the ghost turns red over a time that is taken, and the server is told why it may be', async () => {
    await card(page, 'Dana Mor').waitFor();
    const from = await middle(card(page, 'Dana Mor'));
    const to = await spot(page, addDays(week, 3), 12 * 60 + 30);
    await drag(page, from, to, {
      hold: async () => {
        await page.locator('.ghost.taken').getByText('Lior Maimon').waitFor();
      },
    });
    const dialog = page.getByRole('dialog', { name: 'This time is taken' });
    await dialog.waitFor();
    await accessible(page, watch, 'time is taken');
    await dialog.getByRole('button', { name: 'Book anyway' }).click();
    await dialog.getByText('Say in a word why both can be.').waitFor();
    await dialog.getByLabel('Reason').fill('They come together');
    await page.keyboard.press('Enter');
    await isAt(practice, visit.id, addDays(week, 3), '12:00', '13:00');
    const now = await practice.appointment(visit.id);
    assert.equal(now.overlap_reason, 'They come together');
  });

  await check('leaving a taken time alone puts it back', async () => {
    const from = await middle(card(page, 'Dana Mor'));
    await drag(page, from, await spot(page, monday, 9 * 60 + 30));
    await isAt(practice, visit.id, monday, '09:00', '10:00');
    await drag(page, await middle(card(page, 'Dana Mor')), await spot(page, addDays(week, 3), 12 * 60 + 30));
    await page.getByRole('button', { name: 'Choose another time', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await isAt(practice, visit.id, monday, '09:00', '10:00');
  });
}

async function keys(check, { page, practice, visit, week }) {
  await check('keys move it by a quarter of an hour and by a day, and the focus goes along', async () => {
    await card(page, 'Dana Mor').focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowRight');
    await isAt(practice, visit.id, addDays(week, 2), '09:15', '10:45');
    const focused = await page.evaluate(() => document.activeElement.dataset.visit);
    assert.equal(focused, visit.id);
    await page.keyboard.press('Alt+Shift+ArrowUp');
    await isAt(practice, visit.id, addDays(week, 2), '09:15', '10:30');
  });

  await check('arrows walk to the next appointment, Enter opens it, Escape returns', async () => {
    await page.keyboard.press('ArrowRight');
    const name = () => page.evaluate(() => document.activeElement.textContent);
    assert.match(await name(), /Lior Maimon/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Lior Maimon' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(async () => /Lior Maimon/.test(await name()), 'the focus to come back');
  });
}

async function others(check, { browser, watch, context, practice, dana, week }) {
  const { cookies } = await context.storageState();
  const origins = [{ origin: watch.origin, localStorage: [{ name: 'pazpaz.lang', value: 'he' }] }];

  await check('in Hebrew a drag goes where the pointer is, and the left arrow is the next day', async () => {
    const day = addDays(week, 14);
    const visit = await practice.book({ client_id: dana.id, starts_at: at(day, '10:00'), ends_at: at(day, '11:00') });
    const mirrored = await newContext(browser, watch, { storageState: { cookies, origins } });
    const page = await mirrored.newPage();
    await open(page, day);
    await card(page, 'Dana Mor').waitFor();
    await drag(page, await middle(card(page, 'Dana Mor')), await spot(page, addDays(day, 6), 10 * 60 + 30));
    await isAt(practice, visit.id, addDays(day, 6), '10:00', '11:00');
    await card(page, 'Dana Mor').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await isAt(practice, visit.id, addDays(day, 5), '10:00', '11:00');
    await mirrored.close();
  });

  await check('on a phone a long press drags, and a swipe turns the day', async () => {
    const day = addDays(week, 21);
    const visit = await practice.book({ client_id: dana.id, starts_at: at(day, '10:00'), ends_at: at(day, '11:00') });
    const small = await newContext(browser, watch, {
      viewport: phone,
      hasTouch: true,
      isMobile: true,
      storageState: { cookies, origins: [] },
    });
    const page = await small.newPage();
    await page.goto(`/calendar?date=${day}`);
    await card(page, 'Dana Mor').waitFor();
    await accessible(page, watch, 'day on a phone');
    const touch = await small.newCDPSession(page);
    const send = (type, point) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [{ x: point.x, y: point.y }] : [] });
    const from = await middle(card(page, 'Dana Mor'));
    const to = { x: from.x, y: from.y + (await page.locator('.column').boundingBox()).height / 24 };
    await send('touchStart', from);
    await page.locator('.ghost').waitFor();
    for (const part of [0.4, 0.8, 1]) await send('touchMove', { x: from.x, y: from.y + (to.y - from.y) * part });
    await send('touchEnd');
    await isAt(practice, visit.id, day, '11:00', '12:00');
    const start = { x: 320, y: 300 };
    await send('touchStart', start);
    for (const by of [40, 90, 160]) await send('touchMove', { x: start.x - by, y: start.y + 2 });
    await send('touchEnd');
    await until(() => new URL(page.url()).searchParams.get('date') === addDays(day, 1), 'the next day');
    await small.close();
  });
}

async function month(check, { page, practice, dana, week }) {
  await check('in a month it is dragged to another day and keeps its time', async () => {
    const day = addDays(week, 8);
    const visit = await practice.book({ client_id: dana.id, starts_at: at(day, '10:00'), ends_at: at(day, '11:00') });
    await open(page, day, 'month');
    const cell = page.locator(`td[data-day="${day}"]`);
    await cell.getByText('Dana Mor').first().waitFor();
    await drag(
      page,
      await middle(cell.locator('[data-visit]')),
      await middle(page.locator(`td[data-day="${addDays(day, 2)}"]`)),
    );
    await isAt(practice, visit.id, addDays(day, 2), '10:00', '11:00');
    await page.locator(`td[data-day="${addDays(day, 2)}"] [data-visit]`).focus();
    await page.keyboard.press('Alt+ArrowLeft');
    await isAt(practice, visit.id, addDays(day, 1), '10:00', '11:00');
  });

  await check('an appointment over midnight is on both days', async () => {
    const day = addDays(week, 28);
    const night = await practice.book({
      client_id: dana.id,
      starts_at: at(day, '23:00'),
      ends_at: at(addDays(day, 1), '01:00'),
    });
    await open(page, day);
    await page.locator(`[data-visit="${night.id}"]`).nth(1).waitFor({ state: 'attached' });
    await shows(() => page.locator(`[data-visit="${night.id}"]`).count(), 2);
  });

  await check('a week of sixty shows sixty, and opens quickly', async () => {
    const first = addDays(week, 35);
    const times = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
    for (let day = 0; day < 6; day++) {
      const booked = times.map((hour) => {
        const starts_at = at(addDays(first, day), `${String(hour).padStart(2, '0')}:00`);
        const ends_at = new Date(Date.parse(starts_at) + 50 * 60_000).toISOString();
        return practice.book({ client_id: dana.id, starts_at, ends_at });
      });
      await Promise.all(booked);
    }
    const start = Date.now();
    await open(page, first);
    await until(async () => (await page.locator('[data-main]').count()) === 60, 'sixty cards');
    const took = Date.now() - start;
    assert.ok(took < 4000, `it took ${took} ms`);
  });
}

export async function calendar(check, world) {
  const page = await world.context.newPage();
  await page.goto('/calendar');
  const week = sunday(2);
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  await page.goto('/calendar');
  await page.locator('.scroller').waitFor();
  const [dana, lior] = [await practice.client('Dana', 'Mor'), await practice.client('Lior', 'Maimon')];
  const here = { ...world, page, practice, dana, lior, week };
  await looking(check, here);
  await moving(check, here);
  await month(check, here);
  await others(check, here);
  await page.close();
}
