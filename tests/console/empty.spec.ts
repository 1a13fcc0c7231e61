// From an empty farm to the first posted video with its proof, as somebody goes who has just installed it; the controller
// dies once under the page on the way.
import { expect, test } from '@playwright/test';
import { emptyFarm } from './empty.ts';
import { expectAccessible, settled, watch } from './looks.ts';

const MP4 = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isomfirst of all', 'latin1');

test('from an empty farm to the first posted video with proof', async ({ browser, request }) => {
  test.setTimeout(480_000);
  const farm = await emptyFarm(request);
  const context = await browser.newContext({ baseURL: farm.url });
  const page = await context.newPage();
  const wrong = watch(page, farm.url);
  let at = 0;
  const picture = (name: string) => page.screenshot({ path: `../../target/console/journey/empty-${++at}-${name}.png` });
  const go = (name: string | RegExp) => page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name }).click();
  try {
    const answer = await request.post(`${farm.control}/world/instagram`, { data: { accounts: [{ username: 'nina.posts', password: 'unknown to drover' }] } });
    expect(answer.ok()).toBe(true);
    await request.post(`${farm.control}/phones/SIM0001/apps/com.instagram.android`, { data: { sessions: ['nina.posts'], active: 'nina.posts' } });

    // Every page of an empty farm says what to do next.
    await page.goto('/');
    await settled(page);
    await expect(page.getByRole('heading', { name: 'Begin here' })).toBeVisible();
    await expectAccessible(page, 'the first page of an empty farm');
    await picture('first');
    for (const name of ['Farm', 'Tasks', 'Attention', 'Accounts', 'Media', 'Phones', 'Hosts']) {
      await go(new RegExp(`^${name}`));
      await settled(page);
      await expectAccessible(page, `${name}, empty`);
      await picture(name.toLowerCase());
    }

    // A host joins with the command that is shown.
    await go('Overview');
    await page.getByRole('link', { name: 'Show the command' }).click();
    const enrol = page.getByRole('dialog', { name: 'Enrol a host' });
    const command = enrol.getByText(/^drover-agent run/);
    await expect(command).toBeVisible();
    await expect(enrol.getByText('Waiting for it to appear…')).toBeVisible();
    farm.join((await command.textContent()) ?? '');
    await expect(enrol.getByText(/has joined/)).toBeVisible({ timeout: 120_000 });
    await picture('joined');
    await enrol.getByRole('button', { name: 'Close' }).last().click();

    // Its phone is set up.
    await go(/^Phones/);
    await page.getByRole('link', { name: 'Set up a phone' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Set up a phone' })).toBeVisible();
    const phones = page.getByRole('combobox', { name: 'Phone' });
    await expect(phones.getByRole('option', { name: /SIM0001/ })).toBeAttached({ timeout: 120_000 });
    await phones.selectOption('SIM0001');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await expect(page.getByText(/^(Ready for work|Not ready yet)$/)).toBeVisible({ timeout: 180_000 });
    await page.getByRole('button', { name: 'Prepare', exact: true }).click();
    // What only the host's own people can add may wait.
    await expect(page.getByRole('button', { name: 'Prepare', exact: true })).toBeEnabled({ timeout: 240_000 });
    if (await page.getByText('Not ready yet').isVisible()) await page.getByRole('button', { name: 'Go on all the same' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Studio');
    await expectAccessible(page, 'setting up a phone');
    await picture('prepared');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: 'It is ready' })).toBeVisible();
    await picture('ready');

    // Who is logged in there is found out, and is an account from then on.
    await page.getByRole('link', { name: 'Match accounts' }).click();
    await page.getByRole('radio', { name: 'Instagram' }).check({ force: true });
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page).toHaveURL(/\/tasks\/\d+$/);
    await expect(page.getByRole('main')).toContainText('completed', { timeout: 180_000 });
    await go(/^Accounts/);
    await expect(page.getByRole('button', { name: '@nina.posts' })).toBeVisible();
    await picture('matched');

    // A video is uploaded; the controller dies and comes back under the page.
    await go('Media');
    await settled(page);
    await page.locator('input[type="file"]').setInputFiles({ name: 'first.mp4', mimeType: 'video/mp4', buffer: MP4 });
    await expect(page.getByRole('button', { name: 'Open first.mp4' })).toBeVisible();
    await farm.restart(request);
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 120_000 });

    await page.getByRole('link', { name: 'Run a script' }).first().click();
    await page.getByRole('radio', { name: 'Instagram' }).check({ force: true });
    await page.getByRole('checkbox', { name: /@nina\.posts/ }).check();
    await page.getByRole('radio', { name: 'Post', exact: true }).check({ force: true });
    await page.getByRole('textbox', { name: 'Captions' }).fill('The first of all');
    await expect(page.getByText('1 task will be created')).toBeVisible();
    await picture('run');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('heading', { name: 'Proof' })).toBeVisible({ timeout: 240_000 });
    await picture('proof');
    const ledger = await (await request.get(`${farm.url}/api/v1/task?script_name=post`)).json();
    expect(ledger.data.tasks.map((task: { state: string }) => task.state)).toEqual(['completed']);

    await page.goto('/');
    await settled(page);
    await expect(page.getByText('All is well')).toBeVisible();
    await picture('well');
    const meant = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|\/materials\//;
    expect(wrong.filter((one) => !meant.test(one))).toEqual([]);
  } finally {
    await context.close();
    await farm.end();
  }
});
