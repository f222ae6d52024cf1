// Whoever runs the server: made on the console, bound to a second step, and away from every record.
import { accessible, newContext } from '../lib/browser.mjs';
import { mailsSoFar } from '../lib/mail.mjs';
import {
  enrolTotp,
  everyWay,
  joinWatch,
  keepCodes,
  newPractice,
  nextInvitation,
  typeMailedCode,
} from '../lib/people.mjs';
import { shows } from '../lib/until.mjs';

const practice = 'Green Meadow';

async function arriving(check, scene) {
  const { page, server, watch, owner } = scene;
  await check('an operator is made on the server, and must have a second step', async () => {
    await server.command('user', 'add-admin', owner.email);
    await page.goto('/clients');
    await page.waitForURL((url) => /sign-in|second-factor/.test(url.pathname));
    if (page.url().includes('sign-in')) await typeMailedCode(page, server, owner.email);
    await page.getByRole('heading', { name: 'Add a second step to your sign-in' }).waitFor();
    await page.getByRole('button', { name: 'Use an authenticator app' }).click();
    scene.secret = (await enrolTotp(page)).secret;
    await keepCodes(page);
    await page.waitForURL('**/clients');
  });

  await check('the way to the operator screens is in the settings', async () => {
    await page.goto('/operator');
    await page.waitForURL('**/settings/security');
    await page.getByRole('button', { name: 'Open the operator screens' }).click();
    await page.waitForURL('**/operator');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Active practices').waitFor();
    await page.goto('/clients');
    await page.waitForURL('**/operator');
    await accessible(page, watch, 'operator');
  });
}

