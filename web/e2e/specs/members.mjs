// Who works in a practice: invite, accept in another browser, a second factor that is demanded, roles, deactivate.
import assert from 'node:assert/strict';

import { accessible, newContext } from '../lib/browser.mjs';
import { mailsSoFar } from '../lib/mail.mjs';
import { call } from '../lib/api.mjs';
import {
  enrolTotp,
  everyWay,
  giveAuthenticator,
  joinWatch,
  keepCodes,
  newPractice,
  nextInvitation,
  nextProof,
  staleOnce,
} from '../lib/people.mjs';

const maya = { name: 'Maya Cohen', email: 'maya@example.com' };

async function openMembers(page) {
  await page.goto('/settings/members');
  await page.getByRole('heading', { name: 'Who works here' }).waitFor();
}

async function invite(page, { name, email }, role) {
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('E-mail', { exact: false }).first().fill(email);
  await dialog.getByRole('radio', { name: role }).check();
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
}

async function inviting(check, scene) {
  const { page, server, watch } = scene;
  await check('a colleague is invited; a mistake is named at its field', async () => {
    await openMembers(page);
    await page.getByText('You work alone so far').waitFor();
    await invite(page, { name: '', email: 'maya' }, 'Practitioner');
    await page.getByText('This is not a complete e-mail address.').waitFor();
    await accessible(page, watch, 'invite');
    await page.keyboard.press('Escape');
  });

  await check('whoever has no second step proves it by a mailed code, and what was typed goes on', async () => {
    const before = await mailsSoFar(server.mailFolder);
    await staleOnce(page, '**/api/v1/invitations', ['mail']);
    await invite(page, maya, 'Practitioner');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    const code = await nextProof(server, before);
    await accessible(page, watch, 'mailed proof');
    await page.getByRole('textbox', { name: 'Code from the e-mail' }).fill(code);
    await page.getByText(/An invitation is on its way/).waitFor();
    scene.link = await nextInvitation(server, before);
    await page.getByRole('listitem').filter({ hasText: maya.email }).waitFor();
  });

  await check('who is invited already is said so', async () => {
    await invite(page, { ...maya, email: 'MAYA@example.com' }, 'Assistant');
    await page.getByText('This address is invited already').waitFor();
    await page.keyboard.press('Escape');
  });

  await check('another invitation is sent and taken back, and its link is dead', async () => {
    const before = await mailsSoFar(server.mailFolder);
    await invite(page, { name: 'Gil', email: 'gil@example.com' }, 'Assistant');
    scene.dead = await nextInvitation(server, before);
    const row = page.getByRole('listitem').filter({ hasText: 'gil@example.com' });
    await row.getByRole('button', { name: 'Take back' }).click();
    await accessible(page, watch, 'take back');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take back' }).click();
    await row.waitFor({ state: 'detached' });
  });
}

// What the server says is tested there; the pages are the same in whichever way an invitation came to its end.
const ends = [
  ['en', 'invitation_expired', 'This invitation is too old'],
  ['he', 'invitation_expired', 'ההזמנה ישנה מדי'],
  ['he', 'invitation_invalid', 'ההזמנה הזו אינה פועלת'],
  ['he', 'invitation_used', 'ההזמנה כבר אושרה'],
  ['he', 'member_elsewhere', 'יש לך כבר קליניקה אחרת'],
];

async function seeEnd(browser, { link, watch }, lang, code, title) {
  const context = await newContext(browser, watch, { locale: lang === 'he' ? 'he-IL' : 'en-GB' });
  const page = await context.newPage();
  const answer = { status: 410, contentType: 'application/problem+json', json: { code } };
  await page.route('**/api/v1/auth/invitation', (route) => route.fulfill(answer));
  await page.goto(link);
  await page.getByRole('heading', { name: title }).waitFor();
  await accessible(page, watch, `${code} ${lang}`);
  await context.close();
}

