// A schedule is made while its words and its next runs are told, seen in the calendar, run now, and switched off.
import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';

test('a schedule is made, seen in the calendar, run and switched off', async ({ page }) => {
  const wrong = watch(page);
  const picture = (name: string) => page.screenshot({ path: `../../target/console/schedules/${name}.png`, fullPage: true });
  const summary = page.getByRole('complementary', { name: 'Summary' });

  await page.goto('/schedules');
  await settled(page);
  await picture('1-list');
  await page.getByRole('link', { name: 'New', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'New schedule' })).toBeFocused();
  await expect(summary).toContainText('Every day at 09:00');
  await expect(summary.getByRole('listitem')).toHaveCount(5);
  await expect(summary).toContainText('Still to be given: Name, For whom, Which script');
  const make = page.getByRole('button', { name: 'Make the schedule' });
  await expect(make).toBeDisabled();
  await expectAccessible(page, 'the editor, empty');

  // By weekdays and times, as they are chosen.
  for (const day of ['Sat', 'Sun']) await page.getByRole('button', { name: day, exact: true }).click();
  await page.getByRole('button', { name: 'Add a time' }).click();
  await page.getByLabel('Time 2').fill('18:30');
  await expect(summary).toContainText('On Monday to Friday at 09:00 and 18:30');
  // By cron, as one types; what is wrong is said by the controller.
  await page.getByRole('radio', { name: 'Cron' }).check({ force: true });
  const cron = page.getByRole('textbox', { name: 'Cron expression' });
  await cron.fill('*/30 8-17 1,15 * *');
  await expect(summary).toContainText('On day 1 and 15 of the month, every 30 minutes, in the hours of 08:00 to 17:00');
  await cron.fill('0 25 * * *');
  await expect(summary).toContainText('When is not clear yet');
  await expect(summary).toContainText('cron: ');
  await cron.fill('0 * * * *');
  await expect(summary.getByRole('listitem')).toHaveCount(5);

  await page.getByRole('textbox', { name: 'Name' }).fill('journey of an hour');
  await page.getByRole('checkbox', { name: /@demo\.anna/ }).check();
  await page.getByRole('radio', { name: 'Sync data', exact: true }).check({ force: true });
  await expect(summary).toContainText('Each run would create 1 task');
  await expect(make).toBeEnabled();

  // A closed tab loses nothing.
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('journey of an hour');
  await expect(page.getByText('This is a draft that was not saved.')).toBeVisible();
  await expect(make).toBeEnabled();
  await expectAccessible(page, 'the editor, filled in');
  await picture('2-editor');
  await make.click();

  await expect(page).toHaveURL(/\/schedules$/);
  const row = page.getByRole('row').filter({ hasText: 'journey of an hour' });
  await expect(row).toContainText('@demo.anna');
  await expect(row).toContainText('Every day, every hour at :00');
  await expectAccessible(page, 'the list of schedules');
  await picture('3-list');

  // Two for one account that are more than its cap: 24 posts of 20 a day.
  const posts = { name: 'journey of posts', cron: '30 * * * *', usernames: ['demo.bo'], platform: 'tiktok', script_name: 'follow', script_config: { target_users: ['a'] } };
  const made = await (await page.request.post('/api/v1/schedules', { data: posts })).json();
  expect(made.code).toBe(0);
  const accounts = await (await page.request.get('/api/v1/accounts?q=demo.bo&platform=tiktok')).json();
  const bo = `/api/v1/accounts/${accounts.data.accounts[0].id}`;
  await page.request.patch(bo, { data: { caps: { follow: 5 } } });

  await page.getByRole('link', { name: 'Calendar' }).click();
  await expect(page.getByRole('table')).toContainText('journey of an hour');
  await expect(page.getByText('1 account has more to do in a day')).toBeVisible();
  await expect(page.getByRole('region', { name: 'By account, against the caps' })).toContainText(/@demo\.bo Follow.* of 5/);
  await expectAccessible(page, 'the calendar');
  await expectNoSidewaysScroll(page, 'the calendar');
  await picture('4-calendar');
  await page.getByRole('radio', { name: '7 days' }).check({ force: true });
  await expect(page).toHaveURL(/days=7/);
  await expect(page.getByRole('columnheader')).toHaveCount(9);
  await picture('5-week');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/schedules/calendar');
  await settled(page);
  await expect(page.getByRole('main').getByRole('link', { name: 'journey of an hour' }).first()).toBeVisible();
  await expectNoSidewaysScroll(page, 'the calendar on a phone');
  await expectAccessible(page, 'the calendar on a phone');
  await picture('6-phone');
  await page.setViewportSize({ width: 1280, height: 800 });

  // Run now: its task is there, and its result stands in the list.
  await page.goto('/schedules');
  await settled(page);
  await page.getByRole('button', { name: 'Run now: journey of an hour' }).click();
  await page.getByRole('dialog', { name: 'Run now' }).getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('1 task created')).toBeVisible();
  await expect(row).toContainText('tasks created');
  await expect(row).toContainText('by hand');
  await row.getByRole('link', { name: 'journey of an hour' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'journey of an hour' })).toBeVisible();
  await expect(page.getByRole('table', { name: '' }).last()).toContainText('1 task');
  await expect(page.getByText('This is a draft')).toHaveCount(0);
  await picture('7-change');

  // Another time, and off: none comes any more.
  await page.getByRole('radio', { name: 'Days and times' }).check({ force: true });
  await page.getByLabel('Time 1').fill('07:45');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Every day at 07:45');
  await row.getByRole('switch').click();
  await expect(row).toContainText('switched off');
  const preview = await (await page.request.get('/api/v1/schedules/preview')).json();
  expect(JSON.stringify(preview.data.runs)).not.toContain('journey of an hour');

  // Deleted, with a question.
  for (const name of ['journey of an hour', 'journey of posts']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete' });
    await expect(question).toContainText(name);
    await question.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('row').filter({ hasText: name })).toHaveCount(0);
  }
  await page.request.patch(bo, { data: { caps: { follow: null } } });
  // The controller refuses what is typed wrong, and the browser says so, too.
  expect(wrong.filter((one) => !one.includes('400 (Bad Request)'))).toEqual([]);
});
