// The audit trail of the owner: what happened, in sentences; who opened a record; the files that prove it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { call } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { binary } from '../lib/server.mjs';
import { shows, until } from '../lib/until.mjs';

const run = promisify(execFile);
const verifier = fileURLToPath(new URL('../../../docs/verify-audit.mjs', import.meta.url));
const entries = (page) => page.locator('main li').filter({ has: page.locator('time') });
const client = 'Tamar Trail';

async function trail(check, { page, watch }) {
  await check('the trail tells in sentences what happened, the latest first', async () => {
    await page.goto('/settings/audit');
    await page.getByRole('heading', { name: 'Audit trail', level: 1 }).waitFor();
    await entries(page).filter({ hasText: 'added a client' }).filter({ hasText: client }).waitFor();
    await accessible(page, watch, 'audit trail');
    await page.getByRole('button', { name: 'Load more' }).click();
    await until(async () => (await entries(page).count()) > 50, 'the second page');
  });

  await check('a filter shows what it names, and says when there is nothing', async () => {
    await page.getByLabel('About').selectOption({ label: 'The practice' });
    await until(
      async () =>
        (await entries(page)
          .filter({ hasText: /practice/ })
          .count()) === (await entries(page).count()),
      'the family',
    );
    await page.getByLabel('By').selectOption({ label: 'PazPaz itself' });
    await page.getByText('No entry fits this filter').waitFor();
    await accessible(page, watch, 'audit trail: nothing found');
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await entries(page).first().waitFor();
    await page.getByRole('radio', { name: 'Changes' }).check({ force: true });
    await until(
      async () =>
        (await entries(page)
          .filter({ hasText: /looked|opened/ })
          .count()) === 0,
      'no look',
    );
    await entries(page).first().waitFor();
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await page.getByRole('radio', { name: 'Not done' }).check({ force: true });
    await page
      .getByText('No entry fits this filter')
      .or(entries(page).filter({ hasText: 'could not' }).first())
      .waitFor();
    await page.getByRole('button', { name: 'Clear filter' }).click();
  });

  await check('a trail that cannot be loaded says so, and is asked for again', async () => {
    await page.route('**/api/v1/audit?*', (route) => route.abort());
    await page.reload();
    await page.getByText('The list could not be loaded').waitFor();
    await accessible(page, watch, 'audit trail: error');
    await page.unroute('**/api/v1/audit?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await entries(page).first().waitFor();
  });
}

async function files(check, { page }) {
  await check('the downloaded files are intact for both verifiers', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pazpaz-audit-'));
    const take = async (button, file) => {
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: button }).click();
      await (await coming).saveAs(path.join(folder, file));
      return path.join(folder, file);
    };
    const signed = await take('Download checkpoints', 'checkpoints.jsonl');
    const chain = await take('Download the trail', 'chain.jsonl');
    await page.getByText('How to check it yourself').click();
    const key = await page.locator('.key').textContent();
    const ours = await run(binary, ['audit', 'verify', '--file', chain, '--checkpoints', signed, '--key', key]);
    const theirs = await run('node', [verifier, chain, signed, key]).catch((error) => error);
    assert.match(ours.stdout, /entries, intact, \d+ of them proved/);
    assert.equal(theirs.stdout, ours.stdout);
    const lines = (await readFile(chain, 'utf8')).split('\n');
    await writeFile(chain, [...lines.slice(0, 4), ...lines.slice(5)].join('\n'));
    await assert.rejects(run('node', [verifier, chain, signed, key]), /entry 5: it is missing/);
    await rm(folder, { recursive: true });
  });
}

async function receipt(check, { page, watch, id }) {
  await check('a client page tells who opened the record', async () => {
    await page.goto(`/clients/${id}?tab=access`);
    await entries(page)
      .filter({ hasText: /Noa Levi.*opened a client record/ })
      .first()
      .waitFor();
    await entries(page)
      .filter({ hasText: /Noa Levi.*added a client/ })
      .waitFor();
    await accessible(page, watch, 'access receipt');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as CSV' }).click();
    const text = await readFile(await (await coming).path(), 'utf8');
    assert.match(text, /,Noa Levi,person,.*,client\.create,ok,/);
  });

  await check('on paper there is the receipt alone', async () => {
    await page.emulateMedia({ media: 'print' });
    await shows(() => page.getByRole('navigation').filter({ visible: true }).count(), 0);
    await page.getByRole('heading', { name: `Who opened this record · ${client}` }).waitFor();
    assert.ok(await entries(page).first().isVisible());
    await page.emulateMedia({ media: null });
  });

  await check('the palette leads to the trail', async () => {
    await page.keyboard.press('Control+k');
    await page.locator('dialog[open] input').fill('audit');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit trail', level: 1 }).waitFor();
  });
}

export async function audit(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  for (let i = 0; i < 60; i++) await call(page, 'GET', '/clients?limit=1');
  const { id } = await call(page, 'POST', '/clients', { first_name: 'Tamar', last_name: 'Trail' });
  await call(page, 'GET', `/clients/${id}`);
  await call(page, 'PUT', `/clients/${id}`, { notes: 'Once more', version: 1 });
  for (const part of [trail, files, receipt]) await part(check, { page, watch, id });
  await page.close();
}
