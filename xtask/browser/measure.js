// Measures the page in the browser and prints the figures as JSON: node measure.js ADDRESS

import { chromium } from '@playwright/test';

import { chromiumFlags, chromiumPath } from './chromium.js';

// The page is opened so often, each time by a browser that has seen nothing yet.
const OPENINGS = 7;

// So often a setting is changed, once the page has warmed up.
const CHANGES = 200;

// What is on the screen meanwhile: three lanes of 32 hidden units over 100 steps.
const EXPERIMENT = '#data=sunspots&T=100&H=32';

const [, , address] = process.argv;

/** When the page's first complete picture was there. */
const opening = () => ({ firstPicture: performance.getEntriesByName('first-picture')[0]?.startTime });

/** Moves the slider of ρ to and fro, and collects the times from its event to the frame that shows it. */
const drive = async (changes) => {
  const slider = document.querySelector('#rho');
  if (slider === null) return [];
  const times = [];
  const note = (entries) => {
    for (const entry of entries) if (entry.name === 'setting-to-frame') times.push(entry.duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'measure' });
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const [low, high] = [Number(slider.min), Number(slider.max)];
  for (let change = 0; change < changes; change += 1) {
    slider.value = String(low + ((high - low) * (1 + Math.sin(change / 7))) / 2);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await frame();
    await frame();
  }
  note(observer.takeRecords());
  return times;
};

const layoutShift = () =>
  new Promise((resolve) => {
    let sum = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += entry.value;
    });
    observer.observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 500);
  });

/** Opens the page in a browser that has seen nothing yet, and hands it to `work`. */
const opened = async (hash, work) => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address + hash);
    await page.locator('html[data-ready="1"]').waitFor();
    const result = await work(page);
    return { result, shift: await page.evaluate(layoutShift) };
  } finally {
    await browser.close();
  }
};

const visits = [];
for (let visit = 0; visit < OPENINGS; visit += 1) {
  visits.push(await opened('', (page) => page.evaluate(opening)));
}
const changed = await opened(EXPERIMENT, async (page) => {
  await page.evaluate(drive, CHANGES / 10);
  return page.evaluate(drive, CHANGES);
});
console.log(
  JSON.stringify({
    openings: visits.map((visit) => visit.result),
    frames: changed.result,
    shift: Math.max(...visits.map((visit) => visit.shift)),
  }),
);
