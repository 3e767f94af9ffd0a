import { expect, open, test } from './fixture.js';
import { drawn, slider } from './screen.js';
import { OTHERS, SCREENS, accessible, fits, onScreens } from './screens.js';

for (const screens of [undefined, OTHERS]) {
  // The other theme has other colours, and nothing else.
  const rules = screens && ['color-contrast', 'link-in-text-block'];
  onScreens('opening: axe finds nothing, and nothing is wider than the page', async (page, { width }) => {
    await open(page);
    await accessible(page, rules);
    await fits(page);
    if (width === 390) await page.locator('#experiment-head').click();
    await page.getByRole('button', { name: 'Settings of LSTM' }).click();
    await page.evaluate(() => { location.hash = 'rho=lots'; });
    await expect(page.getByRole('alert')).toBeVisible();
    await accessible(page, rules);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.keyboard.press('?');
    await accessible(page, rules);
  }, screens);
}

test('between the screens, lying in the hand and magnified, nothing of the head overlaps or is cut', async ({ page }) => {
  await open(page);
  for (const [width, height] of /** @type {const} */ ([[720, 450], [844, 390], [640, 360], [768, 1024], [820, 1180], [860, 1000], [1023, 700]])) {
    await page.setViewportSize({ width, height });
    await drawn(page);
    await expect(() => fits(page)).toPass({ timeout: 5000 });
    const boxes = await page.locator('.top button:visible, .tabs button:visible').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
    boxes.forEach((box, k) => {
      expect(box.right, `${width} × ${height}`).toBeLessThanOrEqual(width);
      for (const other of boxes.slice(k + 1)) {
        expect(box.right <= other.left + 1 || box.bottom <= other.top + 1, `${width} × ${height}`).toBe(true);
      }
    });
  }
});

test('in the hand data and settings are one press away', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await page.getByRole('button', { name: 'Data and settings' }).click();
  await expect(page.locator('#experiment-head')).toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Text' })).toBeInViewport();
});

test('the caption is a live region that tells the step', async ({ page }) => {
  await open(page);
  const caption = page.locator('#caption');
  await expect(caption).toHaveAttribute('aria-live', 'polite');
  await page.keyboard.press('Home');
  await expect(caption).toContainText(/Forward, t.=.1/);
  await page.keyboard.press('End');
  await expect(caption).toContainText(/Backward, t.=.1/);
});

test('a run that is paused says where one is', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await expect.poll(() => slider(page).getAttribute('aria-valuenow').then(Number)).toBeGreaterThan(3);
  // What is put into a live region is read: here while it is live.
  await page.locator('#caption').evaluate((caption) => {
    new MutationObserver((changes) => {
      const words = changes.flatMap(({ addedNodes }) => [...addedNodes]).map((node) => node.textContent).join('');
      if (words && caption.getAttribute('aria-live') === 'polite') caption.setAttribute('data-said', words);
    }).observe(caption, { childList: true, subtree: true });
  });
  await page.keyboard.press(' ');
  await expect(page.locator('#caption')).toHaveAttribute('data-said', /^Forward, t.=.\d+/);
});

const CONTROLS = new Set(['button', 'link', 'textbox', 'slider', 'combobox', 'listbox', 'radio', 'radiogroup', 'checkbox', 'tab', 'spinbutton', 'menuitem', 'region', 'dialog']);

/**
 * No id stands twice, and nothing that can be worked has no name. What a screen reader is told, asked of the browser.
 * @param {import('@playwright/test').Page} page
 */
async function named(page) {
  const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
  expect(ids.filter((id, k) => ids.indexOf(id) < k)).toEqual([]);
  const { nodes } = await (await page.context().newCDPSession(page)).send('Accessibility.getFullAXTree');
  const bare = nodes.filter(({ ignored, role, name }) => !ignored && CONTROLS.has(role?.value) && !name?.value);
  expect(bare.map(({ role, properties }) => `${role?.value} ${JSON.stringify(properties)}`)).toEqual([]);
  return nodes.filter(({ role }) => CONTROLS.has(role?.value)).length;
}

test('every control has a name of its own, also with all settings and all lanes unfolded', async ({ page }) => {
  await open(page);
  expect(await named(page)).toBeGreaterThan(60);
  await expect(page.locator('input[type=file]')).toBeHidden();
  for (const address of ['#tab=update&limit=norm&clip=value&init=he', '#data=mood&lanes=rnn,lstm,gru,ann', '#shape=one-to-many&feedback=on', '#layers=2&directions=both&tab=spectrum']) {
    await page.goto(`./${address}`);
    await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
    for (const more of await page.getByRole('button', { name: /^Settings of / }).all()) await more.click();
    await drawn(page);
    expect(await named(page)).toBeGreaterThan(100);
  }
  await page.getByRole('combobox', { name: 'Skip connection' }).first().focus();
});

test('sliders speak their value', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('slider', { name: 'Recurrent scale ρ' })).toHaveAttribute('aria-valuetext', /^\d\.\d\d$/);
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /^(forward|backward), t = \d+ of 40$/);
});

test('the skip link goes to the figure, and the address stays the experiment’s', async ({ page }) => {
  await open(page, '#rho=1.7');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the figure' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#figure')).toBeFocused();
  await expect(page.getByRole('alert')).toBeHidden();
  expect(new URL(page.url()).hash).toContain('rho=1.7');
});

test('targets are at least 24 px, 44 px on a phone', async ({ page }) => {
  const small = (/** @type {number} */ least) =>
    page.evaluate((size) => [...document.querySelectorAll('.tools button, .transport button, .transport select, .icon, .figure-head button')]
      .filter((node) => node.getClientRects().length > 0)
      .map((node) => ({ name: node.getAttribute('aria-label') ?? node.textContent, box: node.getBoundingClientRect() }))
      .filter(({ box }) => box.width < size || box.height < size)
      .map(({ name, box }) => `${name}: ${box.width}×${box.height}`), least);
  await open(page);
  expect(await small(24)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('#experiment-head').click();
  expect(await small(44)).toEqual([]);
});

test('nothing moves while the page loads', async ({ page }) => {
  await page.addInitScript(() => {
    /** @type {any} */ (window).shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) /** @type {any} */ (window).shift += /** @type {any} */ (entry).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const { width, height } of SCREENS) {
    await page.setViewportSize({ width, height });
    await open(page);
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(() => /** @type {any} */ (window).shift), `${width}×${height}`).toBeLessThan(0.01);
  }
});

test('without WebAssembly the page says what it needs', async ({ page, guard }) => {
  await page.addInitScript(() => { Object.defineProperty(window, 'WebAssembly', { value: undefined }); });
  await page.goto('./');
  await expect(page.locator('#wait')).toContainText('WebAssembly');
  // It is in the console as well, once.
  await expect.poll(() => guard.wrongs.filter((wrong) => wrong.startsWith('console')).length).toBe(1);
  guard.wrongs.length = 0;
});
