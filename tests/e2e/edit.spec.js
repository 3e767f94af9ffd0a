// Changing numbers by hand, undo and redo, and the check of the gradient.


import { expect, open, test } from './fixture.js';
import { drag, laneNames, later, picture, position, save } from './screen.js';
import { accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

/** @param {Page} page */
const grid = (page) => page.locator('#matrices .grid');
/** @param {Page} page */
const field = (page) => page.locator('#matrices .num');
/** @param {Page} page */
const words = (page) => page.locator('#entry-words');
/**
 * @param {Page} page
 * @param {number} lane
 */
const spec = (page, lane) => page.locator('#lanes .lane-words i').nth(lane);
const undo = (/** @type {Page} */ page) => page.getByRole('button', { name: /^Undo/ });
const redo = (/** @type {Page} */ page) => page.getByRole('button', { name: /^Redo/ });

/**
 * Opens the page at an entry, and waits for the matrices.
 * @param {Page} page
 * @param {string} address
 */
async function openAt(page, address) {
  await open(page, address);
  await expect(grid(page)).toBeVisible();
  // The drawing of the cell stands above, and comes when it has its style.
  await expect(page.getByRole('listbox', { name: /its wires/ })).toBeVisible();
  // What is out of sight above it has no height of its own before it was in sight: scrolled until it stays.
  const place = () => grid(page).evaluate((node) => {
    node.scrollIntoView({ block: 'center' });
    return new Promise((done) => { setTimeout(() => done(node.getBoundingClientRect().y), 100); });
  });
  let last = await place();
  await expect.poll(async () => last === (last = await place())).toBe(true);
}

test('a weight is chosen, typed, and the whole page follows', async ({ page }) => {
  await open(page);
  const before = await picture(page);
  await page.getByRole('button', { name: 'Weights and inputs' }).click();
  await expect(words(page)).toContainText('W_f[1, 1]');
  await page.locator('#matrices .panels label').nth(1).click();
  await expect(words(page)).toContainText('W_i[1, 1] from unit 1 to the input gate of unit 1');
  await grid(page).focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await expect(words(page)).toContainText('W_i[3, 2]');
  await page.keyboard.press('Enter');
  await page.keyboard.type('2.5');
  await page.keyboard.press('Enter');
  await expect(spec(page, 1)).toHaveText(/1 weight changed$/);
  await expect(spec(page, 0)).not.toHaveText(/changed/);
  await expect.poll(() => picture(page)).not.toBe(before);
  expect(new URL(page.url()).hash).toContain('~U_i.3.2:2.5');
  const saved = JSON.parse((await save(page, 'Experiment file of LSTM')).text);
  expect(saved.model.weights.layers[0].W_i[2][1]).toBe(2.5);

  await page.getByRole('button', { name: 'Reset W_i[3, 2]' }).click();
  await expect(spec(page, 1)).not.toHaveText(/changed/);
  await expect.poll(() => picture(page)).toBe(before);
});

test('a wrong number is said where it was typed, and changes nothing', async ({ page }) => {
  await openAt(page, '#matrix=U_f.3.7');
  const before = await picture(page);
  await field(page).fill('lots');
  await page.keyboard.press('Enter');
  await expect(page.locator('#entry-wrong')).toHaveText('W_f[3, 7]: expected a number from −1000000 to 1000000, found "lots"');
  await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
  expect(await picture(page)).toBe(before);
  await page.keyboard.press('Escape');
  await expect(page.locator('#entry-wrong')).toBeHidden();
  await expect(field(page)).not.toHaveValue('lots');
});

test('a number is dragged up and down, pulled by the slider and stepped by keys; each is one step back', async ({ page }) => {
  await openAt(page, '#matrix=b_f.3');
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('no matrix');
  const [x, y] = [box.x + box.width - 8, box.y + (2.5 * box.height) / 16];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 30, { steps: 4 });
  await page.mouse.move(x, y - 100, { steps: 4 });
  await page.mouse.up();
  await expect(field(page)).toHaveValue('3.5');
  await expect(page.locator('.edit .before')).toHaveText('was 3');
  await drag(page.getByRole('slider', { name: 'b_f[3]' }), '-1.25');
  await expect(field(page)).toHaveValue('−1.25');
  await field(page).focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(field(page)).toHaveValue('−1.14');
  // What moved the same number within a second is one step back: here three at the most.
  await grid(page).focus();
  for (let k = 0; k < 3; k += 1) {
    const was = await field(page).inputValue();
    if (was === '3') break;
    await page.keyboard.press('Control+z');
    await expect(field(page)).not.toHaveValue(was);
  }
  await expect(field(page)).toHaveValue('3');
  await expect(spec(page, 1)).not.toHaveText(/changed/);
});

