// States that a fleet is rarely in, on pages that must tell of them: a job out of reach, one that waits, a gateway that
// has gone quiet. The gateway is made of answers.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatMessage, ChatRow } from '../../src/wire/rows';
import { Answers, epochs, jobId, story, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';
import { until } from './platform';

const REASON = 'the one slot of the fleet is taken; it is the next of its tenant';
const row = (number: number, changes: object) => ({
  ...template,
  id: jobId(number),
  number,
  sequence: number,
  ...changes,
});
const waiting = { status: 'requested', worker: null, waiting_reason: null, epochs_done: 0, progress: 0, best: null };
const COMPARED = 10;
/** Jobs to compare: each has values of its own. */
const others = Array.from({ length: COMPARED }, (_, at) => {
  const config = { ...template.config, learning_rate: (at + 1) / 1_000, seed: at };
  return row(3 + COMPARED - at, { status: 'finished', config });
});
const rows = [
  ...others,
  row(3, waiting),
  row(2, { status: 'training', worker: 'gpu-7' }),
  row(1, { status: 'finished' }),
];
/** A conversation that is longer than a page of it. */
const MESSAGES = 260;
const PAGE_ROWS = 200;
const chat = story.steps[0]!.chat as unknown as ChatRow;
const said = (number: number) => ({
  ...(story.steps[0]!.message as unknown as ChatMessage),
  sequence: number,
  text: `message ${number}`,
});
const conversation = Array.from({ length: MESSAGES }, (_, at) => said(at + 1));
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
    machine: { busy_percent: 37, memory_used_bytes: 6 * 2 ** 30 },
    memory_bytes: 24 * 2 ** 30,
    gpus: [
      {
        index: 0,
        name: 'NVIDIA H100',
        use_percent: 93,
        memory_used_bytes: 64 * 2 ** 30,
        memory_bytes: 80 * 2 ** 30,
        celsius: 71,
      },
    ],
  },
];

const operator = { tenant: 'acme', token: { id: 't', name: 'test' }, role: 'admin', operator: true };
const idle = { ...workers[0]!, draining: false, gpus: [] };
const audit = { audit: null };
const paused = {
  waiting_reason: 'bootstrap has paused the queue',
  waiting_because: [
    {
      reason: 'wait',
      code: 'queue_paused',
      en: 'bootstrap has paused the queue',
      ko: 'bootstrap이 대기열을 멈췄습니다',
    },
  ],
};
const maintained = {
  workers: [
    { ...idle, worker: 'gpu-7', jobs: [jobId(2)], seen_at: new Date().toISOString() },
    { ...idle, worker: 'gpu-9', seen_at: new Date().toISOString() },
  ],
  unreachable: [],
  drained: [
    { worker: 'gpu-5', who: 'bootstrap', since: '2026-03-01T09:00:00Z', now: false },
    { worker: 'gpu-7', who: 'bootstrap', since: '2026-03-01T09:00:00Z', now: false, note: '2026-11' },
  ],
  paused: { who: 'bootstrap', since: '2026-03-01T09:00:00Z', note: '2026-11' },
};

let browser: Browser;
let gateway: Answers;
let isDeserted = false;
let isMaintained = false;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      if (path === '/v1/whoami' && isMaintained) return operator;
      if (path === '/v1/audit' && isMaintained) return audit;
      if (path === `/v1/jobs/${jobId(3)}` && isMaintained) return { job: { ...rows.at(-3)!, ...paused }, epochs: [] };
      if (path === '/v1/chats') return { chats: [chat], next: null };
      if (path === `/v1/chats/${chat.id}`) {
        const messages = conversation.filter((one) => one.sequence < Number(query.get('before')));
        return { chat, messages: messages.slice(-PAGE_ROWS), next: null };
      }
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
      if (topic === 'workers' && isMaintained) return { sequence: 9, rows: maintained };
      if (topic === 'workers' && isDeserted) return { sequence: 9, rows: { workers: [], unreachable: [] } };
      if (topic === 'workers') return { sequence: 9, rows: { workers, unreachable: [jobId(2)] } };
      if (topic === `chat:${chat.id}`) return { sequence: 9, rows: { chat, messages: conversation.slice(-PAGE_ROWS) } };
      const job = rows.find((one) => topic === `job:${one.id}`);
      return job && { sequence: 9, rows: { job, epochs } };
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

it('draws what a GPU has done since the page was opened', async () => {
  const page = await (await open(browser, 'ty_test', { locale: 'en-US' })).newPage();
  await page.goto(`${gateway.url}/fleet`);
  await live(page);
  const gpu = page.getByRole('listitem').filter({ hasText: 'GPU 0' }).last();
  await gpu.getByText('93 %').waitFor();
  const machine = page.getByRole('listitem').filter({ hasText: 'CPU' }).last();
  await machine.getByText('37 %').waitFor();
  await machine.getByText('6.0 GiB / 24.0 GiB').waitFor();
  for (let at = 1; at <= 30; at++) {
    const seen_at = new Date(Date.now() + at * 1_000).toISOString();
    const gpus = [{ ...workers[0]!.gpus[0]!, use_percent: (at * 37) % 100, memory_used_bytes: at * 2 ** 31 }];
    const rows = { workers: [{ ...workers[0]!, seen_at, gpus }], unreachable: [] };
    gateway.say({ type: 'initial', topic: 'workers', resume: 'r', sequence: 9 + at, rows });
  }
  await gpu.getByText('60.0 GiB / 80.0 GiB').waitFor();
  const [use, memory] = await gpu.locator('path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')!));
  // The page draws once a frame: of records that come faster than that, only the last is a point.
  expect(use!.split('L').length).toBeGreaterThan(1);
  expect(memory!.endsWith('4.5'), 'a quarter is free, on a scale of nothing to all').toBe(true);
  await shoot(page, 'fleet-gpu');
  await page.context().close();
});

