// An app has renamed a button: a task fails over it, a person goes through the door on its page, mends the element beside
// the task's own screen, sees it found, saves, and the same task posts.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';

const ELEMENT = '/api/v1/packs/tiktok/elements/post_button';
const SIZES = { laptop: [1280, 800], phone: [390, 844], large: [2560, 1440] } as const;
const TASK_MS = 180_000;

interface Alternative {
  fields: Record<string, unknown>;
}

async function data(request: APIRequestContext, method: 'get' | 'put' | 'post', path: string, body?: unknown) {
  const answer = await request[method](path, body === undefined ? {} : { data: body });
  const told = await answer.json();
  expect(told.code, `${path}: ${told.message}`).toBe(0);
  return told.data;
}

/** At every size, light and dark: a picture to look at, nothing wider than the screen, nothing that axe finds. */
async function pictures(page: Page, name: string) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await expectNoSidewaysScroll(page, `${name}, ${size}`);
      await page.screenshot({ path: `../../target/console/mend/${name}-${size}-${colorScheme}.png` });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  await expectAccessible(page, name);
}

test('a broken element is mended on the failed task’s screen, and the task posts', async ({ page, request }) => {
  // Two whole tasks, and pictures at every size.
  test.setTimeout(900_000);
  const wrong = watch(page);
  const whole = await data(request, 'get', '/api/v1/packs/tiktok');
  const good: Alternative[] = whole.elements.find((one: { name: string }) => one.name === 'post_button').alternatives;
  // What the pack knew before the app renamed its button.
  await data(request, 'put', ELEMENT, { alternatives: [{ id: 'zz9' }, { text: 'Publish it', class: 'Button' }], reason: 'what an old app had' });
  try {
    const made = await data(request, 'post', '/api/v1/task', {
      ...{ usernames: ['demo.bo'], platform: 'tiktok', script_name: 'post', max_retries: 0 },
      script_config: { material_list: ['morning.mp4'], captions: 'Out of the workshop' },
    });
    const id: number = made.task_ids[0];
    await page.goto(`/tasks/${id}`);
    await expect(page.getByRole('link', { name: 'Mend this element' })).toBeVisible({ timeout: TASK_MS });
    // The files that it left come a moment after its end.
    await expect.poll(async () => JSON.stringify((await data(request, 'get', `/api/v1/task/${id}`)).artifacts), { timeout: TASK_MS }).toContain('screen.png');
    await page.reload();
    await settled(page);
    await pictures(page, '1-failed');

    await page.getByRole('link', { name: 'Mend this element' }).click();
    await expect(page).toHaveURL(new RegExp(`/flows/tiktok\\?element=post_button&task=${id}`));
    const verdict = page.getByRole('region', { name: 'Live test' }).getByRole('status');
    await expect(verdict).toContainText('Not on this screen');
    await expect(page.getByRole('img', { name: 'The screen on which it is looked for' })).toBeVisible();
    await pictures(page, '2-broken');

    // A draft that is faulty says so, and cannot be saved.
    const save = page.getByRole('button', { name: 'Save as a new version' });
    await page.getByRole('radio', { name: 'TOML text' }).check({ force: true });
    const text = page.getByRole('textbox', { name: 'TOML text' });
    const before = await text.inputValue();
    await text.fill('[{ txt = "Post" }]');
    await expect(page.getByRole('alert')).toContainText('elements.toml');
    await expect(save).toBeDisabled();
    await text.fill(before);
    await expect(page.getByRole('alert')).toHaveCount(0);

    // As a form: an alternative more, and it turns green as it is typed.
    await page.getByRole('radio', { name: 'Form' }).check({ force: true });
    await page.getByRole('button', { name: 'Add an alternative' }).click();
    const third = page.getByRole('group', { name: /^Alternative 3/ });
    const [name, value] = Object.entries(good[0]?.fields ?? {})[0] ?? ['text', 'Post'];
    await third.getByRole('combobox', { name: 'Condition' }).selectOption(name);
    await third.getByRole('textbox', { name, exact: true }).fill([value].flat().join('\n'));
    for (const [more, of] of Object.entries(good[0]?.fields ?? {}).slice(1)) {
      await third.getByRole('button', { name: 'Add a condition' }).click();
      await third.getByRole('combobox', { name: 'Condition' }).last().selectOption(more);
      const control = third.getByLabel(more, { exact: true });
      if (typeof of === 'boolean') await control.selectOption(String(of));
      else await control.fill([of].flat().join('\n'));
    }
    await expect(verdict).toContainText('Found, by alternative 3');
    await pictures(page, '3-found');

    // A closed tab loses nothing.
    await page.reload();
    await expect(verdict).toContainText('Found, by alternative 3');
    await expect(page.getByText('The draft is kept in this browser')).toBeVisible();

    await save.click();
    const dialog = page.getByRole('dialog', { name: 'Save as a new version' });
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('the app renamed its button');
    await expect(dialog.getByRole('region', { name: 'elements.toml' })).toContainText('Publish it');
    await pictures(page, '4-saving');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('post_button is saved')).toBeVisible();
    await page.getByRole('button', { name: `Retry task #${id}` }).click();
    await page.getByRole('link', { name: `Back to task #${id}` }).click();
    await expect(page.getByRole('heading', { name: 'Proof' })).toBeVisible({ timeout: TASK_MS });
    await expect(page.getByRole('main')).toContainText('completed');

    // Who comes after sees what was changed, by whom and why.
    await page.goto('/flows');
    await settled(page);
    await expect(page.getByText('the app renamed its button')).toBeVisible();
    await expect(page.getByRole('link', { name: 'post_button' })).toBeVisible();
    await pictures(page, '5-flows');
    await page.goto('/flows/tiktok?tab=versions');
    await settled(page);
    await pictures(page, '6-versions');
    await page.getByRole('row', { name: /the app renamed its button/ }).getByRole('button', { name: 'Changes' }).click();
    await expect(page.getByRole('dialog').getByRole('region', { name: 'elements.toml' })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.goto('/flows/tiktok?tab=files&file=post.rhai');
    await expect(page.getByRole('region', { name: 'post.rhai' })).toContainText('fn run(');
    await pictures(page, '7-files');

    // Switched off it takes no task; what waits is counted first.
    await page.goto('/flows');
    const toggle = page.getByRole('switch', { name: 'Like on tiktok: enabled' });
    await toggle.click();
    await expect(page.getByRole('dialog')).toContainText('0 pending tasks will wait');
    await page.getByRole('button', { name: 'Switch off' }).click();
    await expect(toggle).toHaveAttribute('aria-checked', 'false');
    await toggle.click();
    await expect(toggle).toHaveAttribute('aria-checked', 'true');
  } finally {
    await data(request, 'post', '/api/v1/packs/tiktok/revert', { reason: 'the test is over' });
  }
  // The faulty draft was refused, and the browser says so.
  expect(wrong.filter((one) => !one.includes('400 (Bad Request)'))).toEqual([]);
});
