// Every page, at every size, light and dark: nothing that axe finds, nothing wider than the screen, a picture to look at.
import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';
import { ask } from './world.ts';

const PAGES = {
  overview: '/',
  farm: '/farm',
  live: '/farm/SIM0001',
  inspect: '/farm/SIM0001?inspect=1',
  tasks: '/tasks',
  task: '/tasks/1',
  run: '/tasks/new?serials=SIM0001&script=follow',
  attention: '/attention',
  accounts: '/accounts',
  account: '/accounts?edit=2',
  import: '/accounts/import',
  media: '/media',
  flows: '/flows',
  pack: '/flows/tiktok',
  mend: '/flows/tiktok?element=post_button',
  versions: '/flows/instagram?tab=versions',
  order: '/media?arrange=1',
  schedules: '/schedules',
  calendar: '/schedules/calendar',
  schedule: '/schedules/new',
  phones: '/phones',
  phone: '/phones?open=SIM0001',
  setup: '/phones/new?serial=SIM0001',
  groups: '/groups',
  hosts: '/hosts',
  enrol: '/hosts?enrol=1',
  settings: '/settings',
  users: '/settings/users',
  audit: '/audit',
};
const SIZES = { laptop: [1280, 800], phone: [390, 844], large: [2560, 1440] } as const;

// A page is seen with something on it: a group, and schedules that come up in half a day, when nobody is here any more.
let made: { schedules: number[]; group: string } | undefined;
test.beforeAll(async ({ request }) => {
  const later = (hours: number) => `${String((new Date().getUTCHours() + hours) % 24).padStart(2, '0')}:00`;
  const of = (name: string, hours: number, more: object) =>
    ask<{ id: number }>(request, 'POST', 'schedules', { name, slots: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], times: [later(hours)] }], time_zone: 'UTC', ...more });
  const follow = await of('follows of the evening', 10, { usernames: ['demo.bo'], platform: 'tiktok', script_name: 'follow', script_config: { target_users: ['natgeo', 'nasa'] } });
  const post = await of('posts of the night', 14, { usernames: ['demo.anna'], platform: 'tiktok', script_name: 'post', script_config: { materials_tags: 'spring', captions: '{Hi|Hello}' } });
  const group = 'upper shelf';
  await ask(request, 'POST', 'groups', { name: group, serials: ['SIM0001', 'SIM0003'] });
  made = { schedules: [follow.id, post.id], group };
});
test.afterAll(async ({ request }) => {
  for (const id of made?.schedules ?? []) await ask(request, 'DELETE', `schedules/${id}`);
  if (made) await ask(request, 'DELETE', `groups/${encodeURIComponent(made.group)}`);
});

/** Those that a quick run has, too. */
const QUICK = ['laptop light', 'phone dark'];

for (const [name, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const tag = QUICK.includes(`${name} ${colorScheme}`) ? [] : ['@all'];
    test(`every page on a ${name} screen, ${colorScheme}`, { tag }, async ({ browser }) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      const wrong = watch(page);
      for (const [title, path] of Object.entries(PAGES)) {
        await page.goto(path);
        await settled(page);
        // Axe judges what is there, not what is on its way: screens are read once.
        if (['farm', 'live', 'phone'].includes(title)) await expect(page.getByRole('img', { name: 'Screen of SIM0001' }).first()).toBeVisible();
        await page.screenshot({ path: `../../target/console/pages/${title}-${name}-${colorScheme}.png` });
        await expectAccessible(page, `${title}, ${name}, ${colorScheme}`);
        await expectNoSidewaysScroll(page, title);
      }
      expect(wrong.filter((one) => !one.includes('/materials/'))).toEqual([]);
      await context.close();
    });
  }
}

test('every language has every page, and the choice is kept', async ({ page }) => {
  const words = { fr: ['Comptes', 'Nouveau'], sv: ['Konton', 'Lägg till'], zh: ['账号', '新增'], en: ['Accounts', 'New'] };
  await page.goto('/accounts');
  for (const [language, [title, add]] of Object.entries(words)) {
    await page.locator('header select').first().selectOption(language);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title ?? '');
    await expect(page.getByRole('button', { name: add, exact: true })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${language}`));
    await page.screenshot({ path: `../../target/console/pages/accounts-${language}.png` });
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title ?? '');
  }
});
