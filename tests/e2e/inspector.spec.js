import { expect, open, test } from './fixture.js';
import { position, slider } from './screen.js';
import { accessible, fits } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

/** @param {Page} page */
const cell = (page) => page.getByRole('listbox', { name: /cell, .*: its wires/ });

/**
 * A wire of the drawing, by what it carries.
 * @param {Page} page
 * @param {string} id
 */
const wire = (page, id) => page.locator(`.wire[data-wire="${id}"]`);

/**
 * An equation, by what it says to a screen reader.
 * @param {Page} page
 * @param {RegExp} words
 */
const equation = (page, words) => page.locator('.eq', { has: page.locator('.vh', { hasText: words }) });

/** @param {Page} page */
const reading = (page) => page.locator('.reading code');

test('each cell is drawn, with its wires, their values and on the way back their gradients', async ({ page }) => {
  const cells = { 1: ['W_hh', 'a', 'h'], 2: ['C_prev', 'kept', 'squashed'], 3: ['carried', 'keep', 'reset'], 4: ['inner', 'damped', 'taken'] };
  for (const [lane, wires] of Object.entries(cells)) {
    await open(page, `#lanes=rnn,lstm,gru,gru~reset:after&at=f12&on=${lane}.h.3`);
    await expect(cell(page)).toBeVisible();
    for (const id of wires) {
      await expect(wire(page, id)).toHaveAttribute('aria-label', /, (−?[\d.]+|−?[\d.]+×10\S+)$/);
    }
    await page.goto(`./#lanes=rnn,lstm,gru,gru~reset:after&at=b12&on=${lane}.h.3`);
    for (const id of wires) await expect(wire(page, id)).toHaveAttribute('aria-label', /, gradient \S/);
    await expect(wire(page, wires[0] ?? '')).toHaveClass(/back/);
  }
});

test('the drawing says the number that the heat map has', async ({ page }) => {
  await open(page, '#at=f26&pin=2.C.7');
  const full = await reading(page).textContent();
  await wire(page, 'C').locator('.hit').hover({ position: { x: 20, y: 3 }, force: true });
  await expect(page.locator('.wire-read b')).toHaveText(full ?? '');
});

test('pointing at a term lights its wire, its other places and its cell of the heat map', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1000 });
  await open(page, '#at=f26&pin=2.h.7');
  await expect(cell(page)).toBeVisible();
  const dark = await wire(page, 'f').locator('.line.main').evaluate((node) => getComputedStyle(node).strokeWidth);
  await equation(page, /^C t equals/).locator('[data-wire="f"]').first().hover();
  await expect(page.locator('.lit-cell')).toBeVisible();
  await expect.poll(() => wire(page, 'f').locator('.line.main').evaluate((node) => getComputedStyle(node).strokeWidth)).not.toBe(dark);
  const lit = await page.locator('.eq [data-wire="f"]').evaluateAll((nodes) => nodes.map((node) => getComputedStyle(node).backgroundColor));
  expect(new Set(lit).size).toBe(1);
  expect(lit[0]).not.toBe('rgba(0, 0, 0, 0)');
});

