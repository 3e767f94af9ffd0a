import { expect, open, test } from './fixture.js';
import { drag, later, openFile, picture, steps } from './screen.js';

const words = '.words > g:first-child text';

test('text is typed, character by character', async ({ page }) => {
  await open(page);
  await page.locator('#text').fill('hello hello hello hello hello');
  await drag(page.locator('#T'), '10');
  await expect(page.locator('.field', { has: page.locator('#T') })).toHaveAttribute('title', /at most 28/);
  await expect(page.locator(words)).toHaveText(['h', 'e', 'l', 'l', 'o', '␣', 'h', 'e', 'l', 'l']);
});

test('numbers are pasted as CSV; a wrong one is named beside the control, and the picture stays', async ({ page }) => {
  await open(page);
  await page.locator('#data').selectOption('numbers');
  await page.locator('#numbers').fill('1, 2, 4, 8, 16, 8, 4, 2, 1, 2, 4, 8');
  const before = await picture(page);
  await page.locator('#numbers').fill('1, 2, three, 4, 5, 6');
  const wrong = page.locator('#numbers-wrong');
  await expect(wrong).toBeVisible();
  await expect(wrong).toContainText('expected');
  await expect(page.locator('#numbers')).toHaveAttribute('aria-invalid', 'true');
  expect(await picture(page)).toBe(before);
  await page.locator('#numbers').fill('1, 2, 3, 4, 5, 6, 7');
  await expect(wrong).toBeHidden();
});

test('a box that has the focus shows what came another way, not what it held before', async ({ page }) => {
  await open(page);
  await page.locator('#data').selectOption('numbers');
  const box = page.locator('#numbers');
  await box.fill('1, 2, 3, 4, 5, 6');
  await box.fill('1, 2, three');
  await expect(page.locator('#numbers-wrong')).toBeVisible();
  await openFile(page, 'digits.csv', '3\n1\n4\n1\n5\n9\n2\n6\n');
  await expect(box).toBeFocused();
  await expect(box).toHaveValue(/^3\s1\s4/);
  await expect(page.locator('#numbers-wrong')).toBeHidden();
  await later(page);
  await box.fill('7, 8, 9, 10');
  await box.blur();
  await box.focus();
  await page.goBack();
  await expect(box).toHaveValue(/^3\s1\s4/);
  await page.goForward();
  await expect(box).toHaveValue('7, 8, 9, 10');
});

test('what is too long is refused whole, and stays to be corrected', async ({ page }) => {
  await open(page);
  const before = await picture(page);
  const long = 'a long sentence, '.repeat(3000);
  await page.locator('#text').fill(long);
  await expect(page.locator('#text-wrong')).toContainText('at most');
  await expect(page.locator('#text')).toHaveValue(long);
  expect(await picture(page)).toBe(before);
  await page.locator('#text').blur();
  await expect(page.locator('#text')).toHaveValue(long);
});

test('a number out of range is refused beside its control', async ({ page }) => {
  await open(page);
  const entry = page.getByRole('textbox', { name: 'Steps, value' });
  const before = await steps(page);
  await entry.fill('100000');
  await entry.press('Enter');
  await expect(page.locator('#T-wrong')).toContainText('expected');
  expect(await steps(page)).toBe(before);
});

test('sunspots and recall are there from the start', async ({ page }) => {
  await open(page);
  await page.locator('#data').selectOption('sunspots');
  await expect(page.locator('#source')).toContainText(/sunspot|SILSO/i);
  await expect(page.locator('#text')).toBeHidden();
  await page.locator('#data').selectOption('recall');
  await expect(page.locator('#source')).not.toBeEmpty();
  await page.locator('#data').selectOption('text');
  await expect(page.locator('#text')).toBeVisible();
});

test('a loss at every step lets the gradient of every loss be seen', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('radio', { name: 'every loss' })).toBeHidden();
  await page.getByRole('radio', { name: 'many to many' }).check();
  const before = await picture(page);
  await page.getByRole('radio', { name: 'every loss' }).check();
  await expect.poll(() => picture(page)).not.toBe(before);
});
