import { defineConfig } from '@playwright/test';

import { chromiumFlags, chromiumPath, headlessPath } from './xtask/browser/chromium.js';

// `cargo xtask test --only e2e` starts the servers and says where they are. By hand: `cargo xtask serve`, then
// `npx playwright test`.
export default defineConfig({
  // Machines that test are shared: a slow minute is no failure of the page.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // The second try alone is recorded: recording everything takes a third more time.
  retries: 1,
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  reporter: 'list',
  use: {
    // A browser's process costs as much as most tests: the next test of a worker gets its page, emptied. What a test
    // allows itself is taken back in fixture.js; a second try has a browser of its own.
    reuseContext: true,
    baseURL: process.env.UNROLLED_URL ?? 'http://127.0.0.1:8080/',
    distURL: process.env.UNROLLED_DIST_URL ?? '',
    browserName: 'chromium',
    trace: 'on-first-retry',
  },
  projects: [
    { name: 'page', use: { launchOptions: { executablePath: headlessPath, args: chromiumFlags } } },
    // What people have: the browser with all that belongs to it opens the page, too.
    { name: 'chromium', testMatch: 'smoke.spec.js', use: { launchOptions: { executablePath: chromiumPath, args: chromiumFlags } } },
  ],
});