test('a wire lights the equation that it stands in, and an equation its wires', async ({ page }) => {
  await open(page, '#lanes=lstm&pin=1.h.2&at=f5');
  const edge = (/** @type {RegExp} */ of) => equation(page, of).evaluate((node) => getComputedStyle(node).boxShadow);
  const width = (/** @type {string} */ name) => wire(page, name).locator('.line.main').evaluate((node) => getComputedStyle(node).strokeWidth);
  const thin = await width('kept');
  // From the cell state before to what is kept of it: f ⊙ C has no symbol of its own.
  await cell(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.wire-read')).toContainText('kept of the cell');
  expect(await edge(/^C t equals/)).toContain('3px');
  expect(await edge(/^f t equals/)).not.toContain('3px');
  await page.mouse.move(0, 0);
  await equation(page, /^h t equals/).hover({ position: { x: 3, y: 3 } });
  await expect.poll(() => width('kept')).toBe(thin);
  // The room beside the formula.
  await equation(page, /^C t equals/).hover({ position: { x: 3, y: 3 } });
  await expect.poll(() => width('kept')).not.toBe(thin);
});

test('a student walks from a number back to the weights and inputs that made it, and returns', async ({ page }) => {
  await open(page, '#at=f3&pin=2.h.7');
  // h_3 is made by o and C; C by C_2; and so on to t = 1, where h_0 is given.
  await equation(page, /^C t equals/).locator('.symbolic [data-go="C.7.2"]').click();
  await expect(page.locator('.where')).toContainText('unit 7, t = 2');
  await expect(page.locator('.reading .word')).toHaveText('cell state');
  await expect.poll(() => position(page)).toBe(2);
  // The forget gate's sum unfolds into weights times states and inputs, and the bias; a state leads to its own unit.
  await equation(page, /^f t equals/).getByRole('button', { name: /^Terms of/ }).click();
  const terms = page.locator('.terms tbody tr');
  await expect(terms).toHaveCount(16 + 18 + 1);
  await terms.nth(4).locator('.source').click();
  await expect(page.locator('.where')).toContainText('unit 5, t = 1');
  await expect(page.locator('.reading .word')).toHaveText('hidden state');
  await expect(page.locator('.terms p')).toHaveText('Weights drawn: glorot, seed 3.');
  // At t = 1 the state before is the start state, which stands in the matrices; so do inputs and weights.
  const entry = page.locator('#entry-words');
  await terms.nth(4).locator('.source').click();
  await expect(entry).toContainText('h_0[5] unit 5 before the first step');
  await expect(page.locator('#matrices .grid')).toBeFocused();
  await terms.nth(16).locator('.source').click();
  await expect(entry).toContainText(/x_1\[1\] input 1/);
  await terms.nth(16).locator('.entry-of').click();
  await expect(entry).toContainText('W_f[5, 17] from input 1');
  // And from the entry to where it is used.
  await page.getByRole('button', { name: 'Where it is used' }).click();
  await expect(page.locator('.where')).toContainText('unit 5, t = 1');
  await expect(page.locator('.reading .word')).toHaveText('forget gate');
  for (let k = 0; k < 5; k += 1) await page.goBack();
  await expect(page.locator('.where')).toContainText('unit 7');
});

test('a gradient leads forward to the losses that sent it', async ({ page }) => {
  await open(page, '#shape=many-to-many&losses=every&at=b39&pin=3.h.4');
  await equation(page, /^the gradient of h t equals/).locator('.symbolic [data-go^="b.h.4.40"]').click();
  await expect(slider(page)).toHaveAttribute('aria-valuetext', 'backward, t = 40 of 40');
  await equation(page, /^the gradient of h t equals/).locator('.symbolic [data-go="=dh_loss"]').click();
  await expect(page.locator('.terms tbody tr').first()).toBeVisible();
  await expect(equation(page, /^the gradient of output \d+ at t/).locator('.symbolic')).toContainText('softmax');
});

test('by keys alone a gradient leads to the step that sent it', async ({ page }) => {
  await open(page, '#at=b12&pin=2.h.7');
  await equation(page, /^the gradient of C t equals/).getByRole('button', { name: /^Terms of/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.terms tbody tr').first()).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.locator('.terms .source:focus')).toHaveAttribute('data-go', 'b.C.7.13');
  await page.keyboard.press('Enter');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', 'backward, t = 13 of 40');
  await expect(page.locator('.reading .word')).toHaveText('cell state');
});

test('the sum over the steps is whole at t = 1', async ({ page }) => {
  await open(page, '#at=b2&pin=1.h.3');
  const rows = page.locator('.shares tbody tr');
  const columns = async () => Promise.all((await rows.all()).map(async (row) => [await row.locator('td').nth(1).textContent(), await row.locator('td').nth(2).textContent()]));
  await expect(rows).toHaveCount(3);
  await page.keyboard.press('PageDown');
  await expect.poll(async () => (await columns()).every(([so, all]) => so === all)).toBe(true);
  await page.locator('.shares .unfold:visible').first().click();
  await expect(rows).toHaveCount(16 + 18 + 1);
  await expect.poll(async () => (await columns()).every(([so, all]) => so === all)).toBe(true);
});

test('Shift and an arrow walk the operations, forward, around the bend and back', async ({ page }) => {
  await open(page, '#T=2&at=f1&pin=1.h.3');
  const at = (/** @type {string} */ words) => expect(slider(page)).toHaveAttribute('aria-valuetext', words);
  for (let k = 1; k <= 6; k += 1) {
    await page.keyboard.press('Shift+ArrowRight');
    await at(`forward, t = 1 of 2, operation ${k} of 6`);
  }
  await expect(page.locator('#caption')).toContainText('tanh');
  await page.keyboard.press('Shift+ArrowRight');
  await at('forward, t = 2 of 2, operation 1 of 6');
  await expect(wire(page, 'h')).toHaveClass(/thin/);
  await expect(wire(page, 'h_prev')).not.toHaveClass(/thin/);
  for (let k = 2; k <= 7; k += 1) await page.keyboard.press('Shift+ArrowRight');
  await at('backward, t = 2 of 2, operation 1 of 8');
  await page.keyboard.press('Shift+ArrowRight');
  await at('backward, t = 2 of 2, operation 1 of 8');
  for (let k = 2; k <= 8; k += 1) await page.keyboard.press('Shift+ArrowLeft');
  await at('backward, t = 2 of 2, operation 8 of 8');
  await expect(page.locator('#caption')).toContainText('handed on');
  await page.keyboard.press('Shift+ArrowRight');
  await at('backward, t = 2 of 2, operation 7 of 8');
  // The address holds the operation; a step leaves it.
  await expect.poll(() => new URL(page.url()).hash).toContain('op=7');
  await page.reload();
  await at('backward, t = 2 of 2, operation 7 of 8');
  await page.getByRole('button', { name: 'One operation on' }).click();
  await at('backward, t = 2 of 2, operation 8 of 8');
  await page.keyboard.press('ArrowLeft');
  await at('backward, t = 1 of 2');
});

test('the drawing is one stop of the tab key; arrows follow the wires, Enter goes where one came from', async ({ page }) => {
  await open(page, '#at=f26&pin=2.h.7');
  await cell(page).focus();
  const chosen = () => page.locator('.wire[aria-selected="true"]').getAttribute('data-wire');
  expect(await chosen()).toBe('C_prev');
  await page.keyboard.press('ArrowRight');
  expect(await chosen()).toBe('kept');
  await page.keyboard.press('ArrowDown');
  expect(await chosen()).toBe('written');
  await page.keyboard.press('ArrowRight');
  expect(await chosen()).toBe('C');
  await page.keyboard.press('ArrowLeft');
  expect(await chosen()).toBe('kept');
  await expect(cell(page)).toHaveAttribute('aria-activedescendant', /^wire-\d+$/);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.locator('.where')).toContainText('t = 25');
  await page.keyboard.press('Tab');
  await expect(cell(page)).not.toBeFocused();
});

test('on the way back a wire leads to the equation of its gradient', async ({ page }) => {
  await open(page, '#at=b12&pin=2.h.7');
  await cell(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const unfolded = equation(page, /^what the cell hands on/).getByRole('button', { name: /^Terms of/ });
  await expect(unfolded).toHaveAttribute('aria-expanded', 'true');
  await expect(unfolded).toBeInViewport();
});

test('a finger chooses a wire, and then follows it', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 }, ...(baseURL ? { baseURL } : {}) });
  const page = await context.newPage();
  await open(page, '#at=f26&pin=2.h.7');
  const drawing = cell(page);
  await drawing.scrollIntoViewIfNeeded();
  const box = await drawing.boundingBox();
  if (!box) throw new Error('no drawing');
  expect(box.width).toBeGreaterThan(350);
  // The cell state comes in at the left, on the highway.
  const [x, y] = [box.x + (20 / 322) * box.width, box.y + (44 / 258) * box.height];
  await page.touchscreen.tap(x, y);
  await expect(page.locator('.wire-read')).toContainText('cell state before');
  await expect(page.locator('.where')).toContainText('t = 26');
  await page.touchscreen.tap(x, y);
  await expect(page.locator('.where')).toContainText('t = 25');
  await context.close();
});

