// Who has logged in sees who they are, and does no more than their role lets them, on the controller's own machine too.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled } from './looks.ts';

const PASSWORD = 'correct horse';

test('a viewer sees the farm, can change nothing, and logs out', async ({ page, request }) => {
  const made = await request.post('/api/v1/users', { data: { name: 'eve', role: 'viewer', password: PASSWORD } });
  expect(made.ok()).toBe(true);
  const come = await page.context().request.post('/api/v1/session', { data: { name: 'eve', password: PASSWORD } });
  expect(come.ok()).toBe(true);

  await page.goto('/accounts');
  await settled(page);
  await expect(page.getByText('eve · viewer')).toBeVisible();
  const enabled = page.getByRole('switch').first();
  const before = await enabled.getAttribute('aria-checked');
  await enabled.click();
  await expect(page.getByText(/needs the role operator/).first()).toBeVisible();
  await expect(enabled).toHaveAttribute('aria-checked', before ?? '');
  await expectAccessible(page, 'the accounts of a viewer');
  await page.screenshot({ path: '../../target/console/journey/9-viewer.png' });

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByText('eve · viewer')).toBeHidden();
  await settled(page);
  // Whoever sits at the machine itself may do everything again.
  await expect(page.getByRole('button', { name: 'Log out' })).toBeHidden();
});

test('whoever has to log in is asked for a name and a password', async ({ page, request }) => {
  await request.post('/api/v1/users', { data: { name: 'otto', role: 'operator', password: PASSWORD } });
  // As from another machine: nobody is known until somebody logs in.
  await page.route('**/api/v1/**', async (route) => {
    const cookies = await page.context().cookies();
    const isLogin = route.request().method() === 'POST' && route.request().url().endsWith('/session');
    if (isLogin || cookies.some((cookie) => cookie.name === 'drover_session')) return route.continue();
    return route.fulfill({ status: 401, json: { code: 40101, message: 'a token is needed, or log in', data: {} } });
  });
  await page.goto('/');
  const dialog = page.getByRole('dialog', { name: 'Log in' });
  await expect(dialog).toBeVisible();
  await expectAccessible(page, 'the login');
  await page.screenshot({ path: '../../target/console/journey/10-login.png' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('otto');
  await dialog.getByLabel('Password').fill('wrong horse');
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('the name or the password is wrong');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByText('otto · operator')).toBeVisible();
  await expect(dialog).toBeHidden();
});
