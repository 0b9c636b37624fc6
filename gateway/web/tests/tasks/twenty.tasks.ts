// Twenty things that people come for, from the front door each, on a platform that trains.
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch } from '../browser/chromium';
import { live, open } from '../browser/look';
import { Platform, until } from '../browser/platform';
import { Hand } from './hand';

const TREES = '.tools/data/trees';
const TRAINED_MS = 300_000;

let platform: Platform;
let browser: Browser;
let context: BrowserContext;

const job = async (number: number) =>
  (await platform.ask<{ job: { status: string; id: string } }>('GET', `/v1/jobs/${number}`)).job;
const ended = (number: number, status = 'finished') =>
  until(`job ${number} is ${status}`, async () => (await job(number)).status === status, TRAINED_MS);

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  context = await open(browser, platform.token, { locale: 'en-US', acceptDownloads: true });
});
afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

/** From the front door to where the answer is seen; what has to be there before is waited for before the clock runs. */
function task(what: string, how: (hand: Hand) => Promise<void>, before: () => Promise<unknown> = async () => {}): void {
  it(what, async () => {
    await before();
    const page = await context.newPage();
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(platform.url);
    await live(page);
    const hand = new Hand(page);
    await how(hand);
    console.log(`${what}: ${hand.cost}`);
    await page.close();
  });
}
const tab = (hand: Hand, name: string) =>
  hand.click(hand.page.getByRole('navigation', { name: 'Parts of the job' }).getByRole('link', { name }));

task('start a training from nothing', async (hand) => {
  await hand.click(hand.page.getByRole('button', { name: 'Train on the samples' }));
  await hand.page.locator('main .status.training, main .status.finished').waitFor({ timeout: TRAINED_MS });
});

task(
  'train on a folder by saying so',
  async (hand) => {
    await hand.go('Talk');
    await hand.write(
      hand.page.getByRole('textbox').first(),
      `train resnet18 on ${platform.dataset} for 3 epochs at 16 px`,
    );
    await hand.press('Enter');
    await hand.click(hand.page.getByRole('button', { name: 'Approve and train' }).last());
    await hand.page.locator('article a[href="jobs/2"]').waitFor({ timeout: 60_000 });
  },
  () => ended(1),
);

task(
  'run a job again with more epochs',
  async (hand) => {
    await hand.go('Jobs');
    await hand.click(hand.page.locator('.rows a[href="jobs/2"]'));
    await hand.click(hand.page.getByRole('button', { name: 'Run again' }));
    await hand.write(hand.page.getByRole('dialog').getByLabel('Epochs', { exact: true }), '6');
    await hand.press('Enter');
    await hand.page.waitForURL(/\/jobs\/(3|[0-9a-f-]{36})$/);
  },
  () => ended(2),
);

task(
  'which job is best on a dataset',
  async (hand) => {
    await hand.page
      .getByRole('region', { name: 'Best of each dataset' })
      .getByRole('row', { name: /digits/ })
      .waitFor();
  },
  () => ended(3),
);

task('on which images does it fail', async (hand) => {
  const best = hand.page.getByRole('region', { name: 'Best of each dataset' });
  await hand.click(best.getByRole('row', { name: /digits/ }).getByRole('link', { name: /^Job / }));
  await tab(hand, 'Predictions');
  await hand.click(hand.page.getByRole('button', { name: 'Wrong', exact: true }));
  await hand.page.getByText(/\d+ of \d+ images/).waitFor();
});

task('compare the two jobs of a dataset', async (hand) => {
  await hand.click(hand.page.getByRole('link', { name: 'best of 2' }));
  for (const number of [2, 3]) await hand.click(hand.page.getByLabel(`Choose job ${number}`, { exact: true }));
  await hand.click(hand.page.getByRole('link', { name: 'Compare 2' }));
  await hand.page.getByRole('rowheader', { name: 'Accuracy' }).waitFor();
});

task('what does one know that the other does not, image by image', async (hand) => {
  await hand.page.goto(`${platform.url}/jobs/compare?jobs=2,3`);
  await hand.page.getByRole('region', { name: 'The same images' }).locator('tbody tr').first().waitFor();
});

task(
  'see what is wrong with a job that failed',
  async (hand) => {
    await hand.page
      .getByRole('region', { name: 'Failed, not mended yet' })
      .getByText('nowhere.safetensors')
      .waitFor({ timeout: 90_000 });
  },
  async () => {
    const weights = { initial_weights: 'nowhere.safetensors' };
    await platform.ask('POST', '/v1/jobs', { model: 'resnet18', dataset: platform.dataset, epochs: 1, ...weights });
    await ended(4, 'failed');
  },
);

