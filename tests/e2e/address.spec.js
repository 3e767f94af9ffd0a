import { expect, open, test } from './fixture.js';
import { drag, laneNames, later, picture, position } from './screen.js';

test('the address brings experiment and cursor back', async ({ page, context }) => {
  await open(page);
  await drag(page.locator('#rho'), '1.7');
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: 'Add a GRU lane' }).click();
  await page.locator('#figure').focus();
  for (let k = 0; k < 8; k += 1) await page.keyboard.press('PageDown');
  await expect(page).toHaveURL(/rho=1\.7.*at=f9/);
  const seen = { rho: await page.locator('#rho').inputValue(), at: await position(page), lanes: await laneNames(page) };
  expect(seen.at).toBe(9);

  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  expect({ rho: await page.locator('#rho').inputValue(), at: await position(page), lanes: await laneNames(page) }).toEqual(seen);

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator('html')).toHaveAttribute('data-ready', '1');
  expect(await position(other)).toBe(seen.at);
  expect(await laneNames(other)).toEqual(seen.lanes);
});

test('back and forward go through the settings', async ({ page }) => {
  await open(page);
  const rho = page.locator('#rho');
  const first = await rho.inputValue();
  await drag(rho, '0.4');
  await later(page);
  await drag(rho, '2.5');
  await page.goBack();
  await expect(rho).toHaveValue('0.4');
  await page.goBack();
  await expect(rho).toHaveValue(first);
  await page.goForward();
  await page.goForward();
  await expect(rho).toHaveValue('2.5');
});

test('a wrong address gives one message, and the picture stays', async ({ page }) => {
  await open(page, '#rho=1.7');
  const before = await picture(page);
  await page.evaluate(() => { location.hash = 'rho=lots'; });
  const alert = page.getByRole('alert');
  await expect(alert).toBeVisible();
  await expect(alert).toContainText('rho');
  await expect(alert).toContainText('expected');
  expect(new URL(page.url()).hash).toContain('rho=1.7');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(alert).toBeHidden();
  await expect.poll(() => picture(page)).toBe(before);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  expect(await picture(page)).toBe(before);
});

test('a change that goes well takes the message away, and so does Esc', async ({ page }) => {
  await open(page);
  const alert = page.getByRole('alert');
  const wrong = (/** @type {string} */ hash) => page.evaluate((to) => { location.hash = to; }, hash);
  await wrong('rho=lots');
  await expect(alert).toBeVisible();
  await drag(page.locator('#rho'), '1.2');
  await expect(alert).toBeHidden();
  await wrong('rho=many');
  await expect(alert).toBeVisible();
  await wrong('rho=1.4');
  await expect(alert).toBeHidden();
  await wrong('rho=few');
  await expect(alert).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(alert).toBeHidden();
});

test('each setting is a step back of its own, what one control did at once is one', async ({ page }) => {
  await open(page);
  const next = page.getByRole('button', { name: 'Next seed' });
  // However slow the clicks are: all within one moment.
  await page.evaluate(() => { performance.now = () => 5000; });
  for (let k = 0; k < 5; k += 1) await next.click();
  await expect(page).toHaveURL(/seed=8/);
  await page.locator('#init').selectOption('he');
  await page.getByRole('tab', { name: 'Update' }).click();
  await page.goBack();
  await expect(page).not.toHaveURL(/tab=/);
  await page.goBack();
  await expect(page).toHaveURL(/seed=8$/);
  await page.goBack();
  await expect(page).not.toHaveURL(/seed/);
  await expect(page.locator('#seed')).toHaveValue('3');
});

test('a page that is opened by a wrong address shows the opening picture and says why', async ({ page }) => {
  await open(page, '#T=minus');
  await expect(page.getByRole('alert')).toContainText('expected');
  expect(await laneNames(page)).toEqual(['RNN', 'LSTM', 'GRU']);
});