test('pointing tells value and gradient, and what is under the pointer', async ({ page }) => {
  await openAt(page, '#matrix=U_f.1.1');
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('no matrix');
  await page.mouse.move(box.x + 3, box.y + (4.5 * box.height) / 16);
  await expect(words(page)).toContainText('W_f[5, 1]');
  await expect(words(page)).toContainText(/its gradient−?[\d.e−]{10,}/);
  await page.mouse.move(box.x - 40, box.y - 200);
  await expect(words(page)).toContainText('W_f[1, 1]');
  await page.locator('#matrices .seg label', { hasText: 'gradients' }).click();
  await expect(page.locator('#matrices .scale')).toContainText('log scale');
  await expect.poll(() => new URL(page.url()).hash).toContain('gradient=U_f.1.1');
});

/**
 * The middle of an entry of the matrix, which has 16 rows.
 * @param {Page} page
 * @param {number} row from 1
 * @param {number} column of the first part, from 1
 */
async function entryPoint(page, row, column) {
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('no matrix');
  const { x, width } = await page.locator('#matrices .chosen').evaluate((node) => {
    const there = node.getBoundingClientRect();
    return { x: there.x, width: there.width };
  });
  return { x: x + (column - 0.5) * width, y: box.y + ((row - 0.5) * box.height) / 16 };
}

test('an entry lights its term, its wire and its cells; term, wire and cell light it', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1900 });
  await openAt(page, '#at=f26&pin=2.h.7&terms=f&matrix=U_f.7.1');
  const thick = (/** @type {string} */ wire) => page.locator(`.wire[data-wire="${wire}"] .line.main`).evaluate((node) => getComputedStyle(node).strokeWidth);
  const ground = (/** @type {string} */ key) => page.locator(`.terms th[data-wire="${key}"]`).evaluate((node) => getComputedStyle(node).backgroundColor);
  const before = { a_f: await thick('a_f'), h_prev: await thick('h_prev'), term: await ground('W_f.7.3') };
  const { x, y } = await entryPoint(page, 7, 3);
  await page.mouse.move(x, y);
  await expect.poll(() => ground('W_f.7.3')).not.toBe(before.term);
  expect(await thick('a_f')).not.toBe(before.a_f);
  expect(await thick('h_prev')).not.toBe(before.h_prev);
  // The state that it multiplies; the forget gate's heat map shows the other.
  await expect(page.locator('.lit-cell')).toHaveCount(2);
  // An entry of another unit lights cells, and no wire of the unit that is drawn.
  const other = await entryPoint(page, 2, 3);
  await page.mouse.move(other.x, other.y);
  await expect.poll(() => thick('a_f')).toBe(before.a_f);
  await expect(page.locator('.lit-cell')).toHaveCount(2);

  const lit = page.locator('#matrices .lit');
  await page.locator('.terms th[data-wire="W_f.7.5"]').hover();
  await expect(lit).toBeVisible();
  const wanted = await entryPoint(page, 7, 5);
  const box = await lit.boundingBox();
  if (!box) throw new Error('no light');
  expect(box.x < wanted.x && wanted.x < box.x + box.width && box.y < wanted.y && wanted.y < box.y + box.height).toBe(true);
  // A wire and a cell of the heat map light the row.
  const wide = (await grid(page).locator('canvas').boundingBox())?.width ?? 0;
  for (const place of [page.locator('.wire[data-wire="a_f"] .hit'), page.locator('.eq .symbolic [data-wire="f"]').first()]) {
    await place.hover({ force: true });
    await expect.poll(async () => Math.round((await lit.boundingBox())?.width ?? 0)).toBe(Math.round(wide));
  }
  await page.mouse.move(5, 5);
  await expect(lit).toBeHidden();
  await expect(page.locator('.lit-cell')).toHaveCount(0);
});

