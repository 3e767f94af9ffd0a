// Times the engine's passes in the browser and prints them as JSON: node engine.js ADDRESS

import { chromium } from '@playwright/test';

import { chromiumFlags, chromiumPath } from './chromium.js';

const [, , address] = process.argv;

const time = async () => {
  const { default: init, Cases } = await import(new URL('www/pkg/unrolled_bench.js', location.href).href);
  await init();
  const cases = new Cases();
  const passes = { forward: 'forward', 'forward + BPTT': 'forwardAndBack' };
  const rows = [];
  for (let number = 0; cases.name(number) !== undefined; number += 1) {
    for (const [pass, method] of Object.entries(passes)) {
      const times = [];
      const end = performance.now() + 1500;
      for (let run = 0; performance.now() < end; run += 1) {
        const start = performance.now();
        cases[method](number);
        // The first runs are those of the browser's quick, slow compiler.
        if (run >= 20) times.push(performance.now() - start);
      }
      rows.push({ case: `${cases.name(number)}, ${pass}`, times });
    }
  }
  return rows;
};

const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
try {
  const page = await browser.newPage();
  await page.goto(address);
  console.log(JSON.stringify(await page.evaluate(time)));
} finally {
  await browser.close();
}
