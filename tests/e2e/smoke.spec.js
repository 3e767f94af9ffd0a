import { expect, open, test } from './fixture.js';

test('the page opens, complete and without a wrong', async ({ page }) => {
  await open(page);
  await expect(page).toHaveTitle(/Unrolled/);
});

test('the server sends the security headers', async ({ request }) => {
  const response = await request.get('./');
  const headers = response.headers();
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('the server keeps everything else to itself', async ({ request }) => {
  for (const path of ['Cargo.toml', '.git/config', 'www/%2e%2e/Cargo.toml', 'src/lib.rs', 'www/']) {
    expect((await request.get(`./${path}`)).status(), path).toBe(404);
  }
});
