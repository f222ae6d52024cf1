// The same client edited in two tabs: nothing is overwritten silently.
import { accessible } from '../lib/browser.mjs';

async function openEdit(context, path) {
  const page = await context.newPage();
  await page.goto(`${path}/edit`);
  await page.getByRole('heading', { name: 'Edit client' }).waitFor();
  return page;
}

async function save(page) {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

export async function conflict(check, { context, watch, dana }) {
  await check('changes in different fields are both kept', async () => {
    const [first, second] = [await openEdit(context, dana), await openEdit(context, dana)];
    await first.getByLabel('Address').fill('1 Herzl St');
    await second.getByLabel('Remarks').fill('From the second tab');
    await save(first);
    await first.getByText('Changes saved').waitFor();
    await save(second);
    await second.getByText('Changes made elsewhere in the meantime were kept').waitFor();
    await second.getByText('1 Herzl St').waitFor();
    await second.getByText('From the second tab').waitFor();
    await Promise.all([first.close(), second.close()]);
  });

  await check('changes in the same field are shown side by side, and the person chooses', async () => {
    const [first, second] = [await openEdit(context, dana), await openEdit(context, dana)];
    for (const [page, word] of [
      [first, 'first'],
      [second, 'second'],
    ]) {
      await page.getByLabel('Remarks').fill(`The ${word} note`);
      await page.getByLabel('Address').fill(`The ${word} address`);
    }
    await save(first);
    await first.getByText('Changes saved').waitFor();
    await save(second);
    const dialog = second.getByRole('dialog', { name: 'Changed by somebody else' });
    await dialog.getByText('The first note').waitFor();
    await dialog.getByText('The second note').waitFor();
    await accessible(second, watch, 'stale dialog');
    await dialog.getByRole('group', { name: 'Address' }).getByLabel('Saved version').check();
    await dialog.getByRole('button', { name: 'Save my choice' }).click();
    await second.getByText('The second note').waitFor();
    await second.getByText('The first address').waitFor();
    await Promise.all([first.close(), second.close()]);
  });

  await check('a conflict can be put aside without losing what was typed', async () => {
    const [first, second] = [await openEdit(context, dana), await openEdit(context, dana)];
    await first.getByLabel('Remarks').fill('A');
    await save(first);
    await first.getByText('Changes saved').waitFor();
    await second.getByLabel('Remarks').fill('B');
    await save(second);
    await second.getByRole('button', { name: 'Keep editing' }).click();
    await second.getByRole('dialog').waitFor({ state: 'detached' });
    await second.getByLabel('Remarks').and(second.locator('textarea')).waitFor();
    if ((await second.getByLabel('Remarks').inputValue()) !== 'B') throw new Error('the text is gone');
    await Promise.all([first.close(), second.close()]);
  });
}
