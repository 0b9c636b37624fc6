// The front door of somebody who has jobs: what runs, what waits and why, the best of each dataset, what went wrong; live.
// The gateway is made of answers.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Answers, epochs, jobId, logged, template } from './answers';
import { launch } from './chromium';
import { LOOKS, live, look, open } from './look';
import { until } from './platform';

const REASON = { en: 'the one slot of the fleet is taken', ko: '자리가 모두 찼습니다' };
const LOSS = { en: 'The loss is not a number since epoch 2.', ko: '2 에폭부터 손실이 숫자가 아닙니다.' };
const failure = {
  class: 'diverged',
  message: LOSS.en,
  because: [{ code: 'said', ...LOSS }],
  next_step: '',
  advice: [],
  console: [],
};
const row = (number: number, changes: object) => ({
  ...template,
  id: jobId(number),
  number,
  sequence: number,
  token: 22,
  status: 'finished',
  dataset: jobId(90),
  primary: 'accuracy',
  best: { accuracy: number / 100 },
  finished_at: '2026-03-01T10:00:00Z',
  config: { ...template.config, dataset: 'data/digits' },
  ...changes,
});
const trees = { dataset: jobId(91), primary: 'ap', best: { ap: 0.31 } };
const config = { ...template.config, model: 'yolo11n', dataset: 'trees@2' };
const rows = [
  row(9, { status: 'training', worker: 'gpu-7', epochs_done: 3 }),
  row(8, {
    status: 'requested',
    worker: null,
    epochs_done: 0,
    best: null,
    last: null,
    waiting_reason: REASON.en,
    waiting_because: [{ code: 'said', ...REASON }],
  }),
  row(7, { status: 'failed', failure, config: { ...template.config, model: 'resnet50', dataset: 'data/digits' } }),
  row(6, { ...trees, config }),
  row(5, {}),
  row(4, {}),
];
const rejected = {
  id: jobId(92),
  path: 'data/nowhere',
  status: 'rejected',
  archived: false,
  problem: 'there is nothing at data/nowhere',
  because: [{ code: 'said', en: 'there is nothing at data/nowhere', ko: 'data/nowhere에 아무것도 없습니다' }],
  at: '2026-03-01T10:00:00Z',
  sequence: 3,
};

let browser: Browser;
let gateway: Answers;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path) => {
      const number = Number(/^\/v1\/jobs\/(?:0189.*-)?0*(\d+)$/.exec(path)?.[1] ?? NaN);
      const job = rows.find((one) => one.number === number);
      if (job) return { job, epochs };
      if (path === '/v1/datasets') return { datasets: [rejected], next: null };
      if (path === '/v1/models') return { models: [], runners: [] };
      return path === '/v1/jobs' ? { jobs: rows, next: null } : undefined;
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 20, rows: { jobs: rows } };
      if (topic === 'activity') return { sequence: 20, rows: { events: [] } };
      if (topic === 'workers') return { sequence: 20, rows: { workers: [], unreachable: [] } };
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

it.each(LOOKS)('shows what one comes for: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', options);
  const page = await context.newPage();
  const words = name === 'light' ? { best: 'Best of each dataset' } : { best: '데이터셋별 최고' };
  await look(page, gateway.url, `home-${name}`, async (here) => {
    await live(here);
    await part(here, words.best).getByRole('row').nth(2).waitFor();
    await here.getByText(name === 'light' ? REASON.en : REASON.ko).waitFor();
    await here.locator('.cards svg path').first().waitFor({ state: 'attached' });
  });
  await context.close();
});

it('names the measurements of each dataset, and leads from each thing to where something is done about it', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(gateway.url);
  const best = part(page, 'Best of each dataset');
  await best.getByRole('row', { name: /trees@2 31\.00 % mAP Job 6/ }).waitFor();
  const digits = best.getByRole('row', { name: /data\/digits 5\.00 % Accuracy Job 5/ });
  await digits.getByRole('link', { name: 'best of 2' }).click();
  await page.waitForURL(/\/jobs\?/);
  await until('both, the best first', async () => {
    const numbers = await page.locator('.rows .line').evaluateAll((lines) => lines.map((one) => one.dataset['number']));
    return numbers.join() === '5,4';
  });
  await page.goBack();
  const failed = part(page, 'Failed, not mended yet');
  await failed.getByText(LOSS.en).waitFor();
  await failed.getByText('there is nothing at data/nowhere').waitFor();
  await failed.getByRole('button', { name: 'Run again with a lower learning rate' }).click();
  await page.getByRole('dialog').getByLabel('Learning rate').waitFor();
  await context.close();
});

it('is live: what ends in failure goes from where it ran to where it is mended', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(gateway.url);
  const [running, failed] = [part(page, 'Running now'), part(page, 'Failed, not mended yet')];
  await running.getByText('Job 9').waitFor();
  const event = { ...logged, kind: 'job.failed', aggregate: `job/${jobId(9)}`, sequence: 21, body: { failure } };
  gateway.say({ type: 'event', topic: 'jobs', event, resume: 'r' });
  await failed.getByRole('link', { name: /^9 / }).waitFor();
  await running.getByText('Nothing runs.').waitFor();
  await expect.poll(() => failed.getByRole('button').count()).toBe(2);
  await context.close();
});
