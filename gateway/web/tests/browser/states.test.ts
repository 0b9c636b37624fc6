// States that a fleet is rarely in, on pages that must tell of them: a job out of reach, one that waits, a gateway that
// has gone quiet. The gateway is made of answers.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Answers, epochs, jobId, template } from './answers';
import { launch } from './chromium';
import { LOOKS, live, look, open, shoot } from './look';

const REASON = 'the one slot of the fleet is taken; it is the next of its tenant';
const row = (number: number, changes: object) => ({
  ...template,
  id: jobId(number),
  number,
  sequence: number,
  ...changes,
});
const waiting = { status: 'requested', worker: null, waiting_reason: null, epochs_done: 0, progress: 0, best: null };
const rows = [row(3, waiting), row(2, { status: 'training', worker: 'gpu-7' }), row(1, { status: 'finished' })];
const workers = [
  {
    worker: 'gpu-8',
    pool: 'gpu',
    device: 'NVIDIA H100',
    host: 'rack-2',
    version: '0.1.0',
    started_at: '2026-03-01T09:00:00Z',
    seen_at: new Date().toISOString(),
    jobs: [],
    slots: 1,
    draining: true,
  },
];

let browser: Browser;
let gateway: Answers;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path) => {
      const number = Number(/^\/v1\/jobs\/(?:0189.*-)?0*(\d+)$/.exec(path)?.[1] ?? NaN);
      const job = rows.find((one) => one.number === number);
      if (job) return { job: { ...job, ...(number === 3 && { waiting_reason: REASON }) }, epochs };
      if (path.endsWith('/telemetry')) return { curves: {}, measurements: 0, thinned: false, newest: null };
      if (path.endsWith('/artifacts')) return { artifacts: [] };
      if (path.endsWith('/console')) return { from: 'telemetry', token: null, run: null, lines: [] };
      return path === '/v1/jobs' ? { jobs: rows, next: null } : undefined;
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 9, rows: { jobs: rows } };
      if (topic === 'workers') return { sequence: 9, rows: { workers, unreachable: [jobId(2)] } };
      const job = rows.find((one) => topic === `job:${one.id}`);
      return job && { sequence: 9, rows: { job, epochs } };
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

it.each(LOOKS)('tells what cannot be reached and why a job waits: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  for (const [called, path, words] of [
    ['unreachable-fleet', '/fleet', ['Out of reach', /^gpu-7 has not been heard/, REASON, 'leaving']],
    ['unreachable-job', '/jobs/2', ['Unreachable', /^gpu-7 has not been heard/]],
    ['waiting-job', '/jobs/3', ['Waiting', REASON]],
  ] as const) {
    const page = await context.newPage();
    await look(page, gateway.url + path, `${called}-${name}`, async (here) => {
      await live(here);
      for (const word of words) await here.locator('main').getByText(word).first().waitFor();
    });
    await page.close();
  }
  const page = await context.newPage();
  await page.goto(`${gateway.url}/jobs`);
  await page.locator('.status.unreachable').waitFor();
  if (options.viewport === undefined) await page.getByText(REASON).waitFor();
  await context.close();
});

it('says so when it has not been told anything for a while', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
  const banner = page.locator('.banner');
  await banner.getByText('No news').waitFor();
  await shoot(page, 'stale-light');
  gateway.say({ type: 'watermark', sequence: 9, resume: {} });
  await live(page);
  await banner.waitFor({ state: 'detached' });
  expect(await page.locator('.rows .line').count()).toBe(3);
  await context.close();
});