async function inviting(check, scene) {
  const { page, server, watch, browser } = scene;
  await check('a practice is invited', async () => {
    await page.getByRole('link', { name: 'Invitations' }).click();
    await page.getByText('Nobody is invited just now').waitFor();
    await page.getByRole('button', { name: 'Invite a practice' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await dialog.getByText('Please fill this in.').first().waitFor();
    await accessible(page, watch, 'invite a practice');
    await dialog.getByLabel('Practice name').fill(practice);
    await dialog.getByLabel('Name of the owner').fill('Dana Bar');
    await dialog.getByLabel('E-mail').fill('dana@example.com');
    const before = await mailsSoFar(server.mailFolder);
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByRole('listitem').filter({ hasText: practice }).waitFor();
    scene.link = await nextInvitation(server, before);
  });

  await check('its owner accepts, and is at home in an empty practice', async () => {
    scene.hers = await newContext(browser, watch);
    scene.dana = await scene.hers.newPage();
    await scene.dana.goto(scene.link);
    await scene.dana.getByRole('heading', { name: /Join .*Green Meadow/ }).waitFor();
    await scene.dana.getByRole('button', { name: 'Accept and sign in' }).click();
    await scene.dana.waitForURL('**/calendar*');
  });
}

async function managing(check, scene) {
  const { page, watch, dana } = scene;
  await check('practices are searched', async () => {
    await page.getByRole('link', { name: 'Practices' }).click();
    await page.getByRole('link', { name: 'Quiet Room' }).waitFor();
    await page.getByRole('searchbox').fill('dana@');
    await page.getByRole('link', { name: 'Quiet Room' }).waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByRole('heading', { name: 'No practice fits' }).waitFor();
    await accessible(page, watch, 'no practice fits');
    await page.getByRole('searchbox').fill('green');
    await page.getByRole('link', { name: practice }).click();
    await page.getByRole('heading', { name: practice, level: 1 }).waitFor();
    scene.address = new URL(page.url()).pathname;
  });

  await check('one is suspended with a reason, and opened again', async () => {
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Please fill this in.').waitFor();
    await page.getByLabel('Reason').fill('Unpaid since May');
    await accessible(page, watch, 'suspend');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('This practice is suspended').waitFor();
    await page.getByText('Unpaid since May').waitFor();
    await dana.goto('/clients');
    await dana.waitForURL('**/sign-in?*');
    await page.getByRole('button', { name: 'Reactivate' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reactivate' }).click();
    await page.getByText('This practice is suspended').waitFor({ state: 'detached' });
  });

  await check('the room for files is changed', async () => {
    await page.getByRole('button', { name: 'Change room for files' }).click();
    await page.getByLabel('Gigabytes').fill('much');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('A number from 0 to 10,240.').waitFor();
    await page.getByLabel('Gigabytes').fill('2.5');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('2.5 GB').waitFor();
  });
}

async function deleting(check, { page, watch }) {
  await check('deleting wants the name, letter for letter', async () => {
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Type the name/).fill('green meadow');
    await dialog.getByLabel('Reason').fill('Asked for it');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('This is not the name of the practice.').waitFor();
    await accessible(page, watch, 'delete');
    await dialog.getByLabel(/Type the name/).fill(practice);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('This practice is deleted').waitFor();
    await page.getByText(/Its data key is destroyed on/).waitFor();
  });

  await check('the own practice is left to another operator', async () => {
    await page.goto('/operator/practices');
    await page.getByRole('link', { name: 'Quiet Room' }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByLabel('Reason').fill('A test');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('You are a member of this practice yourself').waitFor();
    await page.keyboard.press('Escape');
  });
}

async function watching(check, { page, watch }) {
  await check('an address is blocked and allowed again', async () => {
    await page.getByRole('link', { name: 'Blacklist' }).click();
    await page.getByText('Nobody is blocked').waitFor();
    await accessible(page, watch, 'empty blacklist');
    await page.getByRole('button', { name: 'Block an address' }).click();
    await page.getByLabel('E-mail address or domain').fill('spam.example');
    await page.getByLabel('Reason').fill('Only robots');
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'spam.example' });
    await row.getByText('Domain').waitFor();
    await row.getByRole('button', { name: 'Allow again' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Allow again' }).click();
    await row.waitFor({ state: 'detached' });
  });

  await check('what operators did is listed, and the way back is open', async () => {
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('Deleted a practice').first().waitFor();
    await page.getByText('Suspended a practice').first().waitFor();
    await shows(() => page.getByText('Emma').count(), 0);
    await shows(() => page.getByText('Looked at practices').count(), 0); // looks are left out at first
  });

  await check('the activity is narrowed to a subject, and shows looks when they are wanted', async () => {
    await page.getByLabel('About').selectOption({ label: 'Blacklist' });
    await page.getByText('Allowed an address again').waitFor();
    await page.getByText('Suspended a practice').first().waitFor({ state: 'detached' });
    await shows(() => page.getByText('Looked at the blacklist').count(), 0);
    await page.getByRole('radio', { name: 'Looks as well' }).check({ force: true });
    await page.getByText('Looked at the blacklist').first().waitFor();
    await accessible(page, watch, 'filtered activity');
    await page.getByLabel('About').selectOption({ label: 'Invitations' });
    await page.getByText('Invited a practice').first().waitFor();
    await page.getByText('Looked at the blacklist').first().waitFor({ state: 'detached' });
    await page.getByLabel('About').selectOption({ label: 'The server' });
    await page.getByRole('radio', { name: 'Changes' }).check({ force: true });
    await page.getByText('Nothing fits').waitFor();
    await accessible(page, watch, 'activity that fits nothing');
  });
}

export async function operator(check, world) {
  const scene = await newPractice(world.browser);
  try {
    for (const part of [arriving, inviting, managing, deleting, watching]) await part(check, scene);
    await check('operator screens in both languages, both themes and on a phone', async () => {
      const { cookies } = await scene.context.storageState();
      const pages = ['', '/practices', '/invitations', '/blacklist', '/activity', '/security'];
      const paths = [...pages.map((name) => `/operator${name}`), scene.address];
      await everyWay(world.browser, scene.watch, cookies, paths, world.look);
    });
    await check('back to the own practice', async () => {
      await scene.page.getByRole('button', { name: 'To my practice' }).click();
      await scene.page.waitForURL('**/calendar*');
    });
  } finally {
    joinWatch(world.watch, scene.watch);
    await scene.hers?.close();
    await scene.context.close();
    await scene.server.stop();
  }
}
