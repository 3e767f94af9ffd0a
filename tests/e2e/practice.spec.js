import { expect, open, test } from './fixture.js';
import { drag, picture } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

const words = (/** @type {Page} */ page) => page.locator('.words .inputs text');
const shares = async (/** @type {Page} */ page) =>
  (await page.locator('.fares b').allTextContents()).map((text) => Number.parseFloat(text));

/** @param {Page} page */
const learnt = async (page) => {
  await expect(page.locator('.fares b').first()).not.toBeEmpty();
  await expect(page.locator('.learning')).toBeHidden({ timeout: 30000 });
};

test('examples are loaded when their task is chosen, and not before', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await open(page);
  expect(asked.filter((path) => path.endsWith('.txt') || path.includes('practice'))).toEqual([]);
  await page.locator('#data').selectOption('tags');
  await expect(words(page)).toHaveText(['the', 'young', 'watch', 'the', 'river']);
  expect(asked.filter((path) => path.endsWith('.txt'))).toHaveLength(1);
  await expect(page.locator('#source')).toContainText('written and tagged by hand for this project');
  await page.getByRole('button', { name: 'Next example' }).click();
  await expect(page.locator('#example')).toHaveValue('2');
  await page.getByRole('button', { name: 'Previous example' }).click();
  await page.getByRole('button', { name: 'Previous example' }).click();
  await expect(page.locator('#source')).toContainText('one to learn from');
});

test('a lane that reads both ways learns what one that reads one way cannot; a link brings it back', async ({ page }) => {
  await open(page, '#data=tags&epochs=12&lanes=rnn,rnn~directions:both');
  await learnt(page);
  const [one = 0, both = 0] = await shares(page);
  expect(one).toBeLessThan(88);
  expect(both).toBeGreaterThan(93);
  await expect(page.locator('.lane-head').nth(1)).toContainText(`${both.toFixed(1)} % right`);
  const seen = await picture(page);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  await learnt(page);
  await expect.poll(() => picture(page)).toBe(seen);
});

test('learning is stopped, goes on, and a hand goes back through its epochs', async ({ page }) => {
  await open(page, '#data=digits&lanes=lstm&H=48');
  await expect(page.locator('.image rect')).toHaveCount(64);
  await expect(page.locator('.words .pixels rect')).toHaveCount(72);
  await drag(page.locator('#epochs'), '40');
  await expect(page.locator('.learning')).toContainText(/Epoch [2-9] of 40/, { timeout: 20000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await learnt(page);
  const stopped = Number(await page.locator('#epochs').inputValue());
  expect(stopped).toBeGreaterThan(0);
  expect(stopped).toBeLessThan(40);
  expect(page.url()).toContain(`epochs=${stopped}`);
  const after = await page.locator('.fares b').textContent();
  await drag(page.locator('#epochs'), '0');
  await expect(page.locator('.fares b')).not.toHaveText(after ?? '');
  await drag(page.locator('#epochs'), String(stopped));
  await expect(page.locator('.fares b')).toHaveText(after ?? '');
});

test('an own sentence is read, and an unknown word marked', async ({ page }) => {
  await open(page, '#data=tags');
  await page.locator('#own').fill('the zebra can fish');
  await expect(words(page)).toHaveText(['the', 'zebra?', 'can', 'fish']);
  await page.locator('#own').fill('the can/cat');
  await expect(page.locator('#own-wrong')).toContainText('expected one of ADJ');
  await expect(words(page)).toHaveText(['the', 'zebra?', 'can', 'fish']);
});

test('where examples cannot be loaded a message says so, and all stays as it was', async ({ page, guard }) => {
  await page.route('**/*mood*.txt', (route) => route.fulfill({ status: 404, body: '' }));
  await open(page);
  const before = await picture(page);
  await page.locator('#data').selectOption('mood');
  await expect(page.locator('#data-wrong')).toContainText('mood.txt: the examples could not be loaded');
  expect(await picture(page)).toBe(before);
  await page.evaluate(() => { location.hash = 'data=mood'; });
  await expect(page.getByRole('alert')).toContainText('could not be loaded');
  await expect(words(page)).toHaveCount(40);
  guard.wrongs.length = 0;
});

onScreens('learning: axe finds nothing, and nothing is wider than the page', async (page, { width }) => {
  await open(page, '#data=digits&epochs=1&lanes=gru');
  if (width === 390) await page.locator('#experiment-head').click();
  await learnt(page);
  await accessible(page);
  await fits(page);
});
