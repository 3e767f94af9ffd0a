import { expect, open, test } from './fixture.js';
import { cell, drag, drawn, figure, picture, position, slider, steps } from './screen.js';

test('the track is scrubbed by dragging, through the bend', async ({ page }) => {
  await open(page);
  const T = await steps(page);
  const box = await slider(page).boundingBox();
  if (!box) throw new Error('no track');
  const [upper, lower] = [box.y + box.height / 2 - 11, box.y + box.height / 2 + 11];
  const at = (/** @type {number} */ t) => box.x + 12 + (t - 0.5) * ((box.width - 30) / T);
  await page.mouse.move(at(3), upper);
  await page.mouse.down();
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `forward, t = 3 of ${T}`);
  await page.mouse.move(at(10), upper, { steps: 4 });
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `forward, t = 10 of ${T}`);
  await page.mouse.move(at(12), lower, { steps: 4 });
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `backward, t = 12 of ${T}`);
  await page.mouse.up();
});

test('the wheel over the transport steps', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  await slider(page).hover();
  await page.mouse.wheel(0, 100);
  await expect.poll(() => position(page)).toBeGreaterThan(1);
});

test('the playhead, its flag and the thumb stand in one column', async ({ page }) => {
  await open(page);
  for (const key of ['Home', 'End', 'PageUp']) {
    await page.keyboard.press(key);
    await drawn(page);
    const [lines, thumb] = await Promise.all([page.locator('.playhead i').all(), page.locator('.thumb').boundingBox()]);
    const [left, right] = await Promise.all(lines.slice(0, 2).map((line) => line.boundingBox()));
    if (!left || !right || !thumb) throw new Error('no playhead');
    const middle = (left.x + right.x + right.width) / 2;
    expect(Math.abs(middle - (thumb.x + thumb.width / 2))).toBeLessThan(1.5);
  }
});

test('a pointer shows a cell’s full value, a click pins it', async ({ page }) => {
  await open(page);
  const { x, y } = await cell(page, 1, 12);
  await page.mouse.move(x, y);
  const tip = page.locator('.tip');
  await expect(tip).toBeVisible();
  await expect(tip).toContainText('t = 12');
  const full = await tip.locator('code').textContent();
  expect(full?.length).toBeGreaterThan(5);
  await page.mouse.down();
  await page.mouse.up();
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /t = 12 of/);
  await expect(page.locator('.reading code')).toHaveText(full ?? '');
  await expect(page.getByRole('button', { name: 'Unpin' })).toBeVisible();
  await expect(tip).toContainText('LSTM');
  await expect(tip).toContainText('click to unpin');
  // What is pinned stays, wherever the pointer goes.
  const other = await cell(page, 0, 20);
  await page.mouse.move(other.x, other.y);
  await expect(tip).toContainText('t = 20');
  await expect(page.locator('.reading code')).toHaveText(full ?? '');
});

test('what is only pointed at shows in the inspector, and goes with the pointer', async ({ page }) => {
  await open(page);
  if (await page.getByRole('button', { name: 'Unpin' }).isVisible()) await page.getByRole('button', { name: 'Unpin' }).click();
  const rest = await page.locator('.where').textContent();
  const start = await position(page);
  const { x, y } = await cell(page, 0, 5);
  await page.mouse.move(x, y);
  await expect(page.locator('.where')).toContainText('t = 5');
  await page.mouse.move(5, 5);
  await expect(page.locator('.where')).toHaveText(rest ?? '');
  expect(await position(page)).toBe(start);
});

test('C copies the full value', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const { x, y } = await cell(page, 2, 7);
  await page.mouse.move(x, y);
  const full = await page.locator('.tip code').textContent();
  await page.keyboard.press('c');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(full);
});

test('rows fold and unfold, and the focus follows', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1100 });
  await open(page);
  const fold = page.getByRole('button', { name: /^Fold .* of LSTM$/ }).first();
  const name = await fold.locator('.vh').textContent();
  await fold.focus();
  await page.keyboard.press('Enter');
  const unfold = page.getByRole('button', { name: (name ?? '').replace('Fold', 'Show') });
  await expect(unfold).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: name ?? '' })).toBeFocused();
});

test('ρ tilts the gradient from vanishing to exploding, one frame per movement', async ({ page }) => {
  await open(page);
  await page.locator('#act input[value=relu], input[name=act][value=relu]').check();
  const gauge = page.locator('.gutter').first().locator('.gauge');
  await drag(page.locator('#rho'), '0.3');
  await expect(gauge).toContainText('vanished');
  await drag(page.locator('#rho'), '3');
  await expect(gauge).toContainText(/explodes|leaves/);
  const measures = await page.evaluate(() => performance.getEntriesByName('setting-to-frame').length);
  expect(measures).toBeGreaterThan(0);
});

test('a setting that is dragged keeps its focus and its element', async ({ page }) => {
  await open(page);
  const rho = page.locator('#rho');
  await rho.focus();
  await rho.evaluate((node) => { node.dataset.mine = 'yes'; });
  for (let k = 0; k < 5; k += 1) await page.keyboard.press('ArrowRight');
  await expect(rho).toBeFocused();
  await expect(rho).toHaveAttribute('data-mine', 'yes');
});

test('the gradient strips fill from right to left', async ({ page }) => {
  await open(page);
  const seen = [await picture(page)];
  for (const key of ['Home', 'End', 'PageUp']) {
    if (key === 'End') seen.shift(); // the page opened at the end
    await page.keyboard.press(key);
    await expect.poll(async () => seen.includes(await picture(page))).toBe(false);
    seen.push(await picture(page));
  }
});

test('the figure can be read as a table', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('dialog').getByRole('table').locator('tbody tr')).toHaveCount(await steps(page));
  await page.keyboard.press('Escape');
  await expect(figure(page)).toHaveAttribute('aria-label', /RNN.*LSTM.*GRU/s);
});
