// Measures the page in the browser and prints the figures as JSON: node measure.js ADDRESS

import { chromium } from '@playwright/test';

import { chromiumFlags, chromiumPath } from './chromium.js';

// The page is opened so often, each time by a browser that has seen nothing yet.
const OPENINGS = 7;

// So often a setting is changed, once the page has warmed up.
const CHANGES = 200;

const [, , address] = process.argv;

/** What the browser fetched before the page's first complete picture, when that was, and how much moved. */
const opening = () => {
  const firstPicture = performance.getEntriesByName('first-picture')[0]?.startTime;
  const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const before = entries.filter((entry) => entry.startTime < (firstPicture ?? Infinity));
  const fetched = before.map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize]);
  return { firstPicture, fetched: Object.fromEntries(fetched) };
};

/** Moves the slider of ρ to and fro, and collects the measures from its event to the frame that shows it. */
const drive = async (/** @type {number} */ changes) => {
  const slider = /** @type {HTMLInputElement | null} */ (document.querySelector('#rho'));
  if (slider === null) return [];
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const [low, high] = [Number(slider.min), Number(slider.max)];
  for (let change = 0; change < changes; change += 1) {
    slider.value = String(low + ((high - low) * (1 + Math.sin(change / 7))) / 2);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await frame();
    await frame();
  }
  return performance.getEntriesByName('setting-to-frame').map((measure) => measure.duration);
};

const layoutShift = () =>
  new Promise((resolve) => {
    let sum = 0;
    const count = (/** @type {PerformanceEntry[]} */ entries) => {
      for (const entry of entries) sum += entry.value;
    };
    const observer = new PerformanceObserver((list) => count(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 500);
  });

const open = async (browser) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('html[data-ready="1"]').waitFor();
  return page;
};

const openings = [];
let frames = [];
let shift = 0;
for (let i = 0; i < OPENINGS; i += 1) {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  try {
    const page = await open(browser);
    openings.push(await page.evaluate(opening));
    if (i + 1 === OPENINGS) {
      await page.evaluate(drive, CHANGES / 10);
      await page.evaluate(() => performance.clearMeasures());
      frames = await page.evaluate(drive, CHANGES);
    }
    shift = Math.max(shift, await page.evaluate(layoutShift));
  } finally {
    await browser.close();
  }
}
console.log(JSON.stringify({ openings, frames, shift }));