test('the matrices are those of the selected layer and direction', async ({ page }) => {
  await openAt(page, '#layers=2&directions=both&H=4&T=6&pin=2.h.2.2b&matrix=U_f.3.1');
  await expect(words(page)).toContainText('W_f[3, 1] of layer 2, right to left');
  await expect(page.locator('#matrices .scale')).toContainText('layer 2, right to left: each part');
  await field(page).fill('0.5');
  await page.keyboard.press('Enter');
  await expect(spec(page, 1)).toHaveText(/1 weight changed$/);
  expect(new URL(page.url()).hash).toContain('~U_f.2b.3.1:0.5');
  const { weights } = JSON.parse((await save(page, 'Experiment file of LSTM')).text).model;
  expect(weights.layers[3].W_f[2][0]).toBe(0.5);
  await page.reload();
  await expect(spec(page, 1)).toHaveText(/1 weight changed$/);
  await expect(field(page)).toHaveValue('0.5');
  // A unit of the layer below brings its own matrices.
  await page.locator('.eq[data-name="f"]').getByRole('button', { name: /^Terms of/ }).click();
  await page.locator('.eq[data-name="f"] .terms tbody tr').nth(6).locator('.source').click();
  await expect(words(page)).toContainText('W_f[3, 1] from unit 1 to the forget gate of unit 3');
  await expect(page.locator('#matrices .scale')).toContainText('layer 1, left to right: each part');
});

test('the matrices can be read as a table, and a number of it leads to its field', async ({ page }) => {
  await openAt(page, '#H=4&T=6&at=b3&pin=2.h.2&lanes=rnn,lstm~U_f.2.1:0.5&matrix=U_f.3.1');
  await page.locator('#matrices').getByRole('button', { name: 'Table' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'LSTM, forget gate' });
  await expect(dialog.locator('tbody tr')).toHaveCount(4);
  await expect(dialog.getByRole('rowheader', { name: 'unit 2' })).toBeVisible();
  await expect(dialog.getByRole('columnheader', { name: 'W_f, state 1', exact: true })).toBeVisible();
  await expect(dialog.locator('.changed')).toHaveText(/^0\.5.*, changed by hand$/);
  const gradient = await dialog.locator('[data-entry="U_f.2.1"] ~ .grad').textContent();
  await accessible(page);
  await dialog.locator('[data-entry="U_f.2.1"]').focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(field(page)).toBeFocused();
  await expect(words(page)).toContainText('W_f[2, 1]');
  await page.keyboard.type('−0.25');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('−0.25');
  expect(gradient).toMatch(/\d/);
});

test('a drawer that is shut costs nothing, and is right when it opens', async ({ page }) => {
  await page.setViewportSize({ width: 1100, height: 800 });
  await open(page, '#at=f3&pin=2.h.2&matrix=U_f.3.1');
  const drawer = page.getByRole('button', { name: 'Inspector' });
  await expect(page.locator('.where')).toBeHidden();
  await page.locator('#figure').focus();
  const before = await page.locator('.where').textContent();
  for (let k = 0; k < 4; k += 1) await page.keyboard.press('ArrowRight');
  await expect(page.locator('#caption')).toContainText('t\u00a0=\u00a07');
  expect(await page.locator('.where').textContent()).toBe(before);
  await drawer.click();
  await expect(page.locator('.where')).toContainText('t = 7');
  await page.locator('#figure').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.where')).toContainText('t = 8');
});

test('inputs and the start state are changed as well', async ({ page }) => {
  await openAt(page, '#at=f3&matrix=x.1.2');
  await expect(words(page)).toContainText('x_3[2] input 2 “.” at t = 3'.replaceAll(' = ', '\u00a0=\u00a0'));
  await field(page).fill('0.5');
  await page.keyboard.press('Enter');
  await expect(page.locator('#source')).toContainText('1 input changed by hand');
  await page.locator('#matrices .panels label').nth(5).click();
  await field(page).fill('1');
  await page.keyboard.press('Enter');
  await expect(spec(page, 1)).toHaveText(/start state changed/);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  await expect(page.locator('#source')).toContainText('1 input changed by hand');
  await expect(spec(page, 1)).toHaveText(/start state changed/);
  await expect(words(page)).toContainText('h_0[1]');
});