it.each(LOOKS)('tells what cannot be reached and why a job waits: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  for (const [called, path, words] of [
    [
      'unreachable-fleet',
      '/fleet',
      ['Out of reach', /^gpu-7 has not been heard/, REASON, 'leaving', '93 %', '64.0 GiB / 80.0 GiB', '71 °C'],
    ],
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
  await page.getByText(REASON).filter({ visible: true }).first().waitFor();
  await context.close();
});

it.each(LOOKS)('says what to do where nobody works: $name', async ({ name, options }) => {
  isDeserted = true;
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  const page = await context.newPage();
  await look(page, `${gateway.url}/fleet`, `deserted-fleet-${name}`, async (here) => {
    await live(here);
    for (const word of ['No worker is up', /^Jobs wait until/]) await here.locator('main').getByText(word).waitFor();
    await here.getByRole('row', { name: /resnet18/ }).waitFor();
  });
  await context.close();
  isDeserted = false;
});

it.each(LOOKS)('tells what is drained and that the queue is paused, and asks why: $name', async ({ name, options }) => {
  isMaintained = true;
  const context = await open(browser, 'ty_test', options);
  for (const [called, path] of [
    ['paused-fleet', '/fleet'],
    ['paused-jobs', '/jobs'],
    ['paused-home', '/'],
  ] as const) {
    const page = await context.newPage();
    await look(page, gateway.url + path, `${called}-${name}`, async (here) => {
      await live(here);
      await here.getByRole('link', { name: /^(대기열 멈춤|Queue paused)$/ }).waitFor();
      if (path === '/fleet')
        await here.getByRole('button', { name: /^(대기열 다시 열기|Resume the queue)$/ }).waitFor();
    });
    if (path === '/fleet') {
      for (const button of [/^(gpu-9 점검 시작|Drain gpu-9)$/, /^(gpu-7의 작업 멈추기|Stop the jobs of gpu-7)$/]) {
        await page.getByRole('button', { name: button }).click();
        await page.getByRole('dialog').waitFor();
        await shoot(page, `${called}-asks-${button.source.includes('9') ? 'why' : 'sure'}-${name}`);
        await accessible(page, `${called} asks, ${name}`);
        await page.keyboard.press('Escape');
      }
    }
    await page.close();
  }
  await context.close();
  isMaintained = false;
});

it.each(LOOKS)('compares ten jobs, and what a row is about stays in sight: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  const page = await context.newPage();
  const numbers = others.map((one) => one.number);
  await look(page, `${gateway.url}/jobs/compare?jobs=${numbers.join(',')}`, `compare-ten-${name}`, async (here) => {
    await live(here);
    await here.getByRole('rowheader', { name: 'Learning rate' }).waitFor();
  });
  expect(
    await page
      .getByRole('row', { name: /^Learning rate/ })
      .getByRole('cell')
      .count(),
  ).toBe(COMPARED);
  await expect
    .poll(() => page.getByRole('rowheader', { name: 'Epochs' }).count(), { message: 'it is the same of all' })
    .toBe(0);
  await page.getByLabel('Show equal values too').check();
  await page.getByRole('rowheader', { name: 'Epochs', exact: true }).waitFor();
  const head = page.getByRole('rowheader', { name: 'Learning rate' });
  const before = (await head.boundingBox())!.x;
  await page
    .getByRole('row', { name: /^Learning rate/ })
    .getByRole('cell')
    .last()
    .scrollIntoViewIfNeeded();
  expect((await head.boundingBox())!.x).toBeCloseTo(before, 0);
  await context.close();
});

it.each(LOOKS)('reads a long conversation back to its beginning: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  const page = await context.newPage();
  const message = (number: number) => page.getByText(`message ${number}`, { exact: true });
  /** Whether it is where one can read it. */
  const isRead = (number: number) =>
    message(number).evaluate((one) => {
      const [at, box] = [one.getBoundingClientRect(), one.closest('.messages')!.getBoundingClientRect()];
      return at.top >= box.top && at.bottom <= box.bottom;
    });
  await look(page, `${gateway.url}/talk/${chat.id}`, `chat-long-${name}`, async (here) => {
    await live(here);
    await message(MESSAGES).waitFor();
  });
  await until('the end of it', () => isRead(MESSAGES));
  const first = MESSAGES - PAGE_ROWS + 1;
  await page.getByRole('button', { name: 'Earlier messages' }).click();
  await message(1).waitFor({ state: 'attached' });
  await until('what was read stays', () => isRead(first));
  await expect.poll(() => page.getByRole('button', { name: 'Earlier messages' }).count()).toBe(0);

  const event = { ...story.steps[0]!.event, sequence: MESSAGES + 1 };
  const spoken = { ...event, body: { ...event.body, text: `message ${MESSAGES + 1}` } };
  gateway.say({ type: 'event', topic: `chat:${chat.id}`, event: spoken, resume: 'r2' });
  await message(MESSAGES + 1).waitFor({ state: 'attached' });
  expect(await isRead(first), 'who reads is left in peace').toBe(true);
  await page.getByRole('button', { name: 'To the end' }).click();
  await until('the newest', () => isRead(MESSAGES + 1));
  await context.close();
});

it('says so when it has not been told anything for a while', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
  const banner = page.locator('.banner');
  gateway.quiet = true;
  await banner.getByText('No news').waitFor();
  await shoot(page, 'stale-light');
  gateway.say({ type: 'watermark', sequence: 9, resume: {} });
  await live(page);
  gateway.quiet = false;
  await banner.waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('.rows .line').count()).toBe(rows.length);
  await context.close();
});
