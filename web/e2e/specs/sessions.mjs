// A session note: written, saved by itself, kept through trouble, signed, amended.
import assert from 'node:assert/strict';

import { call, pastVisit } from '../lib/api.mjs';
import { accessible } from '../lib/browser.mjs';
import { shows, until } from '../lib/until.mjs';

export const section = (page, name) => page.getByRole('textbox', { name, exact: true });
export const pill = (page, state) => page.locator(`.pill[data-state="${state}"]`).waitFor();

export async function newClient(page, first, last) {
  return (await call(page, 'POST', '/clients', { first_name: first, last_name: last })).id;
}

async function openNew(page, query) {
  await page.goto(`/sessions/new?${query}`);
  await section(page, 'Subjective').waitFor();
}

const idOf = (page) => new URL(page.url()).pathname.split('/').at(-1);

async function writing(check, { page, watch, client }) {
  await check('opening and leaving a new note changes nothing', async () => {
    const visit = await pastVisit(page, client, { hours: 30, attended: false });
    await openNew(page, `appointment=${visit.id}`);
    await accessible(page, watch, 'new note');
    await page.getByRole('link', { name: 'To the client' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const after = await call(page, 'GET', `/appointments/${visit.id}`);
    assert.deepEqual([after.note, after.status], [null, 'scheduled']);
  });

  await check('a note is saved by itself, in its place, a moment after typing stops', async () => {
    const visit = await pastVisit(page, client, { hours: 26, minutes: 45 });
    await openNew(page, `appointment=${visit.id}`);
    await shows(() => page.getByLabel('Minutes').inputValue(), '45');
    await until(() => section(page, 'Subjective').evaluate((area) => area === document.activeElement), 'the caret');
    await section(page, 'Subjective').pressSequentially('Pain is better. כאב קל בלבד.');
    await pill(page, 'saved');
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    await section(page, 'Plan').pressSequentially('Exercises daily.');
    await section(page, 'Objective').focus(); // leaving the field saves at once
    await until(
      async () => (await call(page, 'GET', `/sessions/${idOf(page)}`)).plan === 'Exercises daily.',
      'the save',
    );
    await accessible(page, watch, 'draft');
    await page.reload();
    await shows(() => section(page, 'Subjective').inputValue(), 'Pain is better. כאב קל בלבד.');
  });

  await check('the visit that has a note opens that note', async () => {
    const note = await call(page, 'GET', `/sessions/${idOf(page)}`);
    await page.goto(`/sessions/new?appointment=${note.appointment_id}`);
    await page.waitForURL(`**/sessions/${note.id}`);
  });

  await check('date and length can be corrected', async () => {
    await page.getByLabel('Minutes').fill('55');
    await page.getByLabel('Minutes').blur();
    const saved = async () => (await call(page, 'GET', `/sessions/${idOf(page)}`)).duration_minutes;
    await until(async () => (await saved()) === 55, 'the length');
  });
}

async function signing(check, { page, watch }) {
  await check('a note is signed by keyboard, and cannot be edited after', async () => {
    await section(page, 'Plan').focus();
    await page.keyboard.press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Sign this note?' });
    await dialog.getByText(/Empty: .?Objective, Assessment/).waitFor();
    await accessible(page, watch, 'sign');
    await page.keyboard.press('Enter');
    await page.getByText('Note signed').waitFor();
    await page.getByText('Exercises daily.').waitFor();
    await shows(() => page.getByRole('textbox').count(), 0);
    await page.getByText(/^by .?Noa Levi/).waitFor();
    await accessible(page, watch, 'signed note');
  });

  await check('an amendment needs a reason, and both versions stay readable', async () => {
    await page.getByRole('button', { name: 'Amend' }).click();
    await section(page, 'Plan').fill('Exercises twice a day.');
    await page.getByRole('button', { name: 'Save amendment' }).click();
    const dialog = page.getByRole('dialog', { name: 'Amend' });
    await dialog.getByRole('button', { name: 'Save amendment' }).click();
    await dialog.getByText('Please fill this in.').waitFor();
    await dialog.getByLabel('Reason').fill('Wrong dose');
    await dialog.getByRole('button', { name: 'Save amendment' }).click();
    await page.getByText('Amendment saved').waitFor();
    await page.getByText('Exercises twice a day.').waitFor();
    await page.getByText(/Signed by .?Noa Levi.* amended /).waitFor();
    await page.getByRole('button', { name: 'Versions' }).click();
    const versions = page.getByRole('dialog', { name: 'Versions' });
    await versions.getByText('Wrong dose').waitFor();
    for (const name of [/Version .?2.?: amended by .?Noa Levi/, /Version .?1.?: signed by .?Noa Levi/]) {
      await versions.getByRole('heading', { name }).waitFor();
    }
    await shows(() => versions.locator('ins').allTextContents(), ['twice a day']);
    await accessible(page, watch, 'versions');
    await page.keyboard.press('Escape');
  });
}

async function helpers(check, { page, watch, client }) {
  await check('the previous note is beside a new one, and a section is copied and marked', async () => {
    await openNew(page, `client=${client}`);
    await page.getByRole('button', { name: /Copy .*Plan.* into this note/ }).click();
    await page.getByText('1 line copied').waitFor();
    await shows(() => section(page, 'Plan').inputValue(), 'Exercises twice a day.');
    await accessible(page, watch, 'copied');
  });

  await check('snippets come by their name, templates by the menu', async () => {
    await call(page, 'POST', '/note-templates', {
      kind: 'snippet',
      name: 'Range',
      shortcut: 'rom',
      text: 'Full range of motion.',
    });
    await call(page, 'POST', '/note-templates', { kind: 'template', name: 'First visit', objective: 'Gait:' });
    const known = page.waitForResponse('**/api/v1/note-templates*');
    await page.reload();
    await (await known).finished();
    await section(page, 'Assessment').pressSequentially('Knee: /rom ok');
    await shows(() => section(page, 'Assessment').inputValue(), 'Knee: Full range of motion.ok');
    await page.getByRole('button', { name: 'Insert' }).click();
    await accessible(page, watch, 'insert menu');
    await page.getByRole('menuitem', { name: 'First visit' }).click();
    await shows(() => section(page, 'Objective').inputValue(), 'Gait:');
    await pill(page, 'saved');
  });

  await check('a deleted draft can be brought back', async () => {
    const path = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete draft' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForURL(`**${path}`);
    await section(page, 'Objective').waitFor();
    await shows(() => section(page, 'Objective').inputValue(), 'Gait:');
  });

  await check('a note entered in error stays readable', async () => {
    const visit = await pastVisit(page, client, { hours: 50 });
    const draft = await call(page, 'POST', '/sessions', { appointment_id: visit.id, subjective: 'Not this one' });
    await call(page, 'POST', `/sessions/${draft.id}/finalize`, { version: draft.version });
    await page.goto(`/sessions/${draft.id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Mark as entered in error' }).click();
    await page.getByLabel('Reason').fill('Another client');
    await page.getByRole('button', { name: 'Mark as wrong' }).click();
    await page.getByText('Another client').waitFor();
    await page.getByText('Not this one').waitFor();
    await accessible(page, watch, 'entered in error');
  });
}

export async function sessions(check, { context, watch }) {
  const page = await context.newPage();
  await page.goto('/clients');
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  const client = await newClient(page, 'Ruth', 'Cohen-Levi');
  for (const part of [writing, signing, helpers]) await part(check, { page, watch, client });
  await page.close();
}
