// The week of a full practice over a slow connection and on a slow machine: its appointments are there in less than two seconds.
import assert from 'node:assert/strict';

import { newContext } from '../lib/browser.mjs';
import { addDays, at, Practice, sunday } from '../lib/practice.mjs';
import { open } from './calendar.mjs';

const aim = 2000; // ms
const most = 1.5 * aim; // what fails: the machine that measures has other things to do, and its clock is not the page's
const visits = 40;

/** 1.6 Mbit/s, 150 ms there and back, a quarter of the processor, and nothing kept from before. */
async function slow(context, page) {
  const inspector = await context.newCDPSession(page);
  const [latency, rate] = [150, (1.6 * 1024 * 1024) / 8];
  await inspector.send('Network.enable');
  await inspector.send('Network.setCacheDisabled', { cacheDisabled: true });
  const network = { offline: false, latency, downloadThroughput: rate, uploadThroughput: rate / 2 };
  await inspector.send('Network.emulateNetworkConditions', network);
  await inspector.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}

/** Notes in the page itself when all appointments of the week are drawn, counted from the start of the navigation. */
function noteWhenDrawn(page) {
  return page.addInitScript((count) => {
    const look = () => {
      if (document.querySelectorAll('[data-main]').length < count) return requestAnimationFrame(look);
      return requestAnimationFrame(() => (globalThis.drawnAt = performance.now()));
    };
    look();
  }, visits);
}

async function fill(page, week) {
  const practice = new Practice(page);
  await practice.call('PUT', '/workspace', { week_start: 'sunday' });
  const clients = [];
  for (let n = 0; n < 10; n++) clients.push(await practice.client(`Client${n}`, 'Of A Full Week'));
  for (let n = 0; n < visits; n++) {
    const day = addDays(week, n % 5);
    const hour = 9 + Math.floor(n / 5);
    const [from, to] = [at(day, `${String(hour).padStart(2, '0')}:00`), at(day, `${String(hour).padStart(2, '0')}:50`)];
    await practice.book({ client_id: clients[n % 10].id, starts_at: from, ends_at: to });
  }
}

export async function speed(check, { browser, context, watch }) {
  const own = await newContext(browser, watch, { storageState: await context.storageState() });
  const page = await own.newPage();
  await page.goto('/calendar');
  await page.locator('.scroller').waitFor();
  const week = sunday(13);
  await fill(page, week);
  await slow(own, page);
  await noteWhenDrawn(page);

  await check('a full week is soon on the screen, on a slow connection and a slow machine', async () => {
    const took = []; // more than once: other work of the machine that measures is not the page's
    while (took.length < 5 && !took.some((time) => time < aim)) {
      await page.goto('about:blank');
      await open(page, week);
      const drawn = await page.waitForFunction(() => globalThis.drawnAt);
      took.push(Math.round(await drawn.jsonValue()));
    }
    console.log(`      speed: ${visits} appointments after ${took.join(', ')} ms, the aim is ${aim}`);
    assert.ok(Math.min(...took) < most, `it took ${took.join(', ')} ms`);
  });
  await own.close();
}
