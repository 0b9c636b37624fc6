// Frames, the longest task and memory while fifty jobs log ten times a second each. MINUTES and SPEED make the soak
// longer or faster: by default five minutes at the real speed.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { jobId } from '../browser/answers';
import { launch } from '../browser/chromium';
import { WIDE, live, open } from '../browser/look';
import { Busy, EACH_SECOND, JOBS } from './fleet';
import { bundle } from './bundle';
import { frames, heap, mib, round } from './page';

const SECONDS = 20;
const MINUTES = Number(process.env['MINUTES'] ?? 5);
const SPEED = Number(process.env['SPEED'] ?? 1);
const POINTS = 1_000_000;
/** Until the curves in sight are read and the compiler has warmed up. */
const SETTLE_MS = 5_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function watch(path: string, topics: string[], speed: number, then: (page: Page, busy: Busy) => Promise<void>) {
  const busy = new Busy();
  await busy.gateway.open();
  const context = await open(browser, 'ty_test', { viewport: WIDE, locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(busy.gateway.url + path);
  await live(page);
  busy.talk(topics, speed);
  await page.waitForTimeout(SETTLE_MS);
  await then(page, busy);
  busy.stop();
  busy.gateway.close();
  await context.close();
}

it('how much each page loads', async () => {
  const { gateway } = new Busy();
  await gateway.open();
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
  const { all, english } = bundle();
  console.log(`bundle: ${kilobytes(all)} gzipped, all pages in both languages; in English ${kilobytes(english)}`);
  for (const path of ['/', '/talk', '/jobs', '/events', '/fleet', '/datasets', '/models', '/try', '/settings']) {
    const fresh = await open(browser, 'ty_test', {});
    const page = await fresh.newPage();
    const loaded: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (new URL(request.url()).pathname.startsWith('/assets/')) {
        loaded.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
      }
    });
    await page.goto(gateway.url + path);
    await live(page);
    await page.waitForLoadState('networkidle');
    const bytes = (await Promise.all(loaded)).reduce((sum, size) => sum + size, 0);
    console.log(`  ${path}: ${kilobytes(bytes)} gzipped`);
    await fresh.close();
  }
  gateway.close();
});

it.each([
  ['jobs', '/jobs', ['jobs']],
  ['a job', '/jobs/7', ['jobs', `job:${jobId(7)}`]],
  ['events', '/events', ['jobs', 'activity']],
] as const)('frames on %s', async (name, path, topics) => {
  await watch(path, [...topics], 1, async (page, busy) => {
    const before = busy.told;
    const seen = await frames(page, SECONDS);
    const rate = (busy.told - before) / SECONDS;
    console.log(
      `${name}, ${JOBS} jobs, ${EACH_SECOND} a second each (${rate.toFixed(0)} events/s): ${round(seen.each)} frames/s, ` +
        `median ${round(seen.median)} ms, 99 % within ${round(seen.late)} ms, longest ${round(seen.longest)} ms, ` +
        `longest task ${seen.task ? `${round(seen.task)} ms` : 'below 50 ms'}`,
    );
  });
});

it('a curve of a million points that nobody has thinned', async () => {
  const busy = new Busy(POINTS);
  await busy.gateway.open();
  const context = await open(browser, 'ty_test', { viewport: WIDE, locale: 'en-US' });
  const page = await context.newPage();
  const answered = page.waitForResponse((response) => response.url().includes('/telemetry'));
  await page.goto(`${busy.gateway.url}/jobs/7?tab=charts&axis=step`);
  await (await answered).finished();
  const drawn = await page.evaluate(async () => {
    const from = performance.now();
    const there = () => document.body.innerText.includes('each step');
    while (!there()) await new Promise((go) => requestAnimationFrame(go));
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    return performance.now() - from;
  });
  const plot = page.getByRole('group', { name: /^Loss/ });
  await plot.focus();
  const closer = await plot.evaluate(async (element) => {
    const from = performance.now();
    element.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }));
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    return performance.now() - from;
  });
  const session = await context.newCDPSession(page);
  const held = mib(await heap(session));
  console.log(
    `${POINTS.toLocaleString('en-US')} points: read and drawn in ${round(drawn)} ms, a closer look in ${round(closer)} ms, heap ${held}`,
  );
  busy.gateway.close();
  await context.close();
});

it('memory', async () => {
  await watch('/jobs', ['jobs', 'activity'], SPEED, async (page, busy) => {
    const session = await page.context().newCDPSession(page);
    const points: number[] = [await heap(session)];
    for (let minute = 1; minute <= MINUTES; minute += 1) {
      await page.waitForTimeout(60_000);
      points.push(await heap(session));
    }
    const told = `${busy.told.toLocaleString('en-US')} events, as of ${(busy.told / JOBS / EACH_SECOND / 60).toFixed(0)} minutes`;
    console.log(`soak of ${MINUTES} minutes at ${SPEED}x (${told}): heap ${points.map(mib).join(', ')}`);
  });
});