test('undo and redo go over settings, lanes and weights, and leave the cursor', async ({ page }) => {
  await openAt(page, '#matrix=U_f.3.7');
  await expect(undo(page)).toHaveAttribute('aria-disabled', 'true');
  const first = await picture(page);
  await drag(page.locator('#rho'), '1.7');
  await page.getByRole('button', { name: 'Add a GRU lane' }).click();
  await field(page).fill('9');
  await page.keyboard.press('Enter');
  await expect(undo(page)).toHaveAttribute('title', 'Undo: W_z[3, 7] 9, GRU');
  await page.locator('#figure').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Control+z');
  await expect(page.locator('#note')).toContainText('Undone: W_z[3, 7]');
  await page.keyboard.press('Control+z');
  await expect.poll(() => laneNames(page)).toEqual(['RNN', 'LSTM', 'GRU']);
  await expect(page.locator('#rho')).toHaveValue('1.7');
  await undo(page).click();
  await expect(page.locator('#rho')).toHaveValue('0.7');
  expect(await position(page)).toBe(2);
  await expect(undo(page)).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('End');
  await expect.poll(() => picture(page)).toBe(first);
  await redo(page).click();
  await page.keyboard.press('Control+y');
  await page.keyboard.press('Control+Shift+z');
  await expect(spec(page, 3)).toHaveText(/1 weight changed/);
  await expect(redo(page)).toHaveAttribute('aria-disabled', 'true');
});

test('a text that is typed has the browser’s undo; the address goes back and on as before', async ({ page }) => {
  await open(page);
  const area = page.locator('#text');
  const text = await area.inputValue();
  await area.focus();
  await page.keyboard.press('End');
  await page.keyboard.type('xyz');
  await page.keyboard.press('Control+z');
  await expect(area).not.toHaveValue(/xyz/);
  await page.keyboard.type('!!');
  await page.locator('#figure').focus();
  await expect(undo(page)).toHaveAttribute('title', 'Undo: Text');
  await later(page);
  await drag(page.locator('#rho'), '2.5');
  await page.goBack();
  await expect(page.locator('#rho')).toHaveValue('0.7');
  await page.locator('#figure').focus();
  await page.keyboard.press('Control+z');
  await expect(page.locator('#rho')).toHaveValue('2.5');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(area).toHaveValue(text);
});

test('the gradient is checked on demand, and the badge says when it no longer holds', async ({ page }) => {
  await openAt(page, '#H=4&T=10&matrix=U_f.1.1');
  const badge = page.locator('.check');
  await badge.getByRole('button', { name: 'Check the gradient' }).click();
  await expect(badge.locator('b')).toHaveText(/^agrees to \d\.\d+×10⁻/);
  await expect(badge).toContainText(/Largest relative error .* at [Wbxh]/);
  await expect(badge).toContainText(/\d+ parameters, 180 inputs, 8 of the start state/);
  await page.getByRole('radiogroup', { name: 'Precision' }).getByText('f32').click();
  await expect(badge).toContainText('The experiment has changed since it was checked.');
  await badge.getByRole('button', { name: 'Check again' }).click();
  await expect(badge.locator('b')).toHaveText(/of the largest gradient/);
  await expect(badge).toContainText('f32: seven digits');
});

test('a long check can be stopped, and the page draws meanwhile', async ({ page }) => {
  await openAt(page, '#H=64&T=100&matrix=U_f.1.1');
  const badge = page.locator('.check');
  await badge.getByRole('button', { name: 'Check the gradient' }).click();
  await expect(badge.locator('progress')).toBeVisible();
  const frames = await page.evaluate(() => new Promise((done) => {
    let count = 0;
    const frame = () => { count += 1; requestAnimationFrame(frame); };
    frame();
    setTimeout(() => done(count), 1000);
  }));
  expect(frames).toBeGreaterThan(8);
  await page.keyboard.press('Home');
  await expect(page.locator('#caption')).toContainText('Forward');
  await badge.getByRole('button', { name: 'Stop' }).click();
  await expect(badge).toContainText(/numbers of \d/);
  await expect(badge.getByRole('button', { name: 'Check again' })).toBeVisible();
});

onScreens('axe finds nothing in the matrices', async (page) => {
  await openAt(page, '#H=4&T=6&matrix=U_f.1.1&lanes=rnn,lstm~U_f.1.1:2,gru');
  await page.locator('.check').getByRole('button').click();
  await expect(page.locator('.check b')).toHaveText(/agrees/);
  await accessible(page);
  await fits(page);
});