test('the wires can be read as a table', async ({ page }) => {
  await open(page, '#at=b12&pin=3.h.3');
  await expect(cell(page)).toBeVisible();
  await page.locator('.steps').getByRole('button', { name: 'All wires' }).click();
  const dialog = page.getByRole('dialog', { name: /GRU cell, unit 3, t = 12/ });
  await expect(dialog.getByRole('columnheader')).toHaveText(['wire', 'symbol', 'value', '∂L/∂']);
  await expect(dialog.locator('tbody tr')).toHaveCount(15);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the equations are copied as LaTeX', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, '#at=f26&pin=2.h.7');
  await page.getByTitle('Copy as LaTeX: Forward, this unit').click();
  const text = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(text).toContain('{C}_{t} = {f}_{t} \\odot {C}_{t - 1} + {i}_{t} \\odot {\\tilde{C}}_{t}');
  expect(await text()).toMatch(/^\\begin\{gather\*\}[^]*\\end\{gather\*\}$/);
});

test('what is exactly zero or not finite is hatched and said', async ({ page }) => {
  await open(page, '#act=relu&rho=3&T=200&data=sunspots&precision=f32&at=b190&pin=1.h.1');
  await expect(cell(page)).toBeVisible();
  await expect(page.locator('.wire:is(.broken, .zero)').first()).toBeVisible();
  await expect(page.locator('.cell .gradient:not(.nowhere)').filter({ hasText: /exactly 0|NaN|∞/ }).first()).toBeVisible();
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds nothing in an unfolded inspector, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    for (const address of ['#at=f26&pin=2.h.7&terms=f&op=5', '#at=b40&pin=1.h.3&terms=dh_loss', '#at=b26&pin=3.h.3&terms=W_z&op=9']) {
      await open(page, address);
      await expect(cell(page)).toBeVisible();
      await accessible(page);
    }
  });
}