async function landing(check, scene) {
  const { browser, watch } = scene;
  scene.hers = await newContext(browser, watch);
  const colleague = (scene.colleague = await scene.hers.newPage());

  await check('a link that was taken back says so', async () => {
    await colleague.goto(scene.dead);
    await colleague.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
    await accessible(colleague, watch, 'dead invitation');
  });

  await check('without its secret a link tells nobody who invites', async () => {
    const answer = colleague.waitForResponse('**/api/v1/auth/invitation');
    await colleague.goto('about:blank');
    await colleague.goto(scene.link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    assert.doesNotMatch(await (await answer).text(), /Noa|Quiet Room/);
    await colleague.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
  });

  await check('the good link, put into the tab that shows the bad one, opens it', async () => {
    await colleague.goto(scene.link);
    await colleague.getByRole('heading', { name: /Join .*Quiet Room/ }).waitFor();
  });

  await check('each end of an invitation has a calm page of its own, in both languages', async () => {
    for (const [lang, code, title] of ends) await seeEnd(browser, scene, lang, code, title);
  });
}

async function accepting(check, scene) {
  const { page, browser, colleague, watch } = scene;

  await check('the practice demands a second step from everybody', async () => {
    await page.goto('/settings/security');
    await page.getByRole('button', { name: 'Require it' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Require it' }).click();
    await page.getByText('Set up a second step for yourself first').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Set up' }).click();
    await enrolTotp(page);
    await keepCodes(page);
    await page.getByRole('button', { name: 'Require it' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Require it' }).click();
    await page.getByText('Members without one can do nothing else').waitFor();
  });

  await check('the invited colleague accepts in her own browser, with her own name', async () => {
    await colleague.goto('about:blank');
    await colleague.goto(scene.link);
    await colleague.getByRole('heading', { name: /Join .*Quiet Room/ }).waitFor();
    await colleague.getByText(/Noa Levi.* invites you to join/).waitFor();
    assert.ok(!colleague.url().includes('token'));
    await accessible(colleague, watch, 'invitation');
    await colleague.getByLabel('Your full name').fill('Maya Cohen-Levi');
    await colleague.getByRole('button', { name: 'Accept and sign in' }).click();
    await colleague.getByRole('heading', { name: 'Add a second step to your sign-in' }).waitFor();
    await accessible(colleague, watch, 'demanded second step');
  });

  await check('the demand in both languages, both themes and on a phone', async () => {
    const { cookies } = await scene.hers.storageState();
    await everyWay(browser, watch, cookies, ['/second-factor']);
  });

  await check('nothing else is open to her before she turns on a passkey', async () => {
    await colleague.goto('/clients');
    await colleague.waitForURL('**/second-factor?next=%2Fclients');
    await giveAuthenticator(colleague);
    await colleague.getByRole('button', { name: 'Use a passkey' }).click();
    await colleague.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
    await colleague.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    await accessible(colleague, watch, 'first recovery codes');
    await keepCodes(colleague);
    await colleague.waitForURL('**/clients');
    await colleague.getByText('Maya Cohen-Levi').first().waitFor();
  });

  await check('a used link sends to sign-in', async () => {
    const again = await scene.hers.newPage();
    await again.goto(scene.link);
    await again.getByRole('heading', { name: 'You have accepted already' }).waitFor();
    await accessible(again, watch, 'used invitation');
    await again.close();
  });
}

async function managing(check, scene) {
  const { page, colleague, watch } = scene;
  const row = page.getByRole('listitem').filter({ hasText: maya.email });

  await check('the list shows her with her state; the last owner stays one', async () => {
    await openMembers(page);
    await row.getByText('Second step on').waitFor();
    await page.getByRole('button', { name: /Deactivate .*Noa Levi/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('You are the only owner who can sign in').waitFor();
    await accessible(page, watch, 'last owner');
    await page.keyboard.press('Escape');
  });

  await check('another role signs her out', async () => {
    await page.getByRole('button', { name: /Change the role of .*Maya/ }).click();
    await page.getByRole('dialog').getByRole('radio', { name: 'Assistant' }).check();
    await accessible(page, watch, 'role');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await row.getByText('Assistant').waitFor();
    await colleague.waitForURL('**/sign-in?*'); // by itself: nobody touches her page
  });

  await check('she is deactivated and comes back', async () => {
    await page.getByRole('button', { name: /Deactivate .*Maya/ }).click();
    await page.getByText('signed out at once').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
    await row.getByText('Deactivated').waitFor();
    await page.getByRole('button', { name: /Reactivate .*Maya/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reactivate' }).click();
    await row.getByRole('button', { name: /Deactivate/ }).waitFor();
  });

  await check('her passkey signs her in without a mail', async () => {
    await colleague.goto('/sign-in');
    await colleague.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await colleague.waitForURL('**/calendar*');
    await colleague.goto('/settings/members');
    await colleague.getByText('Only an owner of the practice').waitFor();
    await accessible(colleague, watch, 'members for an assistant');
  });
}

async function profile(check, { page, watch }) {
  await check('the own name and the language of mails are changed', async () => {
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Noa Levi-Bar');
    await accessible(page, watch, 'profile');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('main').getByText('Noa Levi-Bar').waitFor();
    assert.equal((await call(page, 'GET', '/auth/me')).user.full_name, 'Noa Levi-Bar');
  });
}

export async function members(check, world) {
  const scene = await newPractice(world.browser);
  try {
    for (const part of [inviting, landing, accepting, managing, profile]) await part(check, scene);
    await check('members in both languages, both themes and on a phone', async () => {
      await call(scene.page, 'POST', '/invitations', {
        email: 'tal@example.com',
        full_name: 'טל אברהמי־רוזנברג',
        role: 'assistant',
      });
      const { cookies } = await scene.context.storageState();
      await everyWay(world.browser, scene.watch, cookies, ['/settings/members'], async (page, name) => {
        await world.look?.(page, name);
        await page.locator('h1 + button').click();
        await page.locator('dialog[open]').waitFor();
        await accessible(page, scene.watch, `${name} invite`);
      });
      await everyWay(world.browser, scene.watch, [], ['/invitation'], world.look);
    });
  } finally {
    joinWatch(world.watch, scene.watch);
    await scene.hers?.close();
    await scene.context.close();
    await scene.server.stop();
  }
}
