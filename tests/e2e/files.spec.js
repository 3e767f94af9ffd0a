import { readFile } from 'node:fs/promises';

import { expect, open, test } from './fixture.js';
import { laneNames, picture } from './screen.js';

test('an experiment is saved and opened again', async ({ page }) => {
  await open(page);
  await page.keyboard.press('2');
  await page.getByRole('button', { name: 'Save' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Experiment file of LSTM' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/lstm.*\.json$/);
  const saved = JSON.parse(await readFile(await file.path(), 'utf8'));
  expect(saved.format).toBe('unrolled/1');
  expect(saved.model.cell).toBe('lstm');

  const gauge = await page.locator('.gutter').nth(1).locator('.gauge b').textContent();
  await page.locator('#file').setInputFiles({ name: 'saved.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(saved)) });
  await expect.poll(() => page.locator('.gauge b').allTextContents()).toContain(gauge);
  await expect(page.getByRole('alert')).toBeHidden();
});

test('a trace is saved', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Save' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Trace file of RNN' }).click();
  const trace = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  expect(Object.keys(trace).length).toBeGreaterThan(2);
});

test('a wrong file gives one message with its name and place, and the picture stays', async ({ page }) => {
  await open(page);
  const before = await picture(page);
  const lanes = await laneNames(page);
  await page.locator('#file').setInputFiles({ name: 'gates.json', mimeType: 'application/json', buffer: Buffer.from('{"format": "unrolled/9"}') });
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('gates.json');
  await expect(alert).toContainText('expected');
  await expect(alert).toContainText('unchanged');
  await expect(alert.getByRole('button', { name: 'Choose a file' })).toBeVisible();
  expect(await picture(page)).toBe(before);
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

test('the link is copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByRole('status')).toContainText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('#');
});
