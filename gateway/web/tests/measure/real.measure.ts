// On a real platform: the first paint on loopback, and a long curve from the bus to the screen. Every measurement is
// synced to the disk, about a thousand a second; POINTS says how many, and a million take a quarter of an hour.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch } from '../browser/chromium';
import { WIDE, live, open } from '../browser/look';
import { publish } from '../browser/nats';
import { Platform, until } from '../browser/platform';
import { round } from './page';

const VISITS = 9;
const POINTS = Number(process.env['POINTS'] ?? 50_000);

let browser: Browser;
let platform: Platform;

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
});
afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

it('first paint', async () => {
  const paints: number[] = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await open(browser, platform.token, { viewport: WIDE });
    const page = await context.newPage();
    await page.goto(platform.url);
    await live(page);
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime));
    await context.close();
  }
  paints.sort((a, b) => a - b);
  const [best, median, worst] = [paints[0]!, paints[VISITS >> 1]!, paints.at(-1)!].map(round);
  console.log(`first paint of ${VISITS} visits with an empty cache: median ${median} ms, ${best} to ${worst} ms`);
});

it('a curve of many points', async () => {
  await platform.ask('POST', '/v1/jobs', { model: 'resnet18', dataset: platform.dataset, epochs: 1, image_size: 16 });
  type Row = { job: { id: string; token: number; status: string } };
  const job = await until('a finished job', async () => {
    const { job } = await platform.ask<Row>('GET', '/v1/jobs/1').catch(() => ({ job: null }));
    return job?.status === 'finished' && job;
  });
  const { tenant } = await platform.ask<{ tenant: string }>('GET', '/v1/whoami');
  const taken = { learning_rate: 0.01, images_per_second: 100, data_wait_ms: 0.1, gpu_mib: null, memory_mib: 900 };
  const begun = performance.now();
  await publish(platform.nats, `trainyard.telemetry.${tenant}.job.${job.id}`, POINTS, (at) => ({
    token: job.token,
    step: { epoch: 1, step: at + 1, steps: POINTS, losses: { loss: Math.sin(at / 1_000) + Math.random() }, ...taken },
  }));
  console.log(`${POINTS.toLocaleString('en-US')} points published in ${round((performance.now() - begun) / 1_000)} s`);
  type Curves = { measurements: number; curves: Record<string, { steps: number[] }> };
  const read = async (range: string) => {
    const from = performance.now();
    const path = `/v1/jobs/1/telemetry?points=2400${range}`;
    const answer = await platform.ask<Curves>('GET', path);
    return { answer, took: performance.now() - from };
  };
  const whole = await read('');
  const part = await read(`&from=${POINTS / 2}&to=${POINTS / 2 + 2_000}`);
  const kept = whole.answer.curves['loss:loss']!.steps.length;
  console.log(
    `thinned to ${kept} by the gateway in ${round(whole.took)} ms; 2,000 steps of it in ${round(part.took)} ms`,
  );
  const context = await open(browser, platform.token, { viewport: WIDE, locale: 'en-US' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const here = window as unknown as { tasks: number[] };
    here.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => here.tasks.push(entry.duration))).observe({
      type: 'longtask',
      buffered: true,
    });
  });
  const answered = page.waitForResponse((response) => response.url().includes('/telemetry'), { timeout: 60_000 });
  await page.goto(`${platform.url}/jobs/1?tab=charts&axis=step`);
  await (await answered).finished();
  const drawn = await page.evaluate(async () => {
    const from = performance.now();
    const there = () => [...document.querySelectorAll('.chart b')].some((value) => value.textContent !== '–');
    while (!there()) await new Promise((go) => requestAnimationFrame(go));
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    return performance.now() - from;
  });
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  const longest = tasks.length ? `${round(Math.max(...tasks))} ms` : 'below 50 ms';
  console.log(`drawn ${round(drawn)} ms after the answer; longest task of the page ${longest}`);
  await context.close();
});
