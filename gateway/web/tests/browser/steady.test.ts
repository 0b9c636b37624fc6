// What comes and goes over a page moves nothing of it: the word that the queue is paused, and how a job stands on a narrow
// page whose head is out of sight. The gateway is made of answers.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Answers, epochs, jobId, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, open, shoot } from './look';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const half = { attempt: 1, resumed_epoch: 0, epochs_done: 5, progress: 0.5, started_at: ago(10), finished_at: null };
const training = {
  ...template,
  ...half,
  id: jobId(1),
  number: 1,
  sequence: 1,
  status: 'training',
  worker: 'cpu-1',
  config: { ...template.config, epochs: 10 },
};
const waits = { ...training, id: jobId(2), number: 2, sequence: 2, status: 'requested', requested_at: ago(1) };
const rows = [waits, training];
const worker = {
  worker: 'cpu-1',
  pool: 'cpu',
  device: 'cpu (2 threads)',
  host: 'rack-2',
  version: '0.1.0',
  started_at: ago(60),
  seen_at: ago(0),
  jobs: [jobId(1)],
  slots: 1,
  draining: false,
};
const paused = { who: 'bootstrap', since: ago(3), note: '2026-11 '.repeat(20) };

let browser: Browser;
let gateway: Answers;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path) => {
      if (path === '/v1/whoami')
        return { tenant: 'acme', token: { id: 't', name: 'test' }, role: 'admin', operator: true };
      if (path === '/v1/audit') return { audit: null };
      if (path === '/v1/datasets') return { datasets: [], next: null };
      const job = rows.find(({ id, number }) => path === `/v1/jobs/${id}` || path === `/v1/jobs/${number}`);
      if (job) return { job, epochs };
      if (path.endsWith('/telemetry')) return { curves: {}, measurements: 0, thinned: false, newest: null };
      if (path.endsWith('/artifacts')) return { artifacts: [] };
      if (path.endsWith('/console')) return { from: 'telemetry', token: null, run: null, lines: [] };
      return path === '/v1/jobs' ? { jobs: rows, next: null } : undefined;
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 9, rows: { jobs: rows } };
      if (topic === 'workers') return { sequence: 9, rows: { workers: [worker], unreachable: [] } };
      const job = rows.find((one) => topic === `job:${one.id}`);
      return job && { sequence: 9, rows: { job, epochs } };
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

/** Where everything on the page is that one reads or presses. */
const places = (page: Page) =>
  page.locator('main').evaluate((main) =>
    [...main.querySelectorAll('h1, h2, a, td, figure')].map((one) => {
      const { left, top } = one.getBoundingClientRect();
      return [one.textContent!.slice(0, 20), Math.round(left), Math.round(top)];
    }),
  );

let said = 9;
function tell(more: object): void {
  said += 1;
  const rows = { workers: [worker], unreachable: [], drained: [], ...more };
  gateway.say({ type: 'initial', topic: 'workers', resume: 'r', sequence: said, rows });
}

it.each(LOOKS)('says that the queue is paused where nothing moves: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', options);
  for (const path of ['/', '/jobs', '/fleet', '/datasets']) {
    const page = await context.newPage();
    await page.goto(gateway.url + path);
    await live(page);
    await page.waitForLoadState('networkidle');
    await expect.poll(() => page.locator('.waiting').count()).toBe(0);
    await page.evaluate(() => document.fonts.ready);
    const before = await places(page);
    expect(before.length, path).toBeGreaterThan(0);
    tell({ paused });
    await page.getByRole('link', { name: /^(대기열 멈춤|Queue paused)$/ }).waitFor();
    const after = await places(page);
    // Below other words, such as when a job can begin, which is not known while nothing begins.
    const tops = (all: (string | number)[][]) => all.map(([, , top]) => top);
    if (path === '/fleet') expect(tops(after), path).toEqual(tops(before));
    else expect(after, path).toEqual(before);
    await shoot(page, `steady${path.replaceAll('/', '-')}-${name}`);
    if (path === '/fleet') await accessible(page, `steady fleet, ${name}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider, path).toBeLessThanOrEqual(0);
    tell({});
    await page.close();
  }
  await context.close();
});

const narrow = LOOKS.find((one) => one.name === 'narrow')!;

it('says on a narrow page when a job can begin at the earliest', async () => {
  const context = await open(browser, 'ty_test', narrow.options);
  const page = await context.newPage();
  await page.goto(`${gateway.url}/fleet`);
  await page
    .getByText(/^빨라야 \d+분.* 뒤$/)
    .filter({ visible: true })
    .waitFor();
  await shoot(page, 'fleet-earliest-narrow');
  await context.close();
});

it.each(LOOKS.filter(({ name }) => name.startsWith('narrow')))(
  'keeps how a job stands in sight, in a line: $name',
  async ({ name, options }) => {
    const context = await open(browser, 'ty_test', options);
    const page = await context.newPage();
    await page.goto(`${gateway.url}/jobs/1?tab=config`);
    await live(page);
    const line = page.locator('p[aria-hidden="true"]', { hasText: '50 %' });
    expect(await line.count(), 'the head says it').toBe(0);
    const y = () =>
      page
        .locator('main h2, main dt, main td')
        .last()
        .evaluate((one) => one.getBoundingClientRect().y + scrollY);
    const before = await y();
    await page.mouse.wheel(0, 600);
    await line.getByText('학습 중').waitFor();
    const box = (await line.boundingBox())!;
    expect([box.x, box.y]).toEqual([0, 0]);
    expect(box.height).toBeLessThanOrEqual(48);
    expect(await y(), 'nothing moves when it comes').toBeCloseTo(before, 0);
    await shoot(page, `job-line-${name}`);
    await accessible(page, `job line, ${name}`);

    await page.evaluate(() => scrollTo(0, 0));
    await line.waitFor({ state: 'detached' });
    await context.close();
  },
);

it.each(LOOKS)('hides nothing beneath it that the keyboard comes to: $name', async ({ options }) => {
  const context = await open(browser, 'ty_test', {
    ...options,
    viewport: { width: options.viewport?.width ?? 1360, height: 420 },
  });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/jobs/1`);
  await live(page);
  await page.locator('.plot canvas').first().waitFor();
  // Backwards through everything that can be come to, from the end of the page.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.locator('main :is(a, button, [tabindex="0"])').last().focus();
  let below = 0;
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press('Shift+Tab');
    const found = await page.evaluate(() => {
      const [one, head] = [document.activeElement!, document.querySelector('main .top')!];
      if (head.contains(one) || !one.closest('main .page')) return null;
      const line = [...document.querySelectorAll('p[aria-hidden="true"]')].find(
        (all) => getComputedStyle(all).position === 'fixed',
      );
      const isStuck = getComputedStyle(head).position === 'sticky';
      const edge = line?.getBoundingClientRect().bottom ?? (isStuck ? head.getBoundingClientRect().bottom : 0);
      const { top, height } = one.getBoundingClientRect();
      // What is higher than the window begins above it, wherever one looks.
      return { hidden: height < innerHeight - edge && top < edge - 1, what: one.outerHTML.slice(0, 120) };
    });
    if (found) below += 1;
    expect(found?.hidden ? found.what : null, `step ${step}`).toBeNull();
  }
  expect(below, 'it has come by something').toBeGreaterThan(3);
  await context.close();
});
