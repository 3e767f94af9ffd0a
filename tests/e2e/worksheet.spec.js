// The worked example and its worksheet, on the screen and on paper.


import { expect, open, test } from './fixture.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

const sheet = (/** @type {Page} */ page) => page.getByRole('dialog', { name: 'Worksheet' });
const button = (/** @type {Page} */ page) => page.getByRole('button', { name: 'Worksheet' });

test('a lane too large for paper says so, and leads to the worked example', async ({ page }) => {
  await open(page);
  await button(page).click();
  await expect(sheet(page)).toContainText('worksheet: expected at most 3 units, 6 steps, 4 inputs and 4 outputs, found 16 units, 40 steps');
  await expect(sheet(page).getByRole('button', { name: 'Print' })).toBeHidden();
  await sheet(page).getByRole('button', { name: 'Open the worked example' }).click();
  await expect(sheet(page).getByRole('heading', { level: 2 })).toHaveText('Worked example, by hand: LSTM');
  await page.keyboard.press('Escape');
  await expect(sheet(page)).toBeHidden();
  await expect(button(page)).toBeFocused();
  await expect(page.locator('#data')).toHaveValue('hand');
  await page.keyboard.press('Control+z');
  await expect(page.locator('#data')).toHaveValue('text');
});

test('the worked example is a link, and every lane has round weights', async ({ page }) => {
  await open(page, '#data=hand');
  await expect(page.locator('#lanes .lane-words i')).toHaveText(['tanh, round weights', 'round weights', 'round weights']);
  await expect(page.locator('#lanes small')).toHaveText([/^2 units/, /^2 units/, /^2 units/]);
  await expect(page.locator('#T')).toBeHidden();
  await expect(page.locator('#rho')).toBeHidden();
  await page.getByRole('button', { name: 'Add an RNN lane' }).click();
  await expect(page.locator('#lanes small')).toHaveCount(4);
});

test('the worksheet has blanks, or the answers that the page shows', async ({ page }) => {
  await open(page, '#data=hand&on=2.h.1&at=f1');
  await button(page).click();
  await expect(sheet(page).getByRole('heading', { level: 3 })).toHaveText([
    'Given', 'Equations', 'Forward, t = 1, input 1', 'Forward, t = 2, input 0.5', 'Forward, t = 3, input −1',
    'Backward, t = 3, input −1', 'Backward, t = 2, input 0.5', 'Backward, t = 1, input 1', 'Gradients of the weights, summed over the steps',
  ]);
  await expect(sheet(page).locator('.stage b')).toHaveCount(0);
  expect(await sheet(page).locator('.blank').count()).toBeGreaterThan(80);
  await sheet(page).getByText('with answers').click();
  await expect(sheet(page).locator('.blank')).toHaveCount(0);
  // σ(1) and tanh(1), as any table has them.
  const first = sheet(page).locator('.stage').first().locator('tbody tr');
  await expect(first.nth(0).locator('b').first()).toHaveText('0.7311');
  await expect(first.nth(2).locator('b').first()).toHaveText('0.7616');
  const h = await first.nth(5).locator('b').first().textContent();
  await sheet(page).getByRole('button', { name: 'Close' }).click();
  expect((await page.locator('.reading code').textContent())?.slice(0, 6)).toBe(h);
});

test('stacks, both directions and normalised lanes have one, too', async ({ page }) => {
  await open(page, '#data=hand&lanes=lstm&directions=both');
  await button(page).click();
  await expect(sheet(page).getByRole('heading', { name: 'Forward, right to left, t = 3, input −1' })).toBeVisible();
  await expect(sheet(page).getByRole('heading', { name: 'Backward, inputs, t = 1, input 1' })).toBeVisible();
  await expect(sheet(page)).toContainText('the columns of U multiply what comes from the step before');
  await page.keyboard.press('Escape');
  await open(page, '#data=hand&lanes=gru&norm=on');
  await button(page).click();
  await expect(sheet(page).locator('.stage').first().locator('thead th')).toHaveText(['unit 1', 'unit 2', 'unit 3']);
  await sheet(page).getByText('with answers').click();
  expect(await sheet(page).locator('.stage b').count()).toBeGreaterThan(200);
});

test('paper has the worksheet alone', async ({ page }) => {
  await open(page, '#data=hand&on=1.h.1');
  await button(page).click();
  await expect(sheet(page)).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('main')).toBeHidden();
  await expect(page.locator('.sheet-bar')).toBeHidden();
  await expect(sheet(page).getByRole('heading', { level: 2 })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(255, 255, 255)');
  for (const format of ['A4', 'Letter']) {
    const pages = (await page.pdf({ format })).toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages, format).toBeGreaterThanOrEqual(2);
    expect(pages, format).toBeLessThanOrEqual(4);
  }
});

onScreens('axe finds nothing in the worksheet', async (page) => {
  await open(page, '#data=hand');
  await button(page).click();
  await sheet(page).getByText('with answers').click();
  await accessible(page);
  await fits(page);
});
