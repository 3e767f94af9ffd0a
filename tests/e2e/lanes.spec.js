import { expect, open, test } from './fixture.js';
import { laneNames, drag } from './screen.js';

test('lanes are added up to six and removed down to one', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Add an RNN lane' }).click();
  await page.getByRole('button', { name: 'Add an LSTM lane' }).click();
  await page.getByRole('button', { name: 'Add a GRU lane' }).click();
  await expect(page.locator('#lanes > li')).toHaveCount(6);
  await expect(page.locator('.gutter')).toHaveCount(6);
  await expect(page.locator('#add')).toBeHidden();
  await expect(page.getByText('6 lanes, the most there can be.')).toBeVisible();
  for (let left = 5; left >= 1; left -= 1) {
    await page.locator('#lanes > li').last().getByRole('button', { name: /^Remove/ }).click();
    await expect(page.locator('.gutter')).toHaveCount(left);
  }
  await expect(page.getByRole('button', { name: /^Remove/ })).toBeHidden();
});

test('a figure higher than its place says where the chart is, and leads to it', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await open(page);
  const further = page.locator('#further');
  await expect(further).toBeHidden();
  for (const name of ['an RNN', 'an LSTM', 'a GRU']) await page.getByRole('button', { name: `Add ${name} lane` }).click();
  await expect(further).toHaveText(/Chart below/);
  await expect(page.locator('.chart-title')).not.toBeInViewport();
  await further.click();
  await expect(further).toHaveText(/Lanes above/);
  await expect(page.locator('.chart-title')).toBeInViewport();
  await further.click();
  await expect(page.locator('.lane-head').first()).toBeInViewport();
  await page.getByRole('button', { name: /^Remove/ }).first().click();
  await page.getByRole('button', { name: /^Remove/ }).first().click();
  await page.getByRole('button', { name: /^Remove/ }).first().click();
  await expect(further).toBeHidden();
});

test('lanes are reordered by button and by hand', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Settings of RNN' }).click();
  await page.getByRole('button', { name: 'Move down: RNN' }).click();
  expect(await laneNames(page)).toEqual(['LSTM', 'RNN', 'GRU']);
  await expect(page.getByRole('button', { name: 'Move down: RNN' })).toBeFocused();
  await page.getByRole('button', { name: 'Settings of RNN' }).click();

  const from = await page.locator('.handle').nth(2).boundingBox();
  const to = await page.locator('.handle').nth(0).boundingBox();
  if (!from || !to) throw new Error('no handles');
  await page.mouse.move(from.x + 10, from.y + 15);
  await page.mouse.down();
  await page.mouse.move(to.x + 10, to.y + 4, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => laneNames(page)).toEqual(['GRU', 'LSTM', 'RNN']);
  await expect(page.locator('.lane-head b')).toHaveText(['GRU', 'LSTM', 'RNN']);
});

test('a lane has values of its own, and follows the others again', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Settings of RNN' }).click();
  const own = page.locator('.own').first();
  const rho = own.getByRole('slider', { name: 'Recurrent scale ρ' });
  await drag(rho, '2.2');
  await expect(page.locator('.gutter').first().locator('.lane-head')).toContainText('2.2');
  await expect(page.locator('#rho')).not.toHaveValue('2.2');
  await own.getByRole('button', { name: 'Recurrent scale: follow all lanes' }).click();
  await expect(rho).toHaveValue(await page.locator('#rho').inputValue());
});

test('lanes are matched by hidden units or by parameters, and say both', async ({ page }) => {
  await open(page);
  await expect(page.locator('.lane-line small')).toHaveText([/16 units/, /16 units/, /16 units/]);
  await page.locator('#match').selectOption('parameters');
  await expect(page.locator('.lane-line small').nth(1)).not.toHaveText(/^16 units/);
});
