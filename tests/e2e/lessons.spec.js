import { expect, open, test } from './fixture.js';
import { accessible, fits } from './screens.js';

test('a lesson opens its experiment, says its sentence and when it was changed, and leads on', async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  expect(asked.filter((url) => url.includes('lessons'))).toEqual([]);
  await expect(page.locator('#lesson .lesson-box')).toBeHidden();
  await page.getByRole('button', { name: 'Lessons' }).click();
  const links = page.locator('#lesson-menu a');
  await expect(links).toHaveCount(10);
  await expect(links.first()).toBeFocused();
  await accessible(page);
  await page.getByRole('link', { name: /^ReLU at ρ = 1.6 explodes/ }).click();
  await expect(page.locator('#lesson-menu')).toBeHidden();
  await expect(page.locator('#lesson .lesson-box')).toContainText('more than a hundredfold');
  await expect(page.getByRole('tab', { name: 'Spectrum' })).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/lesson=relu-explodes/);
  await expect(page.locator('#lanes b')).toHaveText(['RNN']);
  const box = page.getByRole('region', { name: 'Lesson' });
  const changed = box.getByText('Changed since');
  await expect(changed).toBeHidden();
  // The shared control sets the only lane, and the banner says that it speaks of another experiment now.
  await page.getByRole('radio', { name: 'tanh' }).check();
  await expect(page.locator('#lanes i').first()).toContainText('tanh');
  await expect(changed).toBeVisible();
  await accessible(page);
  await box.getByRole('link', { name: 'Back to the lesson' }).click();
  await expect(changed).toBeHidden();
  await expect(page.getByRole('radio', { name: 'ReLU' })).toBeChecked();
  await box.getByRole('link', { name: 'Next lesson' }).click();
  await expect(box).toContainText('A saturated softmax');
  await box.getByRole('button', { name: 'Close the lesson' }).click();
  await expect(box).toBeHidden();
  await expect(page).not.toHaveURL(/lesson=/);
  await page.goBack();
  await expect(box).toContainText('A saturated softmax');
});

test('where lanes differ, the shared control says so and sets them all', async ({ page }) => {
  await open(page, '#lanes=lstm~bf:1,lstm~bf:3&lesson=lstm-b-1-fades');
  const slider = page.getByRole('slider', { name: 'Forget bias' }).first();
  await expect(slider).toHaveAccessibleDescription('Per lane: LSTM +1.0, LSTM 2 +3.0. Set here, it is set for both.');
  await expect(slider).toHaveAttribute('aria-valuetext', 'differs');
  await accessible(page);
  await slider.press('ArrowRight');
  await expect(page.locator('#lanes i')).toHaveText(['bias f +1.1', 'bias f +1.1']);
  await expect(slider).toHaveAttribute('aria-valuetext', '+1.1');
  await expect(slider).toHaveAccessibleDescription('');
  await page.keyboard.press('Control+z');
  await expect(page.locator('#lanes i')).toHaveText(['bias f +1.0', 'bias f +3.0']);
});

test('a choice that differs per lane has none chosen, and one choice sets them all', async ({ page }) => {
  await open(page, '#lanes=rnn~act:tanh,rnn~act:relu');
  const group = page.getByRole('radiogroup', { name: /^Activation/ }).first();
  await expect(group.getByRole('radio', { checked: true })).toHaveCount(0);
  await expect(group.getByRole('radio', { name: 'ReLU' })).toHaveAccessibleDescription(/^Per lane: RNN tanh/);
  await group.getByRole('radio', { name: 'ReLU' }).check();
  await expect(page.locator('#lanes i')).toHaveText([/ReLU/, /ReLU/]);
  await expect(group.getByRole('radio', { name: 'ReLU' })).toBeChecked();
});

test('a lesson with weights of its own comes in its link', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Lessons' }).click();
  await page.getByRole('link', { name: /^ρ < 1, yet it grows/ }).click();
  await expect(page.locator('.plane .dial b').first()).toHaveText('0');
  await expect(page.locator('.gutter.spectrum .gauge b')).toHaveText('1.19×10⁷');
  await expect(page.getByRole('combobox', { name: 'Data' })).toHaveValue('file');
  await page.reload();
  await expect(page.locator('#lesson .lesson-box')).toContainText('ρ(W) speaks only for the linear network');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('the lessons have their button over the figure', async ({ page }) => {
    await open(page);
    await page.getByRole('button', { name: 'Lessons' }).click();
    await page.getByRole('link', { name: /^A saturated softmax/ }).click();
    await expect(page.locator('#lesson .lesson-box')).toContainText('no gradient enters at T');
    await expect(page.locator('.gutter .gauge').first()).toContainText('exactly 0');
    await fits(page);
  });
});
