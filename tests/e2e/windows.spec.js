import { expect, open, test } from './fixture.js';
import { laneNames } from './screen.js';

test('a feed-forward lane stands beside the others and says what it lacks', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Add an ANN lane' }).click();
  expect(await laneNames(page)).toEqual(['RNN', 'LSTM', 'GRU', 'ANN']);
  const lane = page.locator('#lanes > li').last();
  await expect(lane).toContainText('only T = 40');
  await expect(lane).toContainText(/to match RNN’s 866/);
  await expect(page.locator('.gutter').last().locator('.gauge')).toContainText('1.00');
  await expect(page.locator('#caption')).toContainText('through weights that no other step learns');
  // There is no product of steps to show, and its place says so.
  await page.getByRole('tab', { name: 'Spectrum' }).click();
  await expect(page.locator('.spectrum-key')).toContainText('ANN repeats no step');
  await expect(page.locator('.gutter.spectrum')).toHaveCount(3);
  await expect(page.locator('#inspector')).toContainText('no Jacobian through time');
  await page.getByRole('button', { name: /^LSTM/ }).first().click();
  await expect(page.locator('#inspector')).toContainText('step Jacobian');
});

test('its equations, matrix and drawing are those of the step at the cursor', async ({ page }) => {
  await open(page, '#lanes=rnn,ann~H:4&at=f20&on=2.h.2');
  await expect(page.locator('#inspector')).toContainText('5 operations');
  await page.locator('#inspector').getByText('Weights and inputs').click();
  await expect(page.locator('#matrices')).toContainText('at t = 20, and no other t');
});

test('where it cannot read the data it is not offered, and a link says why', async ({ page }) => {
  await open(page, '#data=letters&shape=encoder-decoder');
  const add = page.getByRole('button', { name: 'Add an ANN lane' });
  await expect(add).toHaveAttribute('aria-disabled', 'true');
  await expect(add).toHaveAttribute('title', /no state that a decoder could start from/);
});

test('one lane runs free while another is told', async ({ page }) => {
  await open(page, '#data=letters&shape=encoder-decoder&T=5&out=4&lanes=lstm,lstm&at=f7');
  await page.getByRole('button', { name: 'Settings of LSTM 2' }).click();
  await page.locator('#lanes > li').last().getByLabel('Told as the output before', { exact: true }).selectOption('free');
  await expect(page).toHaveURL(/lanes=lstm,lstm~teaching:free/);
  await page.keyboard.press('2');
  await expect(page.locator('#caption')).toContainText('its own output, fed back');
  await page.keyboard.press('1');
  await expect(page.locator('#caption')).toContainText('the target before');
});
