// What the tests of the page look at, by name.

/** @typedef {import('@playwright/test').Page} Page */

/**
 * Where the playhead stands, from the one slider of the transport.
 * @param {Page} page
 */
export const position = async (page) => Number(await slider(page).getAttribute('aria-valuenow'));

/** @param {Page} page */
export const slider = (page) => page.getByRole('slider', { name: 'Position in the pass' });

/** @param {Page} page */
export const steps = async (page) => Number(await slider(page).getAttribute('aria-valuemax')) / 2;

/** @param {Page} page */
export const figure = (page) => page.locator('#figure');

/**
 * The names in the lane list, top to bottom.
 * @param {Page} page
 */
export const laneNames = (page) => page.locator('#lanes b').allTextContents();

/**
 * The pixels of the heat maps, as one number: equal pictures give equal numbers.
 * @param {Page} page
 */
export const picture = (page) =>
  page.evaluate(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#figure canvas'));
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (const byte of data) sum = (Math.imul(sum, 31) + byte) | 0;
    return sum;
  });

/**
 * The middle of a lane's first row at step t, in the viewport.
 * @param {Page} page
 * @param {number} lane
 * @param {number} t
 */
export async function cell(page, lane, t) {
  const head = await page.locator('.gutter').nth(lane).boundingBox();
  const row = await page.locator('.gutter').nth(lane).locator('.row-name:not(.strip)').first().boundingBox();
  const track = await slider(page).boundingBox();
  const T = await steps(page);
  if (!head || !row || !track) throw new Error('the figure is not there');
  // The slider covers the columns and 12 px before, 19 px after.
  const column = (track.width - 12 - 18) / T;
  return { x: track.x + 12 + (t - 0.5) * column, y: row.y + row.height / 2 };
}

/**
 * Moves a slider as a hand would: the value while it moves, then the value that stays.
 * @param {import('@playwright/test').Locator} control
 * @param {string} value
 */
export const drag = (control, value) =>
  control.evaluate((node, to) => {
    const input = /** @type {HTMLInputElement} */ (node);
    input.value = to;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, value);

/**
 * Lets a second go by, after which a change is a step back of its own.
 * @param {Page} page
 */
export const later = (page) =>
  page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 1100;
  });

/**
 * Waits until what was asked for is drawn: a frame may be on its way already, the next one shows it.
 * @param {Page} page
 */
export const drawn = (page) =>
  page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(undefined))); }));

/**
 * Opens a file as the file dialog would.
 * @param {Page} page
 * @param {string} name
 * @param {string} text
 */
export const openFile = (page, name, text) =>
  page.locator('#file').evaluate((node, [called, content]) => {
    const input = /** @type {HTMLInputElement} */ (node);
    const transfer = new DataTransfer();
    transfer.items.add(new File([content ?? ''], called ?? ''));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, [name, text]);

/**
 * Saves a file through the menu, and reads it.
 * @param {Page} page
 * @param {string} button
 */
export async function save(page, button) {
  // The text goes to the browser as a blob: it is read there.
  await page.evaluate(() => {
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      /** @type {any} */ (window).saved = blob;
      return make(blob);
    };
  });
  await page.getByRole('button', { name: 'Save' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const name = (await download).suggestedFilename();
  const text = await page.evaluate(() => /** @type {Promise<string>} */ (/** @type {any} */ (window).saved.text()));
  return { name, text };
}
