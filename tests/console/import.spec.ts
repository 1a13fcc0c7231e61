// A sheet with faults, mended, imported, looked at, taken back; and one that the controller itself wrote, imported again.
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';

const FAULTY = `username,pwd,email,device,status,logined
sheet.one,first-secret,one@demo.example,SIM0001,0,
sheet.two,second-secret,two@demo.example,SIM0002,2,
,third-secret,three@demo.example,,0,
sheet.four,,four@demo.example,,0,many
`;
const MENDED = `username,pwd,email,device,status,logined
sheet.one,first-secret,one@demo.example,SIM0001,0,
sheet.two,second-secret,two@demo.example,SIM0002,1,
sheet.three,third-secret,three@demo.example,,0,
sheet.four,,four@demo.example,,0,1
`;

/** Drops a file onto the page, as from the desktop. */
async function drop(page: Page, name: string, text: string) {
  const data = await page.evaluateHandle(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text ?? ''], name ?? '', { type: 'text/csv' }));
      return data;
    },
    [name, text],
  );
  const target = page.getByRole('region', { name: 'The sheet', exact: true });
  await target.dispatchEvent('dragover', { dataTransfer: data });
  await target.dispatchEvent('drop', { dataTransfer: data });
}

test('a sheet with faults is mended, imported and taken back', async ({ page }) => {
  const wrong = watch(page);
  const picture = (name: string) => page.screenshot({ path: `../../target/console/import/${name}.png`, fullPage: true });
  const count = (name: string) => page.locator('dl > div').filter({ hasText: new RegExp(`^${name}`) }).locator('dd');

  await page.goto('/accounts');
  await settled(page);
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import accounts' })).toBeFocused();
  await expectAccessible(page, 'the import page, empty');
  await picture('1-empty');

  // Without a column for it the platform has to be said: the sheet as a whole is refused, and the choice mends that.
  await drop(page, 'accounts.csv', FAULTY);
  await expect(page.getByRole('heading', { name: 'The sheet is refused' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Platform of the rows' }).selectOption('instagram');
  await expect(page.getByRole('heading', { name: '3 rows have faulty cells' })).toBeVisible();
  const faults = page.getByRole('table', { name: 'Faulty cells' });
  await expect(faults.getByRole('row').filter({ hasText: 'status' })).toContainText(/^3status.*0 \(enabled\) or 1 \(disabled\)$/);
  await expect(faults.getByRole('row').filter({ hasText: 'username' })).toContainText(/^4username/);
  await expect(faults.getByRole('row').filter({ hasText: 'logined' })).toContainText(/^5logined/);
  await expect(page.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await expectAccessible(page, 'a faulty sheet');
  await picture('2-faulty');

  // The mended one: the choice stays as it was.
  await drop(page, 'accounts.csv', MENDED);
  await expect(page.getByRole('heading', { name: 'The sheet is good' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Platform of the rows' })).toHaveValue('instagram');
  await expect(count('New')).toHaveText('4');
  await expect(page.getByRole('table', { name: 'What it would change' })).toContainText('@sheet.three');
  await expect(page.locator('main')).not.toContainText('secret');
  await expectAccessible(page, 'a good sheet');
  await picture('3-good');

  await page.getByRole('button', { name: 'Import: 4 new, 0 changed' }).click();
  await expect(page.getByRole('heading', { name: 'It is imported' })).toBeVisible();
  await picture('4-imported');
  await page.getByRole('link', { name: 'See the accounts' }).click();
  await expect(page.getByRole('button', { name: '@sheet.four' })).toBeVisible();
  await expect(page.getByRole('button', { name: '@sheet.one' })).toBeVisible();

  // What stands, another way: the difference field by field.
  await page.goto('/accounts/import');
  await settled(page);
  await page.getByRole('combobox', { name: 'A known username' }).selectOption('update');
  await page.getByLabel('Choose a sheet').setInputFiles({ name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from('username,email\nsheet.one,other@demo.example\nsheet.two,two@demo.example\n') });
  await expect(page.getByRole('heading', { name: 'The sheet is good' })).toBeVisible();
  await expect(count('Changed')).toHaveText('1');
  await expect(count('Unchanged')).toHaveText('1');
  await expect(page.getByRole('row').filter({ hasText: '@sheet.one' })).toContainText(/email\s*one@demo\.example\s*other@demo\.example/);
  await picture('5-difference');
  await page.getByRole('button', { name: 'Back to the usual' }).click();

  // The way back, from the list of imports.
  const history = page.getByRole('region', { name: 'Imports so far' });
  await history.getByRole('button', { name: 'Undo the import' }).click();
  const question = page.getByRole('dialog', { name: 'Undo the import' });
  await expect(question).toContainText('4 accounts that it made are deleted.');
  await question.getByRole('button', { name: 'Undo the import' }).click();
  await expect(page.getByRole('heading', { name: 'It is taken back' })).toBeVisible();
  await expect(history.getByRole('row').nth(1)).toContainText('4 deleted');
  await picture('6-undone');
  await page.goto('/accounts?q=sheet.');
  await expect(page.getByText('Nothing matches')).toBeVisible();

  // On a phone it is all there, too.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/accounts/import');
  await settled(page);
  await page.getByRole('combobox', { name: 'Platform of the rows' }).selectOption('instagram');
  await drop(page, 'accounts.csv', FAULTY);
  await expect(page.getByRole('heading', { name: '3 rows have faulty cells' })).toBeVisible();
  await expectNoSidewaysScroll(page, 'a faulty sheet on a phone');
  await expectAccessible(page, 'a faulty sheet on a phone');
  await picture('7-phone');
  expect(wrong).toEqual([]);
});

test('an export comes back in as it went out', async ({ page }) => {
  await page.goto('/accounts');
  await settled(page);
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export accounts' });
  await expectAccessible(page, 'the export dialog');
  const coming = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const sheet = await (await coming).path();
  await expect(dialog).toBeHidden();

  await page.goto('/accounts/import');
  await settled(page);
  await page.getByRole('combobox', { name: 'Platform of the rows' }).selectOption('');
  await page.getByLabel('Choose a sheet').setInputFiles({ name: 'accounts.xlsx', mimeType: 'application/octet-stream', buffer: readFileSync(sheet) });
  await expect(page.getByRole('heading', { name: 'The sheet changes nothing' })).toBeVisible();
  await expect(page.locator('dl > div').filter({ hasText: 'Unchanged' }).locator('dd')).toHaveText(/^[1-9]/);

  // With secrets: warned of, and put on record.
  await page.getByRole('button', { name: 'Export' }).click();
  await dialog.getByRole('combobox', { name: 'File' }).selectOption('csv');
  await dialog.getByRole('checkbox', { name: 'With passwords and 2FA secrets' }).check();
  await expect(dialog).toContainText('put on record');
  const secret = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  expect(readFileSync(await (await secret).path(), 'utf8')).toContain('demo-anna-1');
  await page.goto('/audit');
  await expect(page.getByRole('main')).toContainText('accounts.export');
});
