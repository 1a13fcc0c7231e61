// Groups of phones, people and their roles, and the order of the library: each made, changed and taken away again.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled, watch } from './looks.ts';

test('a group is made, renamed, emptied and deleted', async ({ page }) => {
  const wrong = watch(page);
  await page.goto('/groups');
  await settled(page);
  await page.getByRole('button', { name: 'New', exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('journey shelf');
  await dialog.getByRole('checkbox', { name: /SIM0001|^1/ }).first().check();
  await dialog.getByRole('checkbox').nth(1).check();
  await expect(dialog).toContainText('2 phones chosen');
  await expectAccessible(page, 'a new group');
  await page.screenshot({ path: '../../target/console/groups/1-new.png' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row').filter({ hasText: 'journey' });
  await expect(row).toContainText('journey shelf');
  await expect(row.getByRole('cell').nth(1)).toHaveText('2');

  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('journey rack');
  await dialog.getByRole('checkbox').first().uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('journey rack');
  await expect(row.getByRole('cell').nth(1)).toHaveText('1');
  await page.screenshot({ path: '../../target/console/groups/2-list.png' });
  await expectAccessible(page, 'the groups');

  await row.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete' }).getByRole('button', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
  expect(wrong).toEqual([]);
});

test('somebody is let in, given another role and shut out; the last admin stays', async ({ page }) => {
  await page.goto('/settings/users');
  await settled(page);
  await page.getByRole('button', { name: 'New', exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Let somebody in' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('journey.admin');
  await dialog.getByRole('combobox', { name: 'Role' }).selectOption('admin');
  await dialog.getByLabel('Password').fill('short');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('10');
  await dialog.getByLabel('Password').fill('long enough for a test');
  await expectAccessible(page, 'a new user');
  await page.screenshot({ path: '../../target/console/users/1-new.png' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row').filter({ hasText: 'journey.admin' });
  await expect(row.getByRole('combobox')).toHaveValue('admin');
  await expectAccessible(page, 'the users');
  await page.screenshot({ path: '../../target/console/users/2-list.png' });

  // The only admin: what it would be changed to is not taken.
  await row.getByRole('combobox').selectOption('operator');
  await page.getByRole('dialog', { name: 'Role' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('journey.admin is the last admin');
  await expect(row.getByRole('combobox')).toHaveValue('admin');
  await row.getByRole('button', { name: 'New password' }).click();
  const password = page.getByRole('dialog', { name: 'New password for journey.admin' });
  await password.getByLabel('New password').fill('another one for a test');
  await password.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('journey.admin has another password')).toBeVisible();
  await row.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete' }).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('journey.admin: deleted')).toBeVisible();
  await expect(row).toHaveCount(0);
});

test('the library is put into another order, by the keyboard and by dragging', async ({ page }) => {
  const order = async () => {
    const answer = await (await page.request.get('/api/v1/materials?sort=sort&page_size=100')).json();
    return (answer.data.materials as { name: string }[]).map((one) => one.name);
  };
  await page.goto('/media');
  await settled(page);
  await page.getByRole('button', { name: 'Change the order' }).click();
  const rows = page.getByRole('main').locator('ol > li');
  const before = await order();
  await expect(rows.first()).toContainText(before[0] ?? '');
  await expectAccessible(page, 'the order of the library');

  await rows.nth(1).getByRole('button', { name: /^Move .* up$/ }).press('Enter');
  await expect(rows.first()).toContainText(before[1] ?? '');
  await expect(page.getByRole('status').filter({ hasText: 'is number 1 of' })).toBeAttached();
  await expect.poll(order).toEqual([before[1], before[0], ...before.slice(2)]);
  // The keyboard went along.
  await expect(rows.first().getByRole('button', { name: /^Move .* down$/ })).toBeFocused();

  await rows.nth(2).dragTo(rows.first());
  await expect.poll(order).toEqual([before[2], before[1], before[0], ...before.slice(3)]);
  await page.screenshot({ path: '../../target/console/media/order.png' });
  await page.reload();
  await expect(rows.first()).toContainText(before[2] ?? '');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('combobox', { name: 'Order' })).toHaveValue('sort');
});
