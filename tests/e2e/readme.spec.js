// @ts-check
/** The JavaScript example of the README runs as it stands. */

import { readFileSync } from 'node:fs';
import { expect, test } from './fixture.js';

test('the example of the README', async ({ page }) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  expect(example).toContain('traceExperiment');
  // An evaluated script cannot import statically, and its module path begins at the page.
  const script = example
    .replace("import init, { traceExperiment } from './www", "const { default: init, traceExperiment } = await import('/www")
    .replace(".js';", ".js');");
  const logged = page.waitForEvent('console');
  await page.goto('/');
  const trace = await page.evaluate(`(async () => { ${script}; return trace; })()`);
  expect((await logged).text()).toContain(String(trace.loss));
  expect(trace.format).toBe('unrolled-trace/1');
  expect(trace.layers[0].z).toHaveLength(3);
  const sum = trace.loss_t.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b);
  expect(sum).toBeCloseTo(trace.loss, 12);
  expect(trace.gradients.layers[0].h).toHaveLength(3);
});
