import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { expect, open, test } from './fixture.js';

test.skip(({ distURL }) => distURL === '', 'cargo xtask test --only e2e writes and serves dist');
test.use({ baseURL: ({ distURL }, use) => use(distURL) });

test('dist works below a sub-path, from a server that sends no policy', async ({ page, request }) => {
  const response = await request.get('./');
  expect(response.headers()['content-security-policy']).toBeUndefined();
  await open(page);
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveCount(1);
});

test('dist names its files by what is in them, and stays below its path', async ({ page, distURL }) => {
  /** @type {string[]} */
  const paths = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http')) paths.push(url.pathname);
  });
  await open(page);
  const base = new URL(distURL).pathname;
  expect(paths.length).toBeGreaterThan(1);
  for (const path of paths.filter((path) => path !== base)) {
    expect(path.startsWith(base), path).toBe(true);
    expect(path).toMatch(/\.[0-9a-f]{8}\.[a-z]+$/);
  }
});

test('what dist loads before its first picture is what it names in its head, which is weighed', async ({ page }) => {
  await open(page);
  const { early, named } = await page.evaluate(() => {
    const first = performance.getEntriesByName('first-picture')[0]?.startTime ?? Infinity;
    const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.head.querySelectorAll('link[rel=modulepreload], link[rel=preload], link[rel=stylesheet]'));
    const scripts = /** @type {NodeListOf<HTMLScriptElement>} */ (document.head.querySelectorAll('script[src]'));
    return {
      early: performance.getEntriesByType('resource').filter(({ startTime }) => startTime < first).map(({ name }) => name),
      named: [...[...links].map(({ href }) => href), ...[...scripts].map(({ src }) => src)],
    };
  });
  expect(early.length).toBeGreaterThan(3);
  expect(early.filter((address) => !named.includes(address) && !address.startsWith('data:'))).toEqual([]);
});

test('dist holds the page in one file, which opens from a disk without network', async ({ page, context }, info) => {
  await open(page);
  await page.keyboard.press('?');
  const link = page.getByRole('link', { name: 'The page in one file' });
  const answer = await page.request.get(await link.evaluate((/** @type {HTMLAnchorElement} */ { href }) => href));
  const file = info.outputPath('unrolled.html');
  await writeFile(file, await answer.body());
  await context.setOffline(true);
  await page.goto(`${pathToFileURL(file)}#data=tags&lanes=rnn&tab=flow`);
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  await expect(page.locator('#error')).toBeHidden();
  await expect(page.locator('#tab-flow')).toHaveAttribute('aria-selected', 'true');
});
