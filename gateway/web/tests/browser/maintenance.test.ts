// A worker is drained and given back, and the queue paused and opened again, by hand, on a platform whose only worker it is.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium';
import { live, open } from './look';
import { Platform } from './platform';

let browser: Browser;
let platform: Platform;
let page: Page;

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  page = await (await open(browser, platform.token, { locale: 'en-US' })).newPage();
  await page.goto(`${platform.url}/fleet`);
  await live(page);
});

afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

interface Row {
  job: { status: string; waiting_because?: { code: string }[] };
}
const job = (number: number) => platform.ask<Row>('GET', `/v1/jobs/${number}`).then(({ job }) => job);
const train = () =>
  platform.ask('POST', '/v1/jobs', { model: 'resnet18', dataset: platform.dataset, epochs: 1, image_size: 16 });
const press = (name: string | RegExp) => page.getByRole('button', { name }).last().click();

it('gives a drained worker nothing until it is returned', async () => {
  // Looked at before: a drained worker looks at nothing either.
  type Answer = { dataset: { id: string; status: string } };
  const { dataset } = await platform.ask<Answer>('POST', '/v1/datasets', { path: platform.dataset });
  const looked = () => platform.ask<Answer>('GET', `/v1/datasets/${dataset.id}`);
  await expect.poll(async () => (await looked()).dataset.status, { timeout: 60_000 }).toBe('valid');
  await press(/^Drain /);
  await page.getByLabel('Why').fill('a new fan');
  await press('Drain');
  await page.getByText(/: "a new fan"$/).waitFor();
  await train();
  await expect.poll(async () => (await job(1)).waiting_because?.map(({ code }) => code)).toContain('workers_drained');
  await press(/^Return /);
  await expect.poll(async () => (await job(1)).status, { timeout: 120_000 }).toBe('finished');
  expect(await page.getByText('"a new fan"').count()).toBe(0);
});

it('begins nothing while the queue is paused, and says so on every page that shows jobs', async () => {
  await press('Pause the queue');
  await page.getByLabel('Why').fill('moving racks');
  await press('Pause the queue');
  await page.getByText(/"moving racks"/).waitFor();
  await train();
  await expect.poll(async () => (await job(2)).waiting_because?.map(({ code }) => code)).toContain('queue_paused');
  const told = page.getByRole('link', { name: 'Queue paused' });
  for (const path of ['/jobs', '/']) {
    await page.goto(platform.url + path);
    await told.waitFor();
  }
  await told.click();
  await press('Resume the queue');
  await page.getByText('The queue is open.').waitFor();
  await told.waitFor({ state: 'detached' });
  await expect.poll(async () => (await job(2)).status, { timeout: 120_000 }).toBe('finished');
});
