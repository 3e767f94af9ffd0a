import { expect, open, test } from './fixture.js';
import { figure, slider, steps } from './screen.js';
import { SCREENS, accessible, fits, onScreens } from './screens.js';

/** @typedef {import('@playwright/test').Page} Page */

/** The table of five shapes: its name, how many steps T = 5, T' = 4 make, and those with a loss. */
const TABLE = /** @type {const} */ ([
  ['one to one', 1, 1],
  ['one to many', 4, 4],
  ['many to one', 5, 1],
  ['many to many', 5, 5],
  ['encoder–decoder', 9, 4],
]);
const DECODER = '#data=letters&shape=encoder-decoder&T=6&out=5&H=4';

/** @param {Page} page */
const caption = (page) => page.locator('#caption');

for (const [kind, layers, directions] of /** @type {const} */ ([['plain', '1', '→ one'], ['deep', '3', '→ one'], ['bidirectional', '1', '⇄ both'], ['deep and bidirectional', '2', '⇄ both']])) {
  test(`every shape is chosen and stepped, ${kind}`, async ({ page }) => {
    await open(page, '#data=letters&T=5&out=4&H=3');
    await page.getByRole('slider', { name: 'Layers' }).fill(layers);
    await page.getByRole('radiogroup', { name: 'Directions' }).getByRole('radio', { name: directions }).check({ force: true });
    const spec = { plain: 'RNN tanh', deep: 'RNN 3 layers', bidirectional: 'RNN ⇄', 'deep and bidirectional': 'RNN 2 layers ⇄' }[kind];
    await expect(page.locator('.gutter').first()).toContainText(spec);
    for (const [name, count, losses] of TABLE) {
      await page.getByRole('radiogroup', { name: 'Shape' }).getByRole('radio', { name, exact: true }).check({ force: true });
      await expect.poll(() => steps(page)).toBe(count);
      // Each of RNN, LSTM and GRU says something at the steps that have a loss.
      const said = await page.locator('svg.words > g').last().locator(':scope > g').evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('text')].filter((text) => text.textContent).length));
      expect(said).toEqual([losses, losses, losses]);
      await slider(page).focus();
      await page.keyboard.press('Home');
      for (let t = 1; t < count; t++) await page.keyboard.press('ArrowRight');
      await expect(slider(page)).toHaveAttribute('aria-valuenow', String(count));
      await expect(caption(page)).toContainText('Forward');
      // At the end → turns back; from there ← goes on with the gradient.
      await page.keyboard.press('ArrowRight');
      await expect(caption(page)).toContainText('its gradient enters here');
      for (let t = 1; t < count; t++) await page.keyboard.press('ArrowLeft');
      await expect(slider(page)).toHaveAttribute('aria-valuenow', String(2 * count));
    }
  });
}

test('encoder and decoder share one axis, and the cursor passes the border', async ({ page }) => {
  await open(page, `${DECODER}&at=f6`);
  await expect(page.locator('.flag')).toHaveText('t = 6 ▸');
  await slider(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.flag')).toHaveText('t′ = 1 ▸');
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /t′ = 1 of 5/);
  await expect(caption(page)).toContainText('Forward, t′ = 1, “∅” (zeros).');
  await expect(page.locator('#inspector')).toContainText('t′ = 1');
  await expect(page.locator('svg.words')).toContainText('5′');
  await page.goto(`${page.url().split('#')[0]}${DECODER}&at=b6`);
  await expect(page.locator('.flag')).toHaveText('◂ t = 6');
  await expect(figure(page)).toContainText('decoder');
});

test('teaching tells the target, running free feeds the output back', async ({ page }) => {
  await open(page, `${DECODER}&at=f8`);
  await expect(caption(page)).toContainText('(the target before)');
  await page.getByLabel('Told as the output before').selectOption('free');
  await expect(caption(page)).toContainText('(its own output, fed back)');
  await expect(page).toHaveURL(/teaching=free/);
  await page.reload();
  await expect(caption(page)).toContainText('(its own output, fed back)');
});

test('what a shape has no room for is not offered, and says why', async ({ page }) => {
  await open(page, DECODER);
  await page.evaluate(() => { location.hash = '#data=letters&shape=one-to-many&feedback=on&directions=both'; });
  await expect(page.getByRole('alert')).toContainText('directions of lane 1: expected one');
});

test('the spectrum goes through the decoder into the encoder', async ({ page }) => {
  await open(page, `${DECODER}&tab=spectrum&at=b9`);
  const plane = page.locator('.plane-head').first();
  await expect(plane).toContainText('○ W and ● J of the decoder, t′ = 3');
  await expect(page.locator('.gutter.spectrum .gauge').first()).toContainText('largest, at t = 1');
  await expect(caption(page)).toContainText('step to t′ = 3 has ρ(J) = ');
  const radius = page.locator('.plane').first().locator('.dial').first();
  const decoder = await radius.getAttribute('title');
  await slider(page).focus();
  for (let t = 3; t > 0; t--) await page.keyboard.press('ArrowLeft');
  await expect(plane).toContainText('○ W and ● J of the encoder, t = 6');
  await expect(radius).not.toHaveAttribute('title', decoder ?? '');
});

// Wide screens show what lower ones show, and each part of it is looked at there.
onScreens('encoder and decoder: nothing to object to', async (page) => {
  for (const hash of [`${DECODER}&at=b9`, `${DECODER}&view=boxes&losses=every&at=b4`, `${DECODER}&tab=spectrum&directions=both&at=b9`, '#data=letters&shape=one-to-one']) {
    await page.goto('about:blank');
    await open(page, hash);
    await accessible(page);
    await fits(page);
  }
}, SCREENS.slice(1));
