// What is on a phone's screen, node by node: by the picture, by the tree and its keys, and as flows name it.
import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';

const APP = 'com.instagram.android';

for (const [size, width, height, colorScheme] of [
  ['laptop', 1280, 800, 'light'],
  ['phone', 390, 844, 'dark'],
  ['large', 2560, 1440, 'dark'],
] as const) {
  test(`a screen is inspected, ${size}`, { tag: size === 'laptop' ? [] : ['@all'] }, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    const wrong = watch(page);
    await page.request.post('/api/v1/devices/SIM0001/input', { data: { type: 'start_app', package: APP } });
    await expect.poll(async () => (await page.request.get('/api/v1/devices/SIM0001/hierarchy')).text()).toContain(`${APP}:id/feed_tab`);
    await page.goto('/farm/SIM0001');
    await settled(page);
    await expect(page.getByRole('img', { name: 'Screen of SIM0001' })).toBeVisible();
    await expectAccessible(page, 'one phone, large');
    await page.screenshot({ path: `../../target/console/inspect/1-live-${size}.png` });
    await page.getByRole('button', { name: 'Inspect' }).click();
    const tree = page.getByRole('tree', { name: 'Tree of the screen' });
    await expect(tree).toBeVisible();

    // What a pack finds, chosen by its name.
    await page.getByRole('button', { name: 'home_tab', exact: true }).click();
    const chosen = tree.getByRole('treeitem', { selected: true });
    await expect(chosen).toContainText('#feed_tab');
    const selector = page.getByRole('region', { name: 'For elements.toml' });
    await expect(selector).toHaveText('{ id = "feed_tab" }');
    await page.getByRole('button', { name: 'Copy' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('{ id = "feed_tab" }');
    await page.screenshot({ path: `../../target/console/inspect/2-chosen-${size}.png` });
    await expectAccessible(page, 'the inspector');
    await expectNoSidewaysScroll(page, 'the inspector');

    // By the keys.
    await chosen.focus();
    await page.keyboard.press('Home');
    await expect(tree.getByRole('treeitem').first()).toBeFocused();
    await page.keyboard.press('ArrowLeft');
    await expect(tree.getByRole('treeitem')).toHaveCount(1);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect(tree.getByRole('treeitem').nth(1)).toBeFocused();

    // By the picture: the middle of the tab bar's first button.
    const { data } = await (await page.request.get('/api/v1/devices/SIM0001/inspect')).json();
    const { bounds } = data.nodes.find((node: { resource_id: string }) => node.resource_id.endsWith('id/feed_tab'));
    const canvas = page.locator('.picture canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (!box) throw new Error('no picture');
    await canvas.click({ position: { x: ((bounds[0] + 8) / data.width) * box.width, y: ((bounds[1] + 8) / data.height) * box.height } });
    await expect(selector).toHaveText('{ id = "feed_tab" }');
    expect(wrong).toEqual([]);
    await page.request.post('/api/v1/devices/SIM0001/input', { data: { type: 'stop_app', package: APP } });
    await context.close();
  });
}
