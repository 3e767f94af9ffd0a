import { expect, open, test } from './fixture.js';
import { figure, position, slider, steps } from './screen.js';

test('arrow keys alone walk the whole pass, forward and backward', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  const T = await steps(page);
  for (let t = 1; t < T; t += 1) await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `forward, t = ${T} of ${T}`);
  await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `backward, t = ${T} of ${T}`);
  for (let t = T; t > 1; t -= 1) await page.keyboard.press('ArrowLeft');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `backward, t = 1 of ${T}`);
  await page.keyboard.press('ArrowLeft');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', String(2 * T));
  // And back: the playhead runs right to the bend, and no arrow leads out of the backward phase.
  for (let t = 0; t < T + 2; t += 1) await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `backward, t = ${T} of ${T}`);
  await page.keyboard.press('PageUp');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `forward, t = ${T} of ${T}`);
  for (let t = T; t > 1; t -= 1) await page.keyboard.press('ArrowLeft');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '1');
});

test('→, held down or pressed again and again, turns the bend once and rests there; ← goes on', async ({ page }) => {
  await open(page);
  const T = await steps(page);
  await page.keyboard.press('Home');
  await page.keyboard.down('ArrowRight');
  for (let k = 0; k < T + 5; k += 1) await page.keyboard.down('ArrowRight');
  await page.keyboard.up('ArrowRight');
  for (let k = 0; k < 3; k += 1) await page.keyboard.press('ArrowRight');
  await expect.poll(() => position(page)).toBe(T + 1);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => position(page)).toBe(T + 2);
});

test('a clicker goes on and back along the track; Home and End are its ends', async ({ page }) => {
  await open(page);
  const T = await steps(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageUp');
  await expect.poll(() => position(page)).toBe(2);
  await page.keyboard.press('End');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', String(2 * T));
  await page.keyboard.press('PageDown');
  await expect.poll(() => position(page)).toBe(2 * T);
});

test('space plays and rests', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(() => position(page)).toBeGreaterThan(3);
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  const rest = await position(page);
  await page.waitForTimeout(400);
  await expect.poll(() => position(page)).toBe(rest);
});

test('digits choose a lane, arrows on the figure choose a unit', async ({ page }) => {
  await open(page);
  const title = page.locator('.inspector h2');
  for (const [key, name] of [['1', 'RNN'], ['3', 'GRU'], ['2', 'LSTM']]) {
    await page.keyboard.press(key ?? '');
    await expect(title).toHaveText(name ?? '');
    await expect(slider(page)).toHaveAttribute('aria-description', new RegExp(`^${name} loss \\d`));
  }
  await page.keyboard.press('1');
  await figure(page).focus();
  const before = await page.locator('.where').textContent();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.where')).not.toHaveText(before ?? '');
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('.where')).toHaveText(before ?? '');
});

test('controls keep their own keys', async ({ page }) => {
  await open(page);
  const start = await position(page);
  await page.locator('#rho').focus();
  const rho = Number(await page.locator('#rho').inputValue());
  await page.keyboard.press('ArrowRight');
  expect(Number(await page.locator('#rho').inputValue())).toBeGreaterThan(rho);
  await page.locator('#text').focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' ?1c');
  await expect(page.locator('#help-dialog')).toBeHidden();
  await page.locator('#data').focus();
  await page.keyboard.press('Home');
  await expect.poll(() => position(page)).toBe(start);
});

test('? lists the keys, Esc closes the list', async ({ page }) => {
  await open(page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys and reading' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#help-dialog')).toBeHidden();
});

test('present mode is entered by a button and left by Esc', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Present' }).click();
  await expect(page.locator('#experiment')).toBeHidden();
  await expect(page.locator('#caption')).toBeVisible();
  const start = await position(page);
  await page.keyboard.press('PageUp');
  await expect.poll(() => position(page)).toBe(start - 1);
  await page.keyboard.press('Escape');
  await expect(page.locator('#experiment')).toBeVisible();
});

test('a presenter has the tabs, T for the next of them, and ρ by a key', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await open(page);
  await page.getByRole('button', { name: 'Present' }).click();
  await expect(page.getByRole('tab', { name: 'Spectrum' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Table' })).toBeHidden();
  await page.keyboard.press('t');
  await expect(page.getByRole('tab', { name: 'Gradient flow' })).toHaveAttribute('aria-selected', 'true');
  // A low screen has no room for tabs beside the chart.
  await page.setViewportSize({ width: 1280, height: 720 });
  await expect(page.getByRole('tab', { name: 'Spectrum' })).toBeHidden();
  await page.keyboard.press('t');
  await expect(page.locator('#note')).toHaveText('Spectrum');
  for (let k = 0; k < 2; k += 1) await page.keyboard.press('t');
  await expect(page.locator('#tab-unrolled')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('+');
  await expect(page.locator('#note')).toHaveText('ρ = 0.75');
  await expect(page.locator('.lane-head').first()).toContainText('ρ 0.75');
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  await expect(page.locator('#note')).toHaveText('ρ = 0.65');
  await page.keyboard.press('Escape');
  await expect(page.locator('#rho')).toHaveValue('0.65');
});
