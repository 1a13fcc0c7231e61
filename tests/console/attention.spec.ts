// What only a person can do: a login asks for a code, which is seen, read, typed on the phone in the browser; the task goes on.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled } from './looks.ts';
import { ask, control, touch, until } from './world.ts';

const SERIAL = 'SIM0003';
const NAME = 'dana.posts';
const CODE = '482913';

test('a login asks for a code, a person types it on the phone, and the task goes on', async ({ page, request }) => {
  const picture = (name: string) => page.screenshot({ path: `../../target/console/journey/attention-${name}.png` });
  // The platform will ask whoever logs in as her for what it sends to her.
  await control(request, 'world/instagram', {
    accounts: [{ username: NAME, password: 'secret of dana', moods: { challenge: 'email_code', challenge_code: CODE } }],
  });
  const { id } = await ask<{ id: number }>(request, 'POST', 'accounts', { platform: 'instagram', username: NAME, pwd: 'secret of dana', device: SERIAL });

  await page.goto('/');
  await settled(page);
  const task = (await ask<{ task_ids: number[] }>(request, 'POST', 'task', { usernames: [NAME], platform: 'instagram', script_name: 'login' })).task_ids[0] ?? 0;

  // It comes up by itself, on the first page and in the navigation.
  await expect(page.getByRole('main').getByRole('link', { name: /waits? for a person/ })).toBeVisible({ timeout: 180_000 });
  await picture('1-overview');
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /^Attention/ }).click();
  await settled(page);
  await page.getByRole('button', { name: new RegExp(`@${NAME}`) }).first().click();
  const item = page.getByRole('article');
  await expect(item.getByRole('link', { name: `#${task}` })).toBeVisible();
  const glass = item.getByRole('application');
  await expect(item.getByRole('img', { name: `Screen of ${SERIAL}` })).toBeVisible();
  await expectAccessible(page, 'an attention item');
  await picture('2-item');

  // The field is touched in the picture, the code typed, the phone's own button pressed.
  await touch(request, glass, SERIAL, 'class="android.widget.EditText"');
  await item.getByRole('textbox', { name: 'Text for the phone' }).fill(CODE);
  await item.getByRole('textbox', { name: 'Text for the phone' }).press('Enter');
  await touch(request, glass, SERIAL, 'content-desc="Continue"');
  await picture('3-typed');

  await item.getByRole('textbox', { name: 'Comment for the record' }).fill('typed the code that she was sent');
  await item.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Decided; the farm goes on with it')).toBeVisible();
  await until(request, task, 'completed');
  expect(await ask(request, 'GET', `accounts/${id}`)).toMatchObject({ logined: 1 });
  await page.getByRole('checkbox', { name: 'Show decided ones too' }).check();
  await expect(page.getByRole('button', { name: new RegExp(`@${NAME}.*decided: resumed`, 's') })).toBeVisible();
  await picture('4-decided');
});
