// Somebody who has nothing: one click to a training on samples, its answers as pictures, and two jobs side by side.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFailed } from 'vitest';
import { launch } from './chromium';
import { LOOKS, live, look, open, shoot } from './look';
import { Platform, until } from './platform';

/** Until a small model is trained, whatever else the machine does. */
const TRAINED_MS = 600_000;

let platform: Platform;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  page = await (await open(browser, platform.token, {})).newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});

beforeEach(() => onTestFailed(() => shoot(page, 'failed-first')));

afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

it.each(LOOKS)('has three ways to begin: $name', async ({ name, options }) => {
  const context = await open(browser, platform.token, options);
  const at = await context.newPage();
  await look(at, platform.url, `first-run-${name}`, async (here) => {
    await live(here);
    await here.locator('canvas').nth(5).waitFor();
  });
  await expect
    .poll(() => at.getByRole('region').count(), { message: 'samples, one’s own images, a folder' })
    .toBeGreaterThanOrEqual(3);
  await context.close();
});

it('trains on samples after one click', async () => {
  await page.goto(platform.url);
  await page.getByRole('button', { name: '예시로 학습 시작' }).click();
  await page.waitForURL(/\/jobs\/(1|[0-9a-f-]{36})$/, { timeout: 180_000 });
  await page.locator('main .status.finished').waitFor({ timeout: TRAINED_MS });
  const { job } = await platform.ask<{ job: { best: { accuracy: number } } }>('GET', '/v1/jobs/1');
  console.log(`three shapes are told apart: accuracy ${job.best.accuracy.toFixed(3)}`);
  expect(job.best.accuracy, 'better than chance').toBeGreaterThan(0.5);
}, 900_000);

it('shows what it answered over pictures from the store, one of them as large as the window', async () => {
  await page.goto(`${platform.url}/jobs/1?tab=predictions`);
  const gallery = page.getByRole('region', { name: '예측 예시' });
  const tiles = gallery.getByRole('listitem');
  await tiles.first().waitFor();
  const all = await tiles.count();
  await until('every picture', async () => (await tiles.locator('svg > image').count()) === all);
  await expect.poll(() => tiles.locator('svg svg').count(), { message: 'none is cut out of a page' }).toBe(0);
  await tiles.first().getByRole('button').press('Enter');
  const dialog = page.getByRole('dialog');
  const picture = dialog.locator('svg[role=img]');
  await dialog.locator('image').waitFor({ state: 'attached' });
  const width = async () => (await picture.boundingBox())!.width;
  const [title, before] = [await dialog.getByRole('heading').innerText(), await width()];
  await page.keyboard.press('+');
  await until('it is larger', async () => (await width()) > before * 1.4);
  await page.keyboard.press('0');
  await page.keyboard.press('ArrowRight');
  await until('the next one', async () => (await dialog.getByRole('heading').innerText()) !== title);
  await shoot(page, 'gallery-large');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  const shown = async (name: string) => {
    await gallery.getByRole('button', { name, exact: true }).click();
    return tiles.count();
  };
  const [right, wrong] = [await shown('정답'), await shown('오답')];
  expect(right + wrong).toBe(all);
  await expect.poll(() => shown('모두')).toBe(all);
  await gallery.getByRole('combobox', { name: '정답', exact: true }).selectOption('circle');
  await until('only circles', async () => {
    const words = await tiles.allInnerTexts();
    return words.every((text) => text.includes('정답: circle'));
  });
});

it('compares two jobs by every measurement they share and on the same images', async () => {
  const order = { model: 'resnet18', dataset: 'sample-shapes@1', epochs: 2, image_size: 32 };
  await platform.ask('POST', '/v1/jobs', order);
  await until(
    'the second job',
    async () => {
      const { job } = await platform.ask<{ job: { status: string } }>('GET', '/v1/jobs/2');
      return job.status === 'finished';
    },
    TRAINED_MS,
  );
  await page.goto(`${platform.url}/jobs/compare?jobs=1,2`);
  const curves = page.getByRole('region', { name: '곡선' });
  await until('a chart for each', async () => (await curves.locator('canvas').count()) >= 3);
  const plots = curves.locator('.u-over');
  const box = (await plots.first().boundingBox())!;
  await page.mouse.move(box.x + 4, box.y + box.height / 2);
  await curves.getByText('1 에폭').waitFor();
  const first = await curves.getByRole('listitem').filter({ hasText: '%' }).allInnerTexts();
  await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
  await curves.getByText('8 에폭').waitFor();
  await expect.poll(() => curves.getByRole('listitem').filter({ hasText: '%' }).allInnerTexts()).not.toEqual(first);
  const images = page.getByRole('region', { name: '같은 이미지 비교' });
  const lines = images.locator('tbody tr');
  await lines.first().waitFor();
  await until('pictures of both', async () => (await lines.first().locator('svg > image').count()) === 2);
  const titles = await lines
    .first()
    .getByRole('button')
    .evaluateAll((all) => all.map((one) => one.getAttribute('title')));
  expect(new Set(titles).size, 'the same image').toBe(1);
});

it.each(LOOKS)('looks right with what there is now: $name', async ({ name, options }) => {
  const context = await open(browser, platform.token, options);
  for (const [called, path] of [
    ['home-begun', '/'],
    ['gallery', '/jobs/1?tab=predictions'],
    ['compare-images', '/jobs/compare?jobs=1,2'],
  ] as const) {
    const at = await context.newPage();
    await look(at, platform.url + path, `${called}-${name}`, async (here) => {
      await live(here);
      if (called === 'home-begun') await here.getByRole('row').nth(1).waitFor();
      else await here.locator('svg > image').first().waitFor({ state: 'attached' });
    });
    await at.close();
  }
  await context.close();
});

it('had nothing to complain about, and broke no rule of its policy', () => {
  expect(complaints).toEqual([]);
});
