import { expect, open, test } from './fixture.js';
import { drag, drawn, figure, save, slider } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

const TAB = '#tab=spectrum';

/** @param {Page} page */
const gauges = (page) => page.locator('.gutter.spectrum .gauge b').allTextContents();

/** @param {Page} page */
const dials = (page) => page.locator('.plane').first().locator('.dial b').allTextContents();

/**
 * Waits until the curves of all lanes are there.
 * @param {Page} page
 */
const whole = (page) => expect.poll(async () => (await gauges(page)).filter((text) => text === '…').length).toBe(0);

/**
 * The pixels of the drawing, as one number.
 * @param {Page} page
 */
const drawing = (page) =>
  page.evaluate(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#figure canvas.chart'));
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (const byte of data) sum = (Math.imul(sum, 31) + byte) | 0;
    return sum;
  });

test('the tab shows planes, dials, curves and verdicts; the first picture does without its module', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  expect(asked.filter((url) => url.includes('spectrum'))).toEqual([]);
  await page.getByRole('tab', { name: 'Spectrum' }).click();
  await expect(page.getByRole('tabpanel', { name: 'Spectrum' })).toBeVisible();
  await expect(page.locator('.plane')).toHaveCount(3);
  await whole(page);
  await expect(page).toHaveURL(/#tab=spectrum$/);
  expect(await dials(page)).toEqual(['0.700', '1.12', expect.any(String), expect.any(String)]);
  await expect(page.locator('.verdicts dt')).toHaveText(['Must it vanish?', 'Can it explode?', 'What happens here?']);
  await expect(page.locator('.verdicts .answer').first()).toHaveText('no bound');
  await figure(page).focus();
  await page.keyboard.press('1');
  await expect(page.locator('.verdicts .answer').first()).toHaveText('not proven');
  await expect(page.locator('.verdicts dd').nth(1)).toContainText('1.12 is above 1');
  // The other columns come back as they were.
  await page.getByRole('tab', { name: 'Unrolled' }).click();
  await expect(page.locator('.plane')).toHaveCount(0);
  await expect(page.locator('.spectrum-side')).toHaveCount(0);
  await expect(page.locator('#inspector .reading')).toBeVisible();
});

