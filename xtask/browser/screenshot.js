// Writes a picture of the page: node screenshot.js ADDRESS FILE

import { chromium } from '@playwright/test';

import { chromiumFlags, chromiumPath } from './chromium.js';

const [, , address, file] = process.argv;

const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
try {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(address);
  await page.locator('html[data-ready="1"]').waitFor();
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
