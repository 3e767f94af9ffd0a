import { expect, open, test } from './fixture.js';

// Before the first picture only a part of the engine is there, which holds what the figure needs and no more.

/** @import { Page } from '@playwright/test' */

const ENGINE = /pkg\/unrolled_bg(\.[0-9a-f]+)?\.wasm$/;
const OPENING = /pkg\/opening_bg(\.[0-9a-f]+)?\.wasm$/;

/**
 * Keeps the whole engine back until the function that this returns is called.
 * @param {Page} page
 */
async function holdBack(page) {
  /** @type {() => void} */
  let release = () => undefined;
  const held = new Promise((resolve) => { release = () => resolve(undefined); });
  await page.route(ENGINE, async (route) => {
    await held;
    await route.continue();
  });
  return () => release();
}

/** @param {Page} page */
const firstPicture = (page) => page.waitForFunction(() => performance.getEntriesByName('first-picture').length > 0);

/**
 * What the figure shows: its texts with their places, and its pixels.
 * @param {Page} page
 */
const figure = (page) => page.evaluate(() => {
  const canvases = [...document.querySelectorAll('#figure canvas')];
  const pixels = canvases.map((canvas) => (canvas instanceof HTMLCanvasElement && !canvas.hidden ? canvas.toDataURL() : ''));
  const texts = [...document.querySelectorAll('#figure b, #figure span, #figure math, #figure text, #transport text, #legend')].map((node) => {
    const { x, y } = node.getBoundingClientRect();
    return `${node.textContent} ${Math.round(x)} ${Math.round(y)}`;
  });
  return { pixels, texts };
});

const SIZES = /** @type {const} */ ([[1440, 900], [1280, 720], [390, 844], [1023, 700], [1920, 1080], [768, 1024]]);
for (const [width, height] of SIZES) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`the opening draws what the whole engine draws: ${width} × ${height}, ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      const release = await holdBack(page);
      await page.goto('./');
      await firstPicture(page);
      const first = await figure(page);
      expect(first.texts.length).toBeGreaterThan(50);
      release();
      await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
      expect(await figure(page)).toEqual(first);
    });
  }
}

test('the opening is a small part of the engine', async ({ page }) => {
  /** @type {Map<string, Promise<number>>} */
  const sizes = new Map();
  page.on('response', (response) => {
    for (const file of [ENGINE, OPENING]) {
      if (file.test(response.url())) sizes.set(file.source, response.body().then((body) => body.length));
    }
  });
  await open(page);
  const [whole, part] = [await sizes.get(ENGINE.source), await sizes.get(OPENING.source)];
  expect(part).toBeLessThan((whole ?? 0) / 3);
});

test('what is pressed before the page is whole is done then', async ({ page }) => {
  const release = await holdBack(page);
  await page.goto('./');
  await firstPicture(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('PageDown');
  await page.locator('#on').click();
  await page.locator('#picture label', { hasText: 'boxes' }).click();
  await page.setViewportSize({ width: 1200, height: 800 });
  await expect(page.locator('.flag')).toHaveText(/t = 1/);
  release();
  await expect(page.locator('.flag')).toHaveText(/t = 3/);
  await expect(page.locator('#why')).toBeVisible();
});

test('a page whose opening fails opens by the whole engine', async ({ page }) => {
  await page.route(OPENING, (route) => route.fulfill({ contentType: 'application/wasm', body: 'no engine' }));
  await open(page);
  await expect(page.locator('#figure .gutter')).toHaveCount(3);
});

test('an address that asks for more waits for the whole engine', async ({ page }) => {
  const release = await holdBack(page);
  await page.goto('./#tab=spectrum&lanes=gru');
  await expect(page.locator('#wait')).toBeVisible();
  release();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  await expect(page.locator('#tab-spectrum')).toHaveAttribute('aria-selected', 'true');
});

test('the page fetches the opening at once, a link the whole engine, and nothing that it does not use', async ({ page }) => {
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.wasm'))
    .map((entry) => `${/** @type {PerformanceResourceTiming} */ (entry).initiatorType} ${entry.name}`.replace(/http.*\//, '')));
  await open(page);
  expect(await fetched()).toEqual(['link opening_bg.wasm', 'fetch unrolled_bg.wasm']);
  await page.goto('about:blank');
  await open(page, '#rho=1.5');
  expect(await fetched()).toEqual(['link unrolled_bg.wasm']);
});