test('all singular values are there as numbers, and follow the playhead', async ({ page }) => {
  await open(page, `${TAB}&at=b30`);
  await whole(page);
  await page.getByText('All of them, as numbers').click();
  const [rnn] = [page.locator('.values dd').first()];
  await expect(page.locator('.values dt')).toHaveText(['RNN', 'LSTM', 'GRU']);
  const values = String(await rnn.textContent()).split(', ');
  expect(values).toHaveLength(16);
  await figure(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(rnn).not.toHaveText(values.join(', '));
});

test('the eigenvalues follow the playhead, the lanes the keys', async ({ page }) => {
  await open(page, `${TAB}&on=1.h.1`);
  await whole(page);
  const [first, before] = [await drawing(page), await dials(page)];
  await figure(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /t = 2/);
  await expect.poll(() => dials(page)).not.toEqual(before);
  expect((await dials(page)).slice(0, 2)).toEqual(before.slice(0, 2));
  expect(await drawing(page)).not.toBe(first);
  await expect(page.locator('#caption')).toContainText('The RNN’s step to t = 2 has ρ(J)');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.plane.chosen .plane-head')).toContainText('LSTM');
  await expect(page.locator('.spectrum-side h2')).toContainText('LSTM');
});

test('a hand on the circle of ρ changes it, and everything follows', async ({ page }) => {
  await open(page, `${TAB}&on=1.h.1`);
  await whole(page);
  const before = await gauges(page);
  const label = page.getByRole('slider', { name: 'Recurrent scale ρ' });
  await expect(label).toHaveValue('0.7');
  // The circle of ρ(W) = 0.7 in the first plane: its unit is written at 1.
  const place = await page.evaluate(() => {
    const texts = [...document.querySelectorAll('.labels text')];
    const box = (/** @type {string} */ words) => texts.find((node) => node.textContent === words)?.getBoundingClientRect();
    const [left, right] = [box('−1'), box('1')];
    if (!left || !right) throw new Error('no unit');
    const unit = (right.left - left.right) / 2 - 3;
    return { x: (left.right + right.left) / 2, y: left.top - 1.5, unit };
  });
  const at = (/** @type {number} */ ratio, /** @type {number} */ angle) => /** @type {[number, number]} */ ([place.x + ratio * place.unit * Math.cos(angle), place.y - ratio * place.unit * Math.sin(angle)]);
  // Somewhere on the circle, no eigenvalue of the step is in the way.
  let grabbed = false;
  for (let n = 0; n < 24 && !grabbed; n += 1) {
    await page.mouse.move(...at(0.7, n * 0.26));
    await drawn(page);
    grabbed = await page.locator('.tip').filter({ hasText: 'spectral radius' }).isVisible();
    if (!grabbed) continue;
    await page.mouse.down();
    await page.mouse.move(...at(0.8, n * 0.26));
    await page.mouse.move(...at(0.95, n * 0.26), { steps: 4 });
    await page.mouse.up();
  }
  expect(grabbed).toBe(true);
  const rho = Number(await label.inputValue());
  expect(rho).toBeGreaterThan(0.85);
  expect(rho).toBeLessThan(1.05);
  await whole(page);
  expect(await gauges(page)).not.toEqual(before);
  expect(Number((await dials(page))[0])).toBeCloseTo(rho, 2);
  await expect(page).toHaveURL(new RegExp(`rho=${rho}`));
});

test('dials follow the slider while the curves are computed, with frames between', async ({ page }) => {
  await open(page, `${TAB}&data=sunspots&T=100&H=32`);
  await whole(page);
  const rho = page.getByRole('slider', { name: 'Recurrent scale ρ' });
  const before = await gauges(page);
  await drag(rho, '1.2');
  await expect.poll(async () => (await dials(page))[0]).toBe('1.20');
  await whole(page);
  expect(await gauges(page)).not.toEqual(before);
});

test('a point tells its numbers', async ({ page }) => {
  await open(page, TAB);
  await whole(page);
  const track = await slider(page).boundingBox();
  const lane = await page.locator('.gutter.spectrum').nth(1).boundingBox();
  if (!track || !lane) throw new Error('the figure is not there');
  await page.mouse.move(track.x + track.width / 2, lane.y + lane.height / 2);
  await expect(page.locator('.tip')).toContainText('32 singular values, largest');
  await page.mouse.move(track.x + track.width / 2, lane.y + lane.height - 4);
  await expect(page.locator('.tip')).toContainText('saturated');
});

test('table and drawing say what the figure shows', async ({ page }) => {
  await open(page, `${TAB}&T=24`);
  await whole(page);
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('columnheader', { name: 'LSTM, through the gates' })).toBeVisible();
  await expect(page.locator('#table-dialog tbody tr')).toHaveCount(24);
  await page.getByRole('button', { name: 'Close' }).click();
  const [number] = await gauges(page);
  const { text } = await save(page, 'SVG');
  for (const words of ['RNN', 'LSTM', 'σmax(J)', 'eigenvalues of W', number ?? '?']) expect(text).toContain(words);
});

onScreens('spectrum: axe finds nothing, and nothing is wider than the page', async (page) => {
  for (const link of [TAB, `${TAB}&lanes=rnn~act:relu,rnn,lstm,gru,gru,lstm&at=f9&on=1.h.1`]) {
    await open(page, link);
    await page.reload();
    // Until then the settings cannot be used.
    await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
    await whole(page);
    await accessible(page);
    await fits(page);
  }
});

test('the tab follows the layer and direction whose gradient is chosen', async ({ page }) => {
  await open(page, '#tab=spectrum&layers=2&directions=both&on=1.h.1&T=20');
  await whole(page);
  const where = page.locator('.spectrum-side .where');
  await expect(where).toHaveText(/recurrent matrix, 16 × 16, layer 1, left to right/);
  const before = await dials(page);
  await page.getByLabel('Layer and direction of the gradients').selectOption('2b');
  await whole(page);
  await expect(where).toHaveText(/layer 2, right to left/);
  await expect(page.locator('.gutter.spectrum .gauge').first()).toContainText('at t\u00a0=\u00a020');
  await expect(page.locator('.spectrum-title')).toContainText('on its way from 1 back to t');
  expect(await dials(page)).not.toEqual(before);
});
