import { chromium } from '@playwright/test';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: '--headless=new --no-sandbox --disable-gpu'.split(' ') });
for (const [width,height] of [[1440,900],[1280,720],[390,844]]) for (const colorScheme of ['light','dark']) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.on('pageerror', e => console.log('ERR', String(e)));
  page.on('console', m => console.log(m.type(), m.text()));
  let release; const wait = new Promise(r => release = r);
  await page.route('**/unrolled_bg.wasm', async route => { await wait; await route.continue(); });
  await page.addInitScript(() => { window.__cls = []; new PerformanceObserver(l => { for (const e of l.getEntries()) window.__cls.push([e.value, e.sources.map(s => (s.node?.id || s.node?.className || s.node?.nodeName) + ' ' + JSON.stringify(s.previousRect) + '>' + JSON.stringify(s.currentRect))]); }).observe({ type: 'layout-shift', buffered: true }); });
  await page.goto('http://127.0.0.1:8095/');
  await page.waitForFunction(() => performance.getEntriesByName('first-picture').length > 0, null, { timeout: 4000 }).catch(() => console.log('no first picture'));
  await page.waitForTimeout(400);
  const name = `/tmp/w8/${width}-${colorScheme}`;
  await page.screenshot({ path: name + '-first.png' });
  const a = await page.locator('#main').screenshot();
  release();
  await page.locator('html[data-ready="1"]').waitFor();
  await page.waitForTimeout(600);
  await page.screenshot({ path: name + '-whole.png' });
  const b = await page.locator('#main').screenshot();
  console.log(width, colorScheme, 'same main', a.equals(b), JSON.stringify(await page.evaluate(() => window.__cls)), await page.evaluate(() => performance.getEntriesByName('first-picture')[0].startTime));
  await page.close();
}
await browser.close();
