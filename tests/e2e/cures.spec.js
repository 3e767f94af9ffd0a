// What may help a lane whose gradient dies: its cured twin stands below it.

import { expect, open, test } from './fixture.js';

test('a cure beside the diagnosis adds a twin whose gradient lives', async ({ page }) => {
  await open(page);
  const button = page.locator('.gutter').first().getByRole('button', { name: /Try a cure for RNN: vanished/ });
  await button.press('Enter');
  const menu = page.getByRole('dialog', { name: 'Cures for RNN' });
  await expect(menu.getByRole('button')).toHaveCount(6);
  await expect(menu.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();

  await button.press('Enter');
  await menu.getByRole('button', { name: /Orthogonal start/ }).press('Enter');
  const lanes = page.locator('.gutter .lane-head');
  await expect(lanes).toHaveText([/^RNN tanh/, /^RNN 2 tanh, ρ 1.00, orthogonal/, /^LSTM/, /^GRU/]);
  const left = page.locator('.gutter .gauge b');
  await expect(left.nth(0)).toHaveText(/×10⁻⁹$/);
  await expect(left.nth(1)).not.toHaveText(/×10⁻/);
  await page.goBack();
  await expect(lanes).toHaveCount(3);
});

test('a skip of 10 steps brings the gradient back, and is drawn, written and said', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page);
  await page.getByRole('button', { name: /Try a cure for RNN/ }).first().press('Enter');
  await page.getByRole('dialog', { name: 'Cures for RNN' }).getByRole('button', { name: /Skip of 10 steps/ }).press('Enter');
  const twin = page.locator('.gutter').nth(1);
  await expect(twin.locator('.lane-head')).toContainText('skip 10');
  await expect(twin.locator('.gauge b')).toHaveText(/^0\.0/);
  await expect(page).toHaveURL(/rnn~skip:10/);
  await expect(page.locator('#caption')).toContainText('W_skip to that of 10 steps before');
  // A term of W_skip·h leads ten steps back.
  await page.locator('#figure').focus();
  await page.keyboard.press('Home');
  for (let step = 1; step < 14; step += 1) await page.keyboard.press('ArrowRight');
  await expect(page.locator('#caption b')).toContainText(/t.=.14/);
  await expect(page.locator('svg.cell')).toContainText('skip');
  await page.locator('.eq [data-go^="h."][data-go$=".4"]').first().click();
  await expect(page.locator('#caption b')).toContainText(/t.=.4,/);
});

test('lanes whose gradient lives are offered no cure', async ({ page }) => {
  await open(page);
  for (const lane of ['LSTM', 'GRU']) await expect(page.getByRole('button', { name: new RegExp(`Try a cure for ${lane}`) })).toHaveCount(0);
});

test('a window cuts the gradient, and the strip and the gauge say so', async ({ page }) => {
  await open(page, '#window=10');
  await expect(page.locator('.gutter .gauge').first()).toContainText(/cut: its window begins at t\s=\s31/);
  await expect(page.getByText('cut by the window from t = 30 back')).toHaveCount(3);
});

test('where numbers break the run rests, names the operation and offers cures', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, '#data=sunspots&T=200&act=relu&rho=3&precision=f32&at=f50');
  const gutter = page.locator('.gutter').first();
  await expect(gutter.locator('.gauge')).toContainText(/W_hh·h exceeds f32 at t\s=\s\d+/);
  const t = /t\s=\s(\d+)/.exec(await gutter.locator('.gauge').innerText())?.[1] ?? '';
  await page.keyboard.press('1');
  await page.locator('#speed').selectOption('4');
  await page.locator('#figure').focus();
  await page.keyboard.press('Space');
  await expect(page.locator('#caption')).toContainText('W_hh·h exceeds f32 here');
  await expect(page.locator('#play')).toHaveAttribute('aria-label', 'Play');
  await expect(page.locator('#caption b')).toContainText(`t\u00a0=\u00a0${t},`);
  await expect(gutter.getByRole('button', { name: /Try a cure for RNN/ })).toBeVisible();
});

test('what breaks on the way back is retried with clipping; what breaks forward is not', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, '#data=sunspots&T=200&act=relu&rho=2&precision=f32&on=1.h.1');
  const gutter = page.locator('.gutter').first();
  const retry = page.getByRole('button', { name: /Retry RNN with clipping/ });
  await expect(gutter.locator('.gauge b')).toHaveText('not finite');
  await gutter.locator('.gauge').getByRole('button', { name: /Retry RNN/ }).click();
  await expect(gutter.locator('.gauge')).toContainText(/clipped\s\d+×: ‖∂‖\s=\s1\.00/);
  await expect(gutter.locator('.lane-head')).toContainText('‖∂‖ ≤ 1');
  await expect(page.locator('#figure')).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(gutter.locator('.gauge b')).toHaveText('not finite');
  await open(page, '#data=sunspots&T=200&act=relu&rho=3&precision=f32&on=1.h.1');
  await expect(gutter.locator('.gauge')).toContainText('exceeds f32');
  await expect(retry).toHaveCount(0);
});
