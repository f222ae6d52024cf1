// The two documentation pages: offline, and able to create a client for somebody who is signed in.
import assert from 'node:assert/strict';

import { shows, until } from '../lib/until.mjs';

export async function docs(check, { context, watch }) {
  const page = await context.newPage();

  await check('/redoc shows the document without any other host', async () => {
    await page.goto('/redoc');
    await page.getByRole('heading', { name: 'Create a client' }).first().waitFor();
    await shows(() => page.locator('img[src^="http"]').count(), 0);
    await shows(() => page.locator('link[href*="fonts."]').count(), 0);
  });

  await check('/docs creates a client for somebody who is signed in', async () => {
    await page.goto('/docs');
    const block = page.locator('.opblock-post').filter({ hasText: 'Create a client' });
    await block.locator('.opblock-summary').click();
    await block
      .locator('textarea.body-param__text')
      .fill(JSON.stringify({ first_name: 'Made', last_name: 'In The Docs' }));
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await block.getByRole('button', { name: 'Execute' }).click();
    assert.equal((await answered).status(), 201);
  });

  await check('what the documentation page created is in the list', async () => {
    await page.goto('/clients');
    await page.getByRole('searchbox').fill('in the docs');
    await until(
      async () => (await page.locator('a.name').allTextContents()).includes('Made In The Docs'),
      'the client',
    );
  });

  await check('the documentation pages keep the policy', () => assert.deepEqual(watch.csp, []));
  await page.close();
}
