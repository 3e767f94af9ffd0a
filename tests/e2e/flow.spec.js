import { expect, open, test } from './fixture.js';
import { drag, figure, later, picture, slider } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

const MANY = '#shape=many-to-many&tab=flow&loss=34';

/**
 * Moves the pointer a pixel at a time until the tip says this; where that is.
 * @param {Page} page
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} by
 * @param {string} text
 */
async function pointAt(page, from, by, text) {
  const at = { ...from };
  await expect(async () => {
    await page.mouse.move(at.x, at.y);
    const said = await page.locator('.tip').textContent({ timeout: 200 });
    if (said?.includes(text)) return;
    at.x += by.x;
    at.y += by.y;
    throw new Error(`${said} at ${at.x}, ${at.y}`);
  }).toPass({ intervals: [0] });
  return at;
}

/** @param {Page} page */
const gauges = (page) => page.locator('.gutter.flow .gauge').allTextContents();

test('the tab shows every loss at every step; the first picture does without its module', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  expect(asked.filter((url) => url.includes('flow'))).toEqual([]);
  const before = await picture(page);
  await page.getByRole('tab', { name: 'Gradient flow' }).click();
  await expect(page.getByRole('tab', { name: 'Gradient flow' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tabpanel', { name: 'Gradient flow' })).toBeVisible();
  await expect(page.locator('.gutter.flow')).toHaveCount(3);
  expect(await picture(page)).not.toBe(before);
  await expect(page).toHaveURL(/#tab=flow$/);
  // One loss, one row: a button asks for more.
  await expect(page.locator('.flow-note')).toContainText('one row');
  // Changes of one second are one step back.
  await later(page);
  await page.getByRole('button', { name: 'A loss at every step' }).click();
  await expect(page.locator('.flow-note')).toHaveCount(0);
  await expect(page).toHaveURL(/shape=many-to-many/);
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole('tab', { name: 'Unrolled' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('.gutter.flow')).toHaveCount(0);
  await expect.poll(() => picture(page)).toBe(before);
});

test('a link opens the tab with its loss', async ({ page }) => {
  await open(page, MANY);
  await expect(page.getByRole('tab', { name: 'Gradient flow' })).toHaveAttribute('aria-selected', 'true');
  for (const gauge of await gauges(page)) expect(gauge).toMatch(/of loss 34 is left at k.=.1$/);
});

test('tabs and losses are chosen by keyboard', async ({ page }) => {
  await open(page, '#shape=many-to-many');
  await page.getByRole('tab', { name: 'Unrolled' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Gradient flow' })).toBeFocused();
  await expect(page.locator('.gutter.flow')).toHaveCount(3);
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '80');
  await figure(page).focus();
  for (let n = 0; n < 6; n += 1) await page.keyboard.press('ArrowUp');
  await expect(page.locator('.gutter.flow .gauge').first()).toContainText('of loss 34');
  await expect(page).toHaveURL(/loss=34/);
  // The playhead says how far that loss has come.
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#caption')).toContainText(/k.=.2.*Left of loss 34 after 32 steps: RNN/);
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#caption')).toContainText('loss 35');
});

test('a click on a row follows its loss', async ({ page }) => {
  await open(page, MANY);
  const box = await page.locator('.loss-name').first().boundingBox();
  if (!box) throw new Error('no name');
  const before = await picture(page);
  // The name stands 19 px over its row. Some rows up from that, twenty columns to the left.
  const row = { x: box.x - 300, y: box.y + 20.5 };
  const { x, y } = await pointAt(page, row, { x: 0, y: -1 }, 'norm of loss 31');
  await page.mouse.click(x, y);
  await expect(page.locator('.gutter.flow .gauge').first()).toContainText('of loss 31');
  expect(await picture(page)).not.toBe(before);
  await pointAt(page, row, { x: 0, y: 0.5 }, 'norm of loss 34');
  await expect(page.locator('.tip')).toContainText('of that at k = 34');
});

test('a bar of the shares follows its loss, and the words say its share', async ({ page }) => {
  await open(page, MANY);
  const given = page.locator('.gutter.flow .given').first();
  await expect(given).toContainText(/loss 34: [\d.]+/);
  const [words, name] = [await given.textContent(), await page.locator('.loss-name').first().boundingBox()];
  const box = await given.boundingBox();
  if (!box || !name) throw new Error('no place');
  // The bar of loss 33 stands left of that of 34, at the right end of whose row its name stands.
  const { x, y } = await pointAt(page, { x: name.x - 4, y: box.y + 8 }, { x: -1, y: 0 }, 'share of loss 33');
  await page.mouse.click(x, y);
  await expect(page.locator('.gutter.flow .gauge').first()).toContainText('of loss 33');
  await expect(given).not.toHaveText(String(words));
  await expect(page.locator('#caption')).toContainText('Its share of the recurrent weights’ gradient: RNN');
});

test('a moving ρ redraws', async ({ page }) => {
  await open(page, MANY);
  const rho = page.getByRole('slider', { name: 'Recurrent scale ρ' });
  const [before] = await gauges(page);
  const first = await picture(page);
  await drag(rho, '1.4');
  await expect.poll(() => picture(page)).not.toBe(first);
  expect((await gauges(page))[0]).not.toBe(before);
});

test('the largest figure is computed in parts, with frames between them', async ({ page }) => {
  await page.addInitScript(() => {
    const own = /** @type {any} */ (window);
    own.frames_drawn = 0;
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (work) => request((time) => { own.frames_drawn += 1; work(time); });
  });
  await open(page, '#shape=many-to-many&data=sunspots&T=200&H=64');
  await page.evaluate(() => { /** @type {any} */ (window).frames_drawn = 0; });
  await page.getByRole('tab', { name: 'Gradient flow' }).click();
  await expect(page.locator('.gutter.flow')).toHaveCount(3);
  expect(await page.evaluate(() => /** @type {any} */ (window).frames_drawn)).toBeGreaterThan(3);
});

test('the table says what the figure shows', async ({ page }) => {
  await open(page, MANY);
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('columnheader', { name: 'RNN, left of loss 34' })).toBeVisible();
  await expect(page.locator('#table-dialog tbody tr')).toHaveCount(40);
});

onScreens('flow: axe finds nothing, and nothing is wider than the page', async (page) => {
  const check = async () => {
    await accessible(page);
    await fits(page);
  };
  await open(page, MANY);
  await check();
  await open(page, '#tab=flow');
  await page.reload();
  await expect(page.locator('.flow-note')).toBeVisible();
  await check();
});
