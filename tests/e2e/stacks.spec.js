import { expect, open, test } from './fixture.js';
import { drag, figure, openFile, picture, save, slider, steps } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

const BOTH = '#layers=2&directions=both';

/**
 * The middle of a lane's row at step t, in the viewport.
 * @param {Page} page
 * @param {string} fold what its button says
 * @param {number} t
 */
async function cellOf(page, fold, t) {
  const row = await page.getByTitle(fold, { exact: true }).first().boundingBox();
  const track = await slider(page).boundingBox();
  if (!row || !track) throw new Error(`no row ${fold}`);
  const column = (track.width - 12 - 18) / await steps(page);
  return { x: track.x + 12 + (t - 0.5) * column, y: row.y + row.height / 2 };
}

/**
 * Left edge of the second playhead, as columns from the first.
 * @param {Page} page
 */
const playheads = (page) => page.evaluate(() => {
  const at = (/** @type {string} */ name) => document.querySelector(`${name} i`)?.getBoundingClientRect().left ?? NaN;
  return [at('.playhead:not(.other)'), at('.playhead.other')];
});

test('layers, directions and normalisation are chosen, for all lanes or one', async ({ page }) => {
  await open(page);
  const facts = page.locator('#lanes small');
  await expect(facts.nth(1)).toContainText('16 units');
  await drag(page.getByRole('slider', { name: 'Layers L' }).first(), '3');
  await expect(facts.nth(1)).toContainText('3×16 units');
  await page.locator('input[name=directions][value=both]').check();
  await expect(facts.nth(1)).toContainText('3×2×16 units');
  await page.locator('input[name=norm][value=on]').check();
  await expect(page.locator('#lanes i').first()).toContainText('LN');
  await expect(page).toHaveURL(/layers=3&directions=both.*norm=on/);
  // One lane of its own.
  await page.getByRole('button', { name: 'Settings of RNN' }).click();
  const own = page.locator('#lanes > li').first();
  await drag(own.getByRole('slider', { name: 'Layers L' }), '1');
  await expect(facts.first()).toContainText('2×16 units');
  await expect(page).toHaveURL(/lanes=rnn~layers:1,lstm,gru/);
});

test('what there is not is not offered, and a link that asks for it says why', async ({ page }) => {
  await open(page, '#norm=on');
  const after = page.locator('#reset option[value=after], input[name=reset][value=after]');
  await expect(after).toBeDisabled();
  await page.locator('input[name=norm][value=off]').check();
  await expect(after).toBeEnabled();
  await page.evaluate(() => { location.hash = '#norm=on&reset=after'; });
  await expect(page.getByRole('alert')).toContainText('norm of lane 3: expected off: a GRU with reset after');
  await expect(page.locator('#lanes small').nth(2)).toContainText('16 units');
});

test('the top layer shows, chips unfold what is below, and the focus follows', async ({ page }) => {
  await open(page, BOTH);
  const lane = page.locator('.gutter').nth(2);
  await expect(lane.locator('.row-name:not(.strip)')).toHaveCount(2);
  const chip = page.getByRole('button', { name: 'Show hidden state, layer 1 of GRU' });
  await chip.focus();
  await page.keyboard.press('Enter');
  await expect(lane.locator('.row-name:not(.strip)')).toHaveCount(4);
  const fold = page.getByRole('button', { name: 'Fold hidden state, layer 1, left to right of GRU' });
  await expect(fold).toBeFocused();
  // What belongs to a layer comes with it.
  await page.getByRole('button', { name: 'Show update gate, layer 1 of GRU' }).click();
  await expect(lane.locator('.row-name:not(.strip)')).toHaveCount(6);
  await fold.click();
  await expect(lane.locator('.row-name:not(.strip)')).toHaveCount(5);
  await expect(page).toHaveURL(/gru~-h\.1~\+h\.1b~\+z\.1~\+z\.1b$/);
  await page.reload();
  await expect(lane.locator('.row-name:not(.strip)')).toHaveCount(5);
});

test('the direction from right to left has a playhead of its own, which runs against the other', async ({ page }) => {
  await open(page, `${BOTH}&at=f10`);
  const T = await steps(page);
  const before = await playheads(page);
  await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `forward, t = 11 of ${T}`);
  const after = await playheads(page);
  const [step, other] = [(after[0] ?? 0) - (before[0] ?? 0), (after[1] ?? 0) - (before[1] ?? 0)];
  expect(step).toBeGreaterThan(5);
  expect(other).toBeCloseTo(-step, 0);
  await expect(page.locator('#caption')).toContainText(/The direction from right to left is at t.=.30/);
  // Its gradient comes back from left to right.
  await open(page, `${BOTH}&at=b10&signal=1b`);
  await page.reload();
  await page.locator('html[data-ready="1"]').waitFor();
  const back = await playheads(page);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => ((await playheads(page))[1] ?? 0) - (back[1] ?? 0)).toBeGreaterThan(5);
});

test('a click on a backward row stops where that step is computed', async ({ page }) => {
  await open(page, BOTH);
  const T = await steps(page);
  const { x, y } = await cellOf(page, 'hidden state, layer 2, right to left', 7);
  await page.mouse.move(x, y);
  const tip = page.locator('.tip');
  await expect(tip).toContainText('hidden state, layer 2, right to left');
  await expect(tip).toContainText('t = 7');
  const full = await tip.locator('code').textContent();
  await page.mouse.down();
  await page.mouse.up();
  await expect(slider(page)).toHaveAttribute('aria-valuetext', `backward, t = ${T + 1 - 7} of ${T}`);
  await expect(page.locator('.reading code')).toHaveText(full ?? '');
  await expect(page.locator('.where')).toContainText('layer 2, right to left, unit');
  await expect(page).toHaveURL(/pin=1\.h\.\d+\.2b/);
});

