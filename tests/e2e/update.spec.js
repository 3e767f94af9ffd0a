import { expect, open, test } from './fixture.js';
import { drag, figure, picture, save } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

/** ReLU at ρ = 1.6 explodes. */
const CLIFF = '#shape=many-to-many&act=relu&rho=1.6&tab=update';

/** @param {Page} page */
const sentences = (page) => page.locator('.sentence').allTextContents();

test('the tab shows the step; the first picture does without its module', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  expect(asked.filter((url) => url.includes('update'))).toEqual([]);
  const before = await picture(page);
  await page.getByRole('tab', { name: 'Update' }).click();
  await expect(page.getByRole('tabpanel', { name: 'Update' })).toBeVisible();
  await expect(page.locator('.gutter.update')).toHaveCount(3);
  await expect(page.locator('.sentence')).toHaveCount(9);
  expect(await picture(page)).not.toBe(before);
  await expect(page.locator('#caption')).toContainText('The step η·g = ');
  await expect(page).toHaveURL(/#tab=update$/);
  await page.goBack();
  await expect(page.locator('.gutter.update')).toHaveCount(0);
  await expect(page.locator('.sentence')).toHaveCount(0);
  await expect(page.locator('svg.strokes')).toHaveCount(0);
  await expect.poll(() => picture(page)).toBe(before);
});

test('entries are counted in the layer that is chosen', async ({ page }) => {
  await open(page, '#tab=update&layers=2');
  const entries = page.locator('.sentence').nth(2);
  await expect(entries).toContainText(/^In layer.1: /);
  await expect(page.locator('.block-name')).toHaveCount(5 + 10 + 8);
  const before = await picture(page);
  await page.getByRole('combobox', { name: 'Layer and direction of the gradients' }).selectOption('2');
  await expect(entries).toContainText(/^In layer.2: /);
  await expect.poll(() => picture(page)).not.toBe(before);
});

test('clipping is chosen over the figure, and what it does is said and drawn', async ({ page }) => {
  await open(page, CLIFF);
  const taken = page.locator('.strokes .taken:not(.halo)');
  await expect(taken.first()).toHaveClass(/off/);
  await page.getByRole('group', { name: 'clip' }).getByRole('radio', { name: 'by norm' }).check();
  await expect(page.locator('.gutter.update').first()).toContainText('clipped by norm at 1.00');
  await expect(taken.first()).toHaveClass(/norm/);
  await expect(page).toHaveURL(/clip=norm/);
  const [, before] = await sentences(page);
  expect(before).toMatch(/^The step η·g\s=\s.*\slong, (raises|lowers) the loss from .* to .*; clipped to norm 1.00 it falls to /);
  await drag(page.getByRole('slider', { name: 'Learning rate η' }), '0.5');
  await expect.poll(async () => (await sentences(page))[1]).not.toBe(before);
});

test('a link brings clipping, threshold and rate of every lane', async ({ page }) => {
  await open(page, `${CLIFF}&clip=value&clipat=0.5&eta=0.3&lanes=rnn,lstm~clip:norm`);
  await expect(page.locator('.gutter.update').first()).toContainText('clipped by value at 0.500');
  await expect(page.locator('.gutter.update').last()).toContainText('clipped by norm at 0.500');
  await page.getByRole('button', { name: 'Settings of LSTM' }).click();
  await expect(page.getByRole('radiogroup', { name: 'Clip the step', exact: true })).toHaveCount(2);
});

test('the pointer reads loss, bins and vectors; ↑ and ↓ choose a lane', async ({ page }) => {
  await open(page, CLIFF);
  const box = await figure(page).boundingBox();
  const maps = await page.locator('.strokes .halo').first().boundingBox();
  if (!box || !maps) throw new Error('no map');
  await page.mouse.move(maps.x + 4, maps.y + 12);
  await expect(page.locator('.tip')).toContainText('loss at these weights');
  await expect(page.locator('.tip')).toContainText('along −g');
  await figure(page).focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('#caption')).toContainText('RNN: The step η·g = ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#caption')).toContainText('GRU: The step η·g = ');
});

test('the map gets finer in parts, with frames between them, and ends', async ({ page }) => {
  await open(page, '#shape=many-to-many&data=sunspots&T=60&H=24&tab=update');
  const first = await picture(page);
  await expect.poll(() => picture(page), { timeout: 60_000 }).not.toBe(first);
  let last = 0;
  await expect.poll(async () => {
    const now = await picture(page);
    const same = now === last;
    last = now;
    await page.waitForTimeout(300);
    return same;
  }, { timeout: 90_000 }).toBe(true);
});

test('table and drawing say what the figure shows', async ({ page }) => {
  await open(page, `${CLIFF}&clip=norm`);
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('rowheader', { name: 'loss after the step, clipped by norm' })).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'loss along −g, point 33 of 33' })).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  const { text } = await save(page, 'Figure as SVG');
  expect(text).toContain('Loss around');
  expect(text).toContain('The step η·g = ');
});

onScreens('update: axe finds nothing, and nothing is wider than the page', async (page) => {
  await open(page, `${CLIFF}&clip=norm`);
  await accessible(page);
  await fits(page);
});
