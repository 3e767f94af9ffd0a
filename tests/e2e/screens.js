// The three screens of the page, and what holds on each of them.

import { AxeBuilder } from '@axe-core/playwright';

import { expect, test } from './fixture.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{ width: number, height: number, colorScheme: 'light' | 'dark' }} Screen */

/** Each size once, each theme at least once: the colours are the same at every size. @type {Screen[]} */
export const SCREENS = [
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 1280, height: 720, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
];

/** The rest of sizes × themes, for what every visitor sees first. @type {Screen[]} */
export const OTHERS = SCREENS.map((screen) => ({ ...screen, colorScheme: screen.colorScheme === 'dark' ? 'light' : 'dark' }));

/**
 * A test on each screen.
 * @param {string} name
 * @param {(page: Page, screen: Screen) => Promise<void>} body
 * @param {Screen[]} [screens]
 */
export function onScreens(name, body, screens = SCREENS) {
  for (const screen of screens) {
    const { width, height, colorScheme } = screen;
    test.describe(`${width}×${height}, ${colorScheme}`, () => {
      test.use({ viewport: { width, height }, colorScheme });
      test(name, ({ page }) => body(page, screen));
    });
  }
}

/**
 * Nothing that axe objects to, or none of the named rules. The page has no frames, which a page of axe's own would join;
 * what is in order is not listed: together that is a quarter of the time.
 * @param {Page} page
 * @param {string[]} [rules]
 */
export async function accessible(page, rules) {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const runOnly = rules ? { runOnly: { type: /** @type {const} */ ('rule'), values: rules } } : {};
  const { violations } = await axe.options({ resultTypes: ['violations'], ...runOnly }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([]);
}

/**
 * Nothing is wider than the page.
 * @param {Page} page
 */
export async function fits(page) {
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(wide).toBeLessThanOrEqual(inner ?? 0);
}
