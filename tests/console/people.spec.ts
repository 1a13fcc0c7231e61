// What only a person can do: it is seen, the phone is looked at and touched, the task goes on.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled } from './looks.ts';
import { control, puzzled, until } from './world.ts';

test('a task that waits for a person is found, and goes on when the way is free', async ({ page, request }) => {
  await page.goto('/');
  await settled(page);
  const id = await puzzled(request, 'SIM0001', 'demo.anna');

  // It comes up by itself, on the first page and in the navigation.
  await expect(page.getByRole('link', { name: /waits? for a person/ })).toBeVisible();
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /^Attention/ }).click();
  await settled(page);
  await page.getByRole('button', { name: /@demo\.anna/ }).first().click();
  const item = page.getByRole('article');
  await expect(item.getByRole('link', { name: `#${id}` })).toBeVisible();
  await expect(item.getByRole('img', { name: 'Screen of SIM0001' })).toBeVisible();
  await expectAccessible(page, 'an attention item');
  await page.screenshot({ path: '../../target/console/journey/7-attention.png' });

  await control(request, 'phones/SIM0001/apps/com.instagram.android', { clear_moods: true });
  await item.getByRole('textbox', { name: 'Comment for the record' }).fill('solved it by hand');
  await item.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Decided; the farm goes on with it')).toBeVisible();
  await until(request, id, 'completed');
  await page.getByRole('checkbox', { name: 'Show decided ones too' }).check();
  await expect(page.getByRole('button', { name: /@demo\.anna.*decided: resumed/s })).toBeVisible();
  await page.screenshot({ path: '../../target/console/journey/8-decided.png' });
});