test('targets are at least 24 px, 44 px on a phone', async ({ page }) => {
  const small = (/** @type {number} */ least) =>
    page.evaluate((size) => [...document.querySelectorAll('.inspector button:not([disabled])')]
      .filter((node) => node.checkVisibility())
      .map((node) => ({ name: node.getAttribute('aria-label') ?? node.textContent, box: node.getBoundingClientRect() }))
      .filter(({ box }) => box.width < size || box.height < size)
      .map(({ name, box }) => `${name}: ${box.width}×${box.height}`), least);
  await open(page, '#at=b26&pin=2.h.7&terms=dh_prev');
  await expect(cell(page)).toBeVisible();
  expect(await small(24)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => small(44)).toEqual([]);
  await fits(page);
});

test('layer normalisation stands between sum and activation, and its operations say what it does', async ({ page }) => {
  await open(page, '#lanes=rnn~norm:on,lstm~norm:on&at=f3&pin=1.h.1');
  await expect(page.locator('.node.norm')).toHaveCount(1);
  await expect(page.locator('.steps .operation')).toHaveText('9 operations');
  for (let k = 0; k < 7; k += 1) await page.keyboard.press('Shift+ArrowRight');
  await expect(page.locator('#caption')).toContainText('7 of 9: deviation');
  await expect(page.locator('.node.norm')).toHaveClass(/now/);
  await open(page, '#lanes=rnn~norm:on,lstm~norm:on&at=b3&pin=2.C.1');
  await expect(page.locator('.node.norm')).toHaveCount(4);
  const [height, drawn] = await cell(page).evaluate((svg) => [Number(svg.getAttribute('height')), svg instanceof SVGGraphicsElement ? svg.getBBox().height : NaN]);
  expect(drawn).toBeLessThanOrEqual(height + 2);
});

test('buttons name their equation, quantities have no weights, and the chosen row is outlined most', async ({ page }) => {
  await open(page, '#at=b19&pin=2.C.6');
  await expect(page.locator('.chosen-cell.other')).not.toHaveCount(0);
  const unfold = page.getByRole('button', { name: 'Terms of the gradient of h t', exact: true });
  await unfold.click();
  const terms = page.locator('.eq[data-name="dh"] .terms');
  await expect(terms.locator('tr.quantity')).toHaveCount(2);
  await expect(terms.locator('p')).toBeEmpty();
  await expect(terms.locator('th[data-wire]')).toHaveCount(0);
  const chosen = page.locator('.chosen-cell:not(.other)');
  await expect(chosen).toHaveCount(1);
  const borders = await page.locator('.chosen-cell').evaluateAll((cells) => cells.map((node) => parseFloat(getComputedStyle(node).borderTopWidth)));
  expect(borders.filter((width) => width > 1)).toHaveLength(1);
});

test('what opens at the foot comes into view', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, '#at=b19&pin=2.h.6');
  await page.getByRole('button', { name: 'Weights and inputs' }).click();
  await expect(page.locator('#matrices .grid').first()).toBeInViewport();
});
