// Three phones worked on with one hand: chosen on the farm's page, an app opened, a text typed once and found on all three.
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll, settled, watch } from './looks.ts';
import { hierarchy, touch } from './world.ts';

const NOTES = 'com.example.notes';
const TEXT = 'Grüße, 你好 — Ωμέγα 🌊';
/** As Android tells it: its dump has two dots in the place of what is beyond the basic plane. */
const SHOWN = TEXT.replace('🌊', '..');
const SERIALS = ['SIM0001', 'SIM0002', 'SIM0003'];

/** Waits until something is on the screens of all three. */
async function onAll(page: Page, text: string) {
  for (const serial of SERIALS) await expect.poll(() => hierarchy(page.request, serial), { message: `${text} on ${serial}` }).toContain(text);
}

for (const [size, width, height, colorScheme] of [
  ['laptop', 1280, 800, 'light'],
  ['large', 2560, 1440, 'dark'],
  ['phone', 390, 844, 'dark'],
  ['laptop-dark', 1280, 800, 'dark'],
  ['phone-light', 390, 844, 'light'],
] as const) {
  // The first one is the journey; the others look at the same places.
  const isJourney = size === 'laptop';
  test(`one hand on three phones, ${size}`, { tag: isJourney ? [] : ['@all'] }, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    // As an operator does it once with each phone: now it types every script.
    for (const serial of SERIALS) {
      // What a test before had run there ends first.
      const prepared = async () => (await page.request.post(`/api/v1/devices/${serial}/prepare`, { data: {} })).text();
      await expect.poll(prepared, { message: `${serial} is prepared`, timeout: 180_000 }).toContain('"code":0');
    }
    const wrong = watch(page);
    const picture = (name: string) => page.screenshot({ path: `../../target/console/sync/${name}-${size}.png` });
    await page.goto('/farm');
    await settled(page);
    for (const serial of SERIALS) await expect(page.getByRole('img', { name: `Screen of ${serial}` })).toBeVisible();
    await expectAccessible(page, 'the farm');
    await picture('1-farm');

    // The first and, with Shift, the last: all between them too.
    const boxes = page.getByRole('checkbox', { name: /Select SIM/ });
    await boxes.first().click();
    await boxes.last().click({ modifiers: ['Shift'] });
    await expect(page.getByText('3 selected')).toBeVisible();
    await picture('2-chosen');
    await page.getByRole('button', { name: 'Control together' }).click();
    const panel = page.getByRole('complementary', { name: /together/ });
    await expect(panel).toContainText('3 phones together');
    // Phones are numbered as they come.
    const lead = (await panel.getByRole('application').getAttribute('aria-label'))?.match(/SIM\d+/)?.[0] ?? '';
    const other = SERIALS.find((serial) => serial !== lead) ?? '';

    await panel.getByText('Address, app, identify').click();
    await panel.getByRole('combobox', { name: 'An app’s package' }).fill(NOTES);
    await panel.getByRole('button', { name: 'Start', exact: true }).click();
    await onAll(page, `${NOTES}:id/add`);
    await panel.getByText('Address, app, identify').click();
    await touch(page.request, page.getByRole('application'), lead, `resource-id=\"${NOTES}:id/add\"`);
    await onAll(page, `${NOTES}:id/body`);
    await touch(page.request, page.getByRole('application'), lead, `resource-id=\"${NOTES}:id/body\"`);
    await panel.getByRole('textbox', { name: 'Text for the phone' }).fill(TEXT);
    await picture('3-typing');
    await panel.getByRole('button', { name: 'Type', exact: true }).click();
    await onAll(page, SHOWN);
    await expect(panel.getByText(/did not do it/)).toHaveCount(0);
    await picture('4-typed');
    await expectAccessible(page, 'three phones together');
    await expectNoSidewaysScroll(page, 'three phones together');

    if (isJourney) {
      // The keyboard goes to all three while the screen has the focus.
      await panel.getByRole('application').focus();
      await page.keyboard.type(' ok');
      await onAll(page, `${SHOWN} ok`);
      // One of them cannot any more: it is named, and stays named.
      await page.request.post(`http://${process.env.DROVER_TEST_CONTROL}/phones/${other}/unplug`);
      await expect(page.getByRole('main')).toContainText('unplugged');
      await panel.getByRole('button', { name: 'Home' }).click();
      const missed = panel.getByRole('region', { name: /1 phone did not do it/ });
      await expect(missed).toContainText(other);
      await picture('5-missed');
      await panel.getByRole('button', { name: 'Back' }).click();
      await expect(missed).toContainText('×2');
      await missed.getByRole('button', { name: 'Seen' }).click();
      await expect(missed).toHaveCount(0);
      await page.request.post(`http://${process.env.DROVER_TEST_CONTROL}/phones/${other}/plug`);
      await expect(page.getByRole('img', { name: `Screen of ${other}` })).toBeVisible();
    }
    await panel.getByRole('button', { name: 'Close' }).click();
    await expect(panel).toHaveCount(0);
    expect(wrong).toEqual([]);
    for (const serial of SERIALS) await page.request.post(`/api/v1/devices/${serial}/input`, { data: { type: 'stop_app', package: NOTES } });
    await context.close();
  });
}
