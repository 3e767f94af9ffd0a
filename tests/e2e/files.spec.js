import { expect, open, test } from './fixture.js';
import { laneNames, openFile, picture, save } from './screen.js';

test('an experiment is saved and opened again', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Add a GRU lane' }).click();
  await expect(page.locator('#lanes > li')).toHaveCount(4);
  const seen = { lanes: await laneNames(page), gauges: await page.locator('.gauge b').allTextContents() };
  const { name, text } = await save(page, 'Experiment file of LSTM');
  expect(name).toMatch(/lstm.*\.json$/);
  const saved = JSON.parse(text);
  expect(saved.format).toBe('unrolled/1');
  expect(saved.model.cell).toBe('lstm');

  await page.goto('about:blank');
  await open(page);
  await expect(page.locator('#lanes > li')).toHaveCount(3);
  await openFile(page, name, text);
  await expect(page.locator('#lanes > li')).toHaveCount(4);
  await expect.poll(() => laneNames(page)).toEqual(seen.lanes);
  expect(await page.locator('.gauge b').allTextContents()).toEqual(seen.gauges);
  await expect(page.getByRole('alert')).toBeHidden();
});

test('a file of another program is opened, and the address brings it back', async ({ page }) => {
  await open(page);
  const file = {
    format: 'unrolled/1',
    model: {
      cell: 'rnn', inputs: 1, hidden: 2, outputs: 1, shape: 'many-to-one', activation: 'tanh',
      weights: {
        layers: [{ layer: 1, direction: 'forward', W_xh: [[0.5], [-0.5]], W_hh: [[0.9, 0], [0, 0.2]], b_h: [0, 0] }],
        head: { W_hy: [[1, 1]], b_y: [0] },
      },
    },
    loss: 'squared-error',
    x: [[1], [0], [0], [0]],
    target: [[1]],
  };
  await openFile(page, 'two-units.json', JSON.stringify(file));
  await expect(page.locator('#lanes small')).toHaveText([/2 units/]);
  await expect(page).toHaveURL(/lanes=file/);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-ready', '1');
  await expect(page.locator('#lanes small')).toHaveText([/2 units/]);
});

test('traces and the figure are saved', async ({ page }) => {
  await open(page);
  const trace = JSON.parse((await save(page, 'Trace file of RNN')).text);
  expect(Object.keys(trace).length).toBeGreaterThan(2);
  const { name, text } = await save(page, 'Figure as SVG');
  expect(name).toMatch(/\.svg$/);
  expect(text).toContain('<svg');
});

test('a wrong file gives one message with its name and place, and the picture stays', async ({ page }) => {
  await open(page);
  const before = await picture(page);
  const lanes = await laneNames(page);
  await openFile(page, 'gates.json', '{"format": "unrolled/9"}');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('gates.json');
  await expect(alert).toContainText('expected');
  await expect(alert).toContainText('unchanged');
  await expect(alert.getByRole('button', { name: 'Choose a file' })).toBeVisible();
  const [bar, head] = await Promise.all([alert.boundingBox(), page.locator('#main').boundingBox()]);
  expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(head?.y ?? 0);
  await page.keyboard.press('Escape');
  await expect.poll(() => picture(page)).toBe(before);
  expect(await laneNames(page)).toEqual(lanes);
});

test('a CSV of numbers can be dropped anywhere', async ({ page }) => {
  await open(page);
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['3\n1\n4\n1\n5\n9\n2\n6\n5\n3\n'], 'digits.csv', { type: 'text/csv' }));
    return transfer;
  });
  await page.dispatchEvent('#inspector', 'dragover', { dataTransfer: data });
  await expect(page.locator('#drop')).toBeVisible();
  await page.dispatchEvent('#inspector', 'drop', { dataTransfer: data });
  await expect(page.locator('#drop')).toBeHidden();
  await expect(page.locator('#data')).toHaveValue('numbers');
  await expect(page.locator('#numbers')).toHaveValue(/3[\s,]+1[\s,]+4/);
});

test('a link to a file that is too long for it says so, and the file can be saved', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const hidden = 60;
  const row = (/** @type {number} */ n) => Array.from({ length: n }, (_, k) => Math.sin(k * k) / 8);
  await openFile(page, 'long.json', JSON.stringify({
    format: 'unrolled/1',
    model: {
      cell: 'rnn', inputs: 1, hidden, outputs: 1, shape: 'many-to-one', activation: 'tanh',
      weights: {
        layers: [{ layer: 1, direction: 'forward', W_xh: row(hidden).map((x) => [x]), W_hh: row(hidden).map(() => row(hidden)), b_h: row(hidden) }],
        head: { W_hy: [row(hidden)], b_y: [0] },
      },
    },
    loss: 'squared-error', x: [[1], [0], [0]], target: [[1]],
  }));
  await expect(page.locator('#lanes small')).toHaveText([/60 units/]);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('this tab only');
  await expect(alert.getByText('unchanged')).toBeHidden();
  const download = page.waitForEvent('download');
  await alert.getByRole('button', { name: 'Save the experiment file' }).click();
  expect((await download).suggestedFilename()).toBe('unrolled-rnn-experiment.json');
  await expect(alert).toBeHidden();
});

test('the link is copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByRole('status')).toContainText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('#at=f1');
});
