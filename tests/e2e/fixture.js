// What every test of the page shares: a page that may do nothing wrong behind the test's back.

import { test as base, expect } from '@playwright/test';

/**
 * @typedef {object} Guard
 * @property {string[]} wrongs Console errors, uncaught exceptions, policy violations and failed requests so far.
 */

/**
 * @typedef {import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions} TestArgs
 * @typedef {import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions} WorkerArgs
 */

/** @type {import('@playwright/test').Fixtures<{ distURL: string, guard: Guard }, {}, TestArgs, WorkerArgs>} */
const fixtures = {
  // Where the page is served as `dist`; empty if it is not.
  distURL: ['', { option: true }],

  guard: [
    async ({ page, context, baseURL }, use) => {
      /** @type {string[]} */
      const wrongs = [];
      await page.exposeFunction('reportViolation', (/** @type {string} */ text) => wrongs.push(text));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const text = `policy: ${event.violatedDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`;
          /** @type {any} */ (window).reportViolation(text);
        });
      });
      page.on('console', (message) => {
        if (message.type() === 'error') wrongs.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => wrongs.push(`uncaught: ${error.stack ?? error.message}`));
      page.on('requestfailed', (request) => {
        // A page that is left behind takes its requests with it.
        const reason = request.failure()?.errorText;
        if (reason !== 'net::ERR_ABORTED') wrongs.push(`request: ${request.url()} ${reason}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) wrongs.push(`request: ${response.url()} ${response.status()}`);
      });
      page.on('request', (request) => {
        const url = new URL(request.url());
        const own = new URL(baseURL ?? url).hostname === url.hostname;
        if (!own && url.protocol.startsWith('http')) wrongs.push(`another site: ${url}`);
      });
      await use({ wrongs });
      await context.clearPermissions();
      await context.setOffline(false);
      expect(wrongs).toEqual([]);
    },
    { auto: true },
  ],
};

export const test = base.extend(fixtures);

/**
 * Opens the page and waits until it shows its first complete picture.
 *
 * @param {import('@playwright/test').Page} page
 * @param {string} [address] Relative to the page, such as `#rho=1.5`; the page itself if left out.
 */
export async function open(page, address = '') {
  await page.goto(address === '' ? './' : `./${address}`);
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
}

export { expect };
