import { expect, open, test } from './fixture.js';
import { drag } from './screen.js';
import { accessible, fits } from './screens.js';

test('a lesson opens its experiment and says its sentence, until a setting changes', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  expect(asked.filter((url) => url.includes('lessons'))).toEqual([]);
  await expect(page.locator('#lesson p')).toBeHidden();
  await page.getByRole('button', { name: 'Lessons' }).click();
  const links = page.locator('#lesson-menu a');
  await expect(links).toHaveCount(9);
  await expect(links.first()).toBeFocused();
  await accessible(page);
  await page.getByRole('link', { name: /^ReLU at ρ = 1.6 explodes/ }).click();
  await expect(page.locator('#lesson-menu')).toBeHidden();
  await expect(page.locator('#lesson p')).toContainText('more than a hundredfold');
  await expect(page.getByRole('tab', { name: 'Spectrum' })).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/lesson=relu-explodes/);
  await expect(page.locator('#lanes b')).toHaveText(['RNN']);
  await drag(page.getByRole('slider', { name: 'Recurrent scale ρ' }), '0.5');
  await expect(page.locator('#lesson p')).toBeHidden();
  await page.goBack();
  await expect(page.locator('#lesson p')).toContainText('more than a hundredfold');
});

test('a lesson with weights of its own comes in its link', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Lessons' }).click();
  await page.getByRole('link', { name: /^ρ < 1, yet it grows/ }).click();
  await expect(page.locator('.plane .dial b').first()).toHaveText('0');
  await expect(page.locator('.gutter.spectrum .gauge b')).toHaveText('1.19×10⁷');
  await expect(page.getByRole('combobox', { name: 'Data' })).toHaveValue('file');
  await page.reload();
  await expect(page.locator('#lesson p')).toContainText('ρ(W) speaks only for the linear network');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('the lessons have their button over the figure', async ({ page }) => {
    await open(page);
    await page.getByRole('button', { name: 'Lessons' }).click();
    await page.getByRole('link', { name: /^A saturated softmax/ }).click();
    await expect(page.locator('#lesson p')).toContainText('no gradient enters at T');
    await expect(page.locator('.gutter .gauge').first()).toContainText('exactly 0');
    await fits(page);
  });
});