task('mend it', async (hand) => {
  await hand.click(hand.page.getByRole('button', { name: 'Change the values and run again' }));
  await hand.write(hand.page.getByRole('dialog').getByLabel('Initial weights'), '');
  await hand.click(hand.page.getByRole('button', { name: 'Start training' }));
  await hand.page.waitForURL(/\/jobs\/(5|[0-9a-f-]{36})$/);
});

task(
  'stop a job that runs',
  async (hand) => {
    await hand.click(hand.page.getByRole('region', { name: 'Running now' }).getByRole('link').first());
    await hand.click(hand.page.getByRole('button', { name: 'Cancel job' }));
    await hand.page.locator('main .status.cancelled').waitFor({ timeout: 60_000 });
  },
  async () => {
    await ended(5);
    await platform.ask('POST', '/v1/jobs', {
      model: 'resnet18',
      dataset: platform.dataset,
      epochs: 500,
      image_size: 16,
    });
    await until('it runs', async () => (await job(6)).status === 'training', TRAINED_MS);
  },
);

task('find the jobs that failed', async (hand) => {
  await hand.go('Jobs');
  await hand.click(hand.page.getByRole('button', { name: 'Failed', exact: true }));
  await until('one', async () => (await hand.page.locator('.rows .line').count()) === 1);
});

task('put all jobs in order of what they reached', async (hand) => {
  await hand.go('Jobs');
  await hand.click(hand.page.getByRole('columnheader', { name: 'Measurement' }).getByRole('button'));
  await hand.page.locator('[aria-sort=descending]').waitFor();
});

task('see the loss of each step on a logarithmic scale', async (hand) => {
  await hand.go('Jobs');
  await hand.click(hand.page.locator('.rows a[href="jobs/3"]'));
  await hand.click(hand.page.getByRole('button', { name: 'Steps' }));
  await hand.click(hand.page.getByLabel('Logarithmic'));
  await hand.page.getByText('each step').first().waitFor();
});

task('save the report of a job', async (hand) => {
  await hand.press('Control+k');
  await hand.write(hand.page.getByRole('combobox', { name: 'Go to or do' }), 'job 3');
  await hand.press('Enter');
  await tab(hand, 'Files');
  const coming = hand.page.waitForEvent('download');
  await hand.click(hand.page.getByRole('button', { name: 'Download: report.json' }));
  await coming;
});

task('ask a trained model about an image', async (hand) => {
  await hand.go('Try it');
  await hand.click(hand.page.getByRole('button', { name: 'Deploy it' }));
  await hand.give(hand.page.locator('input[accept^="image"]'), platform.image);
  await hand.page.locator('.answers li').first().waitFor({ timeout: 60_000 });
});

task('upload a folder, and look at its images', async (hand) => {
  await hand.go('Datasets');
  await hand.give(hand.page.locator('input[webkitdirectory]'), platform.dataset);
  await hand.click(hand.page.getByRole('button', { name: 'Upload' }));
  await hand.page.waitForURL(/\/datasets\/[0-9a-f-]{36}$/, { timeout: 60_000 });
  await hand.page
    .getByRole('region', { name: 'All images' })
    .getByRole('listitem')
    .first()
    .waitFor({ timeout: 60_000 });
});

task('look at a dataset with boxes where it lies', async (hand) => {
  await hand.go('Datasets');
  const form = hand.page.getByRole('form', { name: 'Look at a dataset' });
  await hand.write(form.getByRole('combobox'), TREES);
  await hand.click(form.getByRole('button', { name: 'Look' }));
  await hand.page.getByRole('region', { name: 'Boxes' }).waitFor({ timeout: 120_000 });
});

task('give a model a name', async (hand) => {
  await hand.go('Models');
  await hand.write(hand.page.getByLabel('Name, such as line3-scratches'), 'two-digits');
  await hand.write(hand.page.getByLabel('Number of a finished job'), '3');
  await hand.click(hand.page.getByRole('button', { name: 'Register' }));
  await hand.page.waitForURL(/\/models\/two-digits$/);
});

task('see a job as it was before its end', async (hand) => {
  await hand.go('Jobs');
  await hand.click(hand.page.locator('.rows a[href="jobs/3"]'));
  await tab(hand, 'History');
  await hand.click(hand.page.getByRole('slider'));
  await hand.press('ArrowLeft');
  await hand.page.getByText('This is the past').waitFor();
});

task('have it dark and in Korean', async (hand) => {
  await hand.click(hand.page.getByRole('link', { name: 'Settings' }));
  await hand.click(hand.page.getByRole('button', { name: 'Dark', exact: true }));
  await hand.click(hand.page.getByRole('button', { name: '한국어', exact: true }));
  await hand.page.getByRole('heading', { name: '설정', exact: true }).waitFor();
});
