// The pictures in README and docs, taken of a platform that trains: a proposal, its job, and that job as it was before its end.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch } from '../browser/chromium';
import { live, open } from '../browser/look';
import { Platform } from '../browser/platform';

const IMAGES = join(import.meta.dirname, '../../../../docs/images');
const TRAINED_MS = 300_000;

let platform: Platform;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  page = await (await open(browser, platform.token, { locale: 'en-US', colorScheme: 'light' })).newPage();
});
afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

async function picture(name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
}

it('has a dataset with a name', async () => {
  await page.goto(`${platform.url}/datasets`);
  await live(page);
  await page.locator('input[webkitdirectory]').setInputFiles(platform.dataset);
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/datasets\/[0-9a-f-]{36}$/, { timeout: 60_000 });
  await page.getByRole('region', { name: 'All images' }).getByRole('listitem').first().waitFor({ timeout: 60_000 });
});

it('takes the conversation', async () => {
  await page.goto(`${platform.url}/talk`);
  await live(page);
  await page.getByRole('textbox').first().fill('train resnet18 on digits for 12 epochs at 16 px');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Approve and train' }).waitFor({ timeout: 60_000 });
  await page.locator('.images [role=img]').first().waitFor();
  await picture('talk');
  await page.getByRole('button', { name: 'Approve and train' }).click();
  await page.locator('article a[href="jobs/1"]').waitFor({ timeout: 60_000 });
});

it('takes the job', async () => {
  await page.goto(`${platform.url}/jobs/1`);
  await page.locator('main .status.finished').waitFor({ timeout: TRAINED_MS });
  await page.goto(`${platform.url}/jobs/1`);
  await live(page);
  await page.locator('canvas, svg path').first().waitFor();
  await picture('job');
});

it('takes an answer', async () => {
  await page.goto(`${platform.url}/talk`);
  await live(page);
  await page.getByRole('textbox').first().fill('show the results of job 1');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Classes' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: /deploy job 1/ }).waitFor();
  await picture('answer');
});

it('takes the job as it was', async () => {
  await page.goto(`${platform.url}/jobs/1?tab=history`);
  await live(page);
  await page.getByRole('slider').click();
  await page.keyboard.press('ArrowLeft');
  await page.getByText('This is the past').waitFor();
  await picture('time-travel');
});
