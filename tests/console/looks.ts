// What holds on every page: no word in the browser's console, nothing from elsewhere, nothing that axe finds.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

/** Collects what a page complains of and what it asks of other machines. */
export function watch(page: Page, base = test.info().project.use.baseURL ?? ''): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A file that is no real video does not play: that is the demo's, and the tile shows a sign in its place.
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('ERR_INTERNET_DISCONNECTED')) {
      wrong.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(base);
    if (!own && !url.startsWith('blob:') && !url.startsWith('data:')) wrong.push(`asks elsewhere: ${url}`);
  });
  return wrong;
}

/** Axe's rules for everybody, at their strictest. */
export async function expectAccessible(page: Page, name: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((one) => `${one.id} (${one.impact}): ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(told, `axe on ${name}`).toEqual([]);
}

/** Nothing is wider than the screen. */
export async function expectNoSidewaysScroll(page: Page, name: string) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${name} is wider than its screen`).toBeLessThanOrEqual(0);
}

/** The page has loaded what it shows. */
export async function settled(page: Page) {
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
}
