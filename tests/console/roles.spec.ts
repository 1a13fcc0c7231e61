// Who has logged in sees who they are, and does no more than their role lets them, on the controller's own machine too.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled } from './looks.ts';

const PASSWORD = 'correct horse';

/** Everything in the navigation of a viewer, and what they may not open but by typing its address. */
const PAGES = ['/', '/farm', '/tasks', '/tasks/1', '/attention', '/accounts', '/accounts?edit=2', '/media', '/media?arrange=1', '/flows', '/flows/tiktok?element=post_button', '/flows/tiktok?tab=files', '/flows/tiktok?tab=versions', '/schedules', '/schedules/calendar', '/groups', '/settings/users', '/phones', '/phones?open=SIM0001', '/hosts'];
const NOT_THEIRS = ['/tasks/new', '/accounts/import', '/schedules/new', '/settings', '/audit'];

test('a viewer sees the farm, can change nothing whatever they click, and logs out', async ({ page, request }) => {
  const made = await request.post('/api/v1/users', { data: { name: 'eve', role: 'viewer', password: PASSWORD } });
  expect(made.ok()).toBe(true);
  const come = await page.context().request.post('/api/v1/session', { data: { name: 'eve', password: PASSWORD } });
  expect(come.ok()).toBe(true);
  const asked: string[] = [];
  page.on('request', (one) => {
    if (!['GET', 'HEAD'].includes(one.method())) asked.push(`${one.method()} ${one.url()} from ${page.url()}`);
  });

  await page.goto('/accounts');
  await settled(page);
  await expect(page.getByText('eve · viewer')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New', exact: true })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Run a script' })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Settings' })).toBeHidden();
  await expect(page.getByRole('switch').first()).toBeDisabled();
  await expectAccessible(page, 'the accounts of a viewer');
  await page.screenshot({ path: '../../target/console/journey/9-viewer.png' });

  for (const path of PAGES) {
    await page.goto(path);
    await settled(page);
    const dialog = page.locator('dialog[open]');
    const clickable = ((await dialog.count()) ? dialog : page.locator('main')).locator('button:visible:enabled, [role="application"]:visible');
    // A click can open more: as many as there were when the page came, each on the page as it comes.
    const count = await clickable.count();
    for (let at = 0; at < count; at++) {
      if (at > 0) {
        await page.goto(path);
        await settled(page);
      }
      const one = clickable.nth(at);
      if (await one.isVisible()) await one.click({ timeout: 30_000 });
      const yes = page.locator('dialog[open] .button.primary:visible:enabled, dialog[open] .button.danger:visible:enabled');
      if (await yes.first().isVisible()) await yes.first().click();
    }
  }
  expect(asked).toEqual([]);

  for (const path of NOT_THEIRS) {
    await page.goto(path);
    await expect(page.getByText('Not for your role')).toBeVisible();
    await expectAccessible(page, `${path} for a viewer`);
  }
  await page.screenshot({ path: '../../target/console/journey/9-not-yours.png' });
  expect(asked).toEqual([]);

  // Whoever asks past the page is refused.
  const past = await page.context().request.patch('/api/v1/accounts/2', { data: { status: 1 } });
  expect(past.status()).toBe(403);
  expect(await past.text()).toContain('needs the role operator');

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByText('eve · viewer')).toBeHidden();
  await settled(page);
  // Whoever sits at the machine itself may do everything again.
  await expect(page.getByRole('button', { name: 'Log out' })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Settings' })).toBeVisible();
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
