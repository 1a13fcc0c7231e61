// 20,000 accounts and 100,000 tasks: what sorting, filtering, searching and scrolling cost the page. Figures, not a test of
// time: what it says stands in the report.
import { expect, test } from '@playwright/test';
import { emptyFarm } from './empty.ts';
import { during, timed, told } from './smoothness.ts';
import { settled } from './looks.ts';

const ACCOUNTS = 20_000;
const TASKS = 100_000;
const AT_ONCE = 1_000;

test('20,000 accounts and 100,000 tasks', { tag: '@figures' }, async ({ browser, request }) => {
  test.setTimeout(1_800_000);
  const farm = await emptyFarm(request);
  const context = await browser.newContext({ baseURL: farm.url });
  const page = await context.newPage();
  const lines: string[] = [];
  const measure = async (name: string, act: () => Promise<unknown>) => lines.push(told(name, await during(page, act)));
  try {
    const name = (n: number) => `maker.${String(n).padStart(5, '0')}`;
    const rows = Array.from({ length: ACCOUNTS }, (_, n) => `${name(n)},tiktok,PHONE${String(n % 400).padStart(3, '0')},"tag${n % 17}, all",${(n * 7919) % 100_003}`);
    const sheet = Buffer.from(`username,platform,device,tags,followers\n${rows.join('\n')}\n`);
    const imported = await request.post(`${farm.url}/api/v1/accounts/import`, { data: sheet, headers: { 'content-type': 'text/csv' }, timeout: 600_000 });
    expect(imported.ok(), await imported.text()).toBe(true);
    for (let n = 0; n < TASKS; n += AT_ONCE) {
      const usernames = Array.from({ length: AT_ONCE }, (_, at) => name((n + at) % ACCOUNTS));
      const made = await request.post(`${farm.url}/api/v1/task`, {
        data: { usernames, platform: 'tiktok', script_name: ['sync_data', 'account_warmup'][(n / AT_ONCE) % 2], start_at: '2099-01-01T00:00:00Z' },
        timeout: 600_000,
      });
      expect(made.ok(), await made.text()).toBe(true);
    }

    await timed(page);
    for (const [path, search] of [['/accounts', 'maker.0123'], ['/tasks', '']] as const) {
      await page.goto(path);
      await settled(page);
      const table = page.getByRole('table').first();
      await expect(table.getByRole('row').nth(5)).toBeVisible();
      const wheel = async (down: number) => {
        await table.hover();
        for (let n = 0; n < 120; n++) await page.mouse.wheel(0, down);
      };
      await measure(`${path}: scroll 120 times by 900`, () => wheel(900));
      await measure(`${path}: to the very end`, async () => {
        await page.evaluate(() => document.scrollingElement?.scrollTo({ top: 1e9 }));
        await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
      });
      await measure(`${path}: back to the top`, () => page.evaluate(() => document.scrollingElement?.scrollTo({ top: 0 })));
      const heads = table.getByRole('columnheader').getByRole('button');
      for (let n = 0; n < Math.min(3, await heads.count()); n++) {
        await measure(`${path}: sort by ${(await heads.nth(n).textContent())?.trim() ?? n}`, async () => {
          await heads.nth(n).click();
          await settled(page);
        });
      }
      if (search) {
        await measure(`${path}: search`, async () => {
          await page.getByRole('main').getByRole('searchbox').first().pressSequentially(search, { delay: 60 });
          await expect(page.getByText('maker.01230').first()).toBeVisible();
        });
      } else {
        await measure(`${path}: filter`, async () => {
          await page.getByRole('main').getByRole('combobox').first().selectOption({ index: 1 });
          await settled(page);
        });
      }
    }
    console.log(`\n${lines.join('\n')}\n`);
  } finally {
    await context.close();
    await farm.end();
  }
});
