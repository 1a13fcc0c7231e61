// From the first page to a posted video with its proof, as an operator goes.
import { expect, test } from '@playwright/test';
import { expectAccessible, settled, watch } from './looks.ts';

test('from the first page to a posted video with proof', async ({ page }) => {
  const wrong = watch(page);
  const picture = (name: string) => page.screenshot({ path: `../../target/console/journey/${name}.png` });

  await page.goto('/');
  await settled(page);
  await expect(page.getByRole('heading', { name: 'Begin here' })).toBeVisible();
  await picture('1-first');

  await page.getByRole('link', { name: 'Run a script' }).last().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Run a script' })).toBeFocused();
  await page.getByRole('checkbox', { name: /@demo\.anna/ }).check();
  await page.getByRole('radio', { name: 'Post', exact: true }).check({ force: true });
  await page.getByRole('textbox', { name: 'Captions' }).fill('{Hi|Hello} from the harbour');
  await page.getByRole('textbox', { name: 'Materials tags' }).fill('spring');

  // What is wrong is said as one types, and nothing can be started with it.
  const wait = page.getByRole('textbox', { name: 'Upload wait time' });
  await wait.fill('1');
  await expect(page.getByText('At least 5', { exact: true })).toBeVisible();
  const start = page.getByRole('button', { name: 'Start' });
  await expect(start).toBeDisabled();
  await wait.fill('30');

  await expect(page.getByText('1 task will be created')).toBeVisible();
  await page.getByText('The same as curl').click();
  await expect(page.getByRole('region', { name: 'The same as curl' })).toContainText('"materials_tags":"spring"');
  await expectAccessible(page, 'the run page, filled in');
  await picture('2-run');

  // A closed tab loses nothing.
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Materials tags' })).toHaveValue('spring');
  await expect(start).toBeEnabled();
  await start.click();

  await expect(page).toHaveURL(/\/tasks\/\d+$/);
  await expect(page.getByRole('heading', { name: 'The phone now' })).toBeVisible();
  await expect(page.getByRole('img', { name: 'Screen of SIM0001' })).toBeVisible();
  await picture('3-running');

  await expect(page.getByRole('heading', { name: 'Proof' })).toBeVisible({ timeout: 180_000 });
  await expect(page.getByRole('main')).toContainText('completed');
  await expect(page.getByRole('log')).toContainText(/\w/);
  await expectAccessible(page, 'the task page');
  await picture('4-proof');

  // The material is used now, by this task.
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Media' }).click();
  await page.getByRole('combobox', { name: 'State' }).selectOption('used');
  await expect(page).toHaveURL(/used=1/);
  await expect(page.getByRole('button', { name: 'Open harbour.mp4' })).toBeVisible();
  await picture('5-used');

  await page.goto('/');
  await settled(page);
  await expect(page.getByText('All is well')).toBeVisible();
  await picture('6-well');
  expect(wrong.filter((one) => !one.includes('/materials/'))).toEqual([]);
});