test('↑ and ↓ walk through the rows of all directions', async ({ page }) => {
  await open(page, '#directions=both&H=2&T=9&lanes=rnn,gru');
  await figure(page).focus();
  const where = page.locator('.where');
  await expect(where).toContainText('left to right, unit 1, t = 1');
  for (const unit of ['right to left, unit 2, t = 9', 'right to left, unit 1', 'left to right, unit 2', 'left to right, unit 1']) {
    await page.keyboard.press('ArrowUp');
    await expect(where).toContainText(unit);
  }
  await page.keyboard.press('ArrowUp');
  await expect(where).toContainText('left to right, unit 1');
});

test('strips, gauges and curves show the gradient of the chosen layer and direction', async ({ page }) => {
  await open(page, BOTH);
  const gauge = page.locator('.gutter').first().locator('.gauge');
  const choice = page.getByRole('combobox', { name: 'Layer and direction of the gradients' });
  await expect(choice).toHaveValue('1');
  const [first, before] = [await gauge.textContent(), await picture(page)];
  await choice.selectOption('2b');
  await expect(gauge).not.toHaveText(first ?? '');
  await expect(gauge).toHaveAttribute('title', /^What is left at t = T of ∂L\/∂h of layer 2, right to left at t = 1/);
  await expect(page.locator('.chart-title')).toContainText(/relative to t.=.1/);
  expect(await picture(page)).not.toBe(before);
  await page.reload();
  await expect(choice).toHaveValue('2b');
  await page.getByRole('tab', { name: 'Gradient flow' }).click();
  await expect(page.locator('.gutter.flow .gauge').first()).toContainText(/k.=.40/);
});

test('a file with layers and directions opens, and is saved as it was', async ({ page }) => {
  await open(page, `${BOTH}&norm=on&H=4&T=8&lanes=lstm`);
  const { text } = await save(page, 'Experiment file of LSTM');
  const file = JSON.parse(text);
  expect([file.model.layers, file.model.bidirectional, file.model.layer_norm]).toEqual([2, true, true]);
  delete file.page;
  await open(page);
  await page.reload();
  await page.locator('html[data-ready="1"]').waitFor();
  await openFile(page, 'deep.json', JSON.stringify(file));
  await expect(page.locator('#lanes > li')).toHaveCount(1);
  await expect(page.locator('#lanes i')).toContainText('2 layers ⇄');
  await expect(page.locator('#lanes small')).toContainText('2×2×4 units');
  const again = JSON.parse((await save(page, 'Experiment file of LSTM')).text);
  expect(again.model.weights).toEqual(file.model.weights);
});

test('a lane says what its model costs, with the time measured here', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page, '#H=16');
  expect(asked.filter((url) => url.includes('facts'))).toEqual([]);
  await page.getByRole('button', { name: 'Settings of LSTM' }).click();
  await page.getByRole('button', { name: 'Facts: LSTM' }).click();
  const costs = page.locator('.costs');
  // 16 × (16 + 18) for each of four gates.
  await expect(costs.getByRole('row', { name: /W f/ })).toContainText(/16 × 34.*544/);
  await expect(costs).toContainText('4.00 ×');
  await expect(costs).toContainText(/2.176 forward/);
  await expect(costs).toContainText(/[\d.]+ µs/);
  await page.getByRole('button', { name: 'Facts: LSTM' }).click();
  await expect(costs).toHaveCount(0);
});

test('six lanes of eight layers stay usable', async ({ page }) => {
  await open(page, '#layers=8&directions=both&H=4&T=20&lanes=rnn,lstm,gru,rnn,lstm,gru');
  await expect(page.locator('.gutter')).toHaveCount(6);
  const [shown, high] = await page.locator('#view').evaluate((view) => [view.clientHeight, view.scrollHeight]);
  expect(high).toBeGreaterThan(shown ?? 0);
  // No chip lies on a gauge or on a row's name.
  const over = await page.evaluate(() => [...document.querySelectorAll('.gutter')].flatMap((gutter) => {
    const box = (/** @type {Element} */ node) => node.getBoundingClientRect();
    const solid = [...gutter.querySelectorAll('.gauge, .row-name')].map(box);
    return [...gutter.querySelectorAll('.folded button')].map(box)
      .filter((a) => solid.some((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).map(({ left, top }) => `${left}, ${top}`);
  }));
  expect(over).toEqual([]);
  await page.getByRole('button', { name: 'Show hidden state, layer 1 of GRU 2' }).click();
  await expect(page.locator('.gutter').nth(5).locator('.row-name:not(.strip)')).toHaveCount(4);
});

onScreens('stacks: axe finds nothing, and nothing is wider than the page', async (page, { width }) => {
  await open(page, `${BOTH}&at=b12&lanes=lstm~%2Bh.1,gru`);
  if (width > 1000) {
    await page.getByRole('button', { name: 'Settings of LSTM' }).click();
    await page.getByRole('button', { name: 'Facts: LSTM' }).click();
    await expect(page.locator('.costs')).toBeVisible();
  }
  await accessible(page);
  await fits(page);
});
