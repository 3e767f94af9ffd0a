// Measures the page in the browser and prints the figures as JSON: node measure.js ADDRESS

import { chromium } from '@playwright/test';

import { chromiumFlags, chromiumPath } from './chromium.js';

// The page is opened so often, each time by a browser that has seen nothing yet.
const OPENINGS = 7;

// So often a setting is changed, once the page has warmed up.
const CHANGES = 200;

// So many frames a picture may take; what takes longer is not counted.
const PATIENCE = 60;

// What is on the screen meanwhile, three lanes each: 32 hidden units over 100 steps on every tab, and the largest flow.
const EXPERIMENTS = {
  Unrolled: '#data=sunspots&T=100&H=32',
  'Gradient flow': '#data=sunspots&T=100&H=32&shape=many-to-many&tab=flow',
  'Gradient flow, T = 200, H = 64': '#data=sunspots&T=200&H=64&shape=many-to-many&tab=flow',
  Spectrum: '#data=sunspots&T=100&H=32&tab=spectrum',
  Update: '#data=sunspots&T=100&H=32&tab=update',
};

const [, , address] = process.argv;

/** When the page's first complete picture was there. */
const opening = () => ({ firstPicture: performance.getEntriesByName('first-picture')[0]?.startTime });

/**
 * Moves the slider of ρ to and fro, and collects the times from its event to the picture that shows it, and how long
 * the longest task held the page up, of those over 50 ms.
 */
const drive = async ([changes, patience]) => {
  const slider = document.querySelector('#rho');
  const [times, long] = [[], [0]];
  if (slider === null) return { times, longest: 0 };
  const tasks = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
  tasks.observe({ type: 'longtask' });
  const note = (entries) => {
    for (const entry of entries) if (entry.name === 'setting-to-frame') times.push(entry.duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'measure' });
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const [low, high] = [Number(slider.min), Number(slider.max)];
  for (let change = 0; change < changes; change += 1) {
    slider.value = String(low + ((high - low) * (1 + Math.sin(change / 7))) / 2);
    const measured = times.length;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    for (let frames = 0; frames < patience && times.length === measured; frames += 1) {
      await frame();
      note(observer.takeRecords());
    }
    await frame();
  }
  return { times, longest: Math.max(...long) };
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
const changed = [];
for (const [name, experiment] of Object.entries(EXPERIMENTS)) {
  const { result } = await opened(experiment, async (page) => {
    await page.evaluate(drive, [CHANGES / 10, PATIENCE]);
    return page.evaluate(drive, [CHANGES, PATIENCE]);
  });
  changed.push({ name, ...result });
}
console.log(
  JSON.stringify({
    openings: visits.map((visit) => visit.result),
    changed,
    shift: Math.max(...visits.map((visit) => visit.shift)),
  }),
);
