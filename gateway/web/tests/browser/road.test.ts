// The whole road as a person walks it: say it, change it, approve it, watch it, go back in time, lose the gateway and
// have it back, try the model, look closer at a curve.
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium';
import { WIDE, live, open as openIn, shoot } from './look';
import { publish } from './nats';
import { Platform, until } from './platform';

/** More steps than points are drawn of, and one that stands out. */
const STEPS = 6_000;
const PEAK = 3_333;
/** Enough that a page which is told once a second is told while the training goes on. */
const EPOCHS = 12;
const FIRST_PAINT_MS = 1_000;
/** Everything that the first page loads. */
const BUNDLE_BYTES = 150 * 1024;
/** What a page may be unhappy about while its gateway is away on purpose. */
const AWAY = /ERR_CONNECTION|WebSocket connection|Failed to load resource/;

let platform: Platform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

interface Event {
  sequence: number;
  kind: string;
}

function open(options: BrowserContextOptions): Promise<BrowserContext> {
  return openIn(browser, platform.token, options);
}

function listen(to: Page): void {
  to.on(
    'console',
    (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`),
  );
  to.on('pageerror', (error) => complaints.push(error.message));
}

function painted(on: Page): Promise<number> {
  return on.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity);
}

/** Of a visit with nothing kept from before, in milliseconds. */
async function firstPaint(): Promise<number> {
  const fresh = await open({});
  const visit = await fresh.newPage();
  await visit.goto(platform.url);
  await live(visit);
  const paint = await painted(visit);
  await fresh.close();
  return paint;
}

beforeAll(async () => {
  browser = await launch();
  platform = await Platform.begin();
  context = await browser.newContext({
    viewport: WIDE,
    locale: 'ko-KR',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await context.newPage();
  listen(page);
});

afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

it('asks who one is, and takes a token out of the address at once', async () => {
  await page.goto(platform.url);
  await page.getByLabel('접근 토큰').fill('ty_nobody');
  await page.getByRole('button', { name: '로그인' }).click();
  await page.getByRole('alert').waitFor();
  await page.goto(`${platform.url}/#token=${platform.token}`);
  await page.reload();
  await live(page);
  expect(page.url()).toBe(`${platform.url}/`);
});

it('paints within a second, and brings no more than it may', async () => {
  const fresh = await open({});
  const first = await fresh.newPage();
  let bytes = 0;
  const client = await fresh.newCDPSession(first);
  await client.send('Network.enable');
  client.on('Network.loadingFinished', (loaded) => (bytes += loaded.encodedDataLength));
  const response = await first.goto(platform.url);
  await live(first);
  const paint = await painted(first);
  // Other work on the machine is not the page's fault: the best of some visits counts.
  let best = paint;
  for (let visits = 1; visits < 10 && best >= FIRST_PAINT_MS / 2; visits += 1)
    best = Math.min(best, await firstPaint());
  console.log(`first paint after ${Math.round(best)} ms, ${Math.round(bytes / 1024)} KiB in all`);
  expect(best).toBeLessThan(FIRST_PAINT_MS);
  expect(bytes).toBeLessThan(BUNDLE_BYTES);
  const headers = response!.headers();
  expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(headers['cache-control']).toBe('no-cache');
  const script = await first.locator('script[src]').getAttribute('src');
  const asset = await fetch(new URL(script!, platform.url));
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect((await fetch(`${platform.url}/assets/gone-1a2b3c.js`)).status).toBe(404);
  expect((await fetch(`${platform.url}/jobs/7`)).headers.get('content-type')).toContain('text/html');
  await fresh.close();
});

it('goes from a sentence to a job, with a value changed on the way', async () => {
  await page.getByRole('link', { name: '하고 싶은 일을 말로 하기' }).click();
  const field = page.getByRole('textbox', { name: /학습할 내용/ });
  await field.fill(`resnet18로 ${platform.dataset} 9 에폭 학습해줘`);
  await field.press('Enter');
  const card = page.getByRole('region', { name: '제안' });
  await card.getByLabel('에폭', { exact: true }).waitFor();
  await expect.poll(() => card.getByLabel('에폭', { exact: true }).inputValue()).toBe('9');
  await card.getByLabel('에폭', { exact: true }).fill(String(EPOCHS));
  await card.getByLabel('이미지 크기').fill('24');
  await card.getByRole('button', { name: '값 2개 바꾸기' }).click();
  const open = card.last();
  await until(
    'the changed proposal',
    async () => (await open.getByLabel('에폭', { exact: true }).inputValue()) === String(EPOCHS),
  );
  await expect.poll(() => open.getByLabel('이미지 크기').inputValue()).toBe('24');
  await open.getByRole('button', { name: '승인하고 학습 시작' }).click();
  await page.locator('article a[href="jobs/1"]').waitFor({ timeout: 30_000 });
});

it('shows the job live until its model is there', async () => {
  await page.locator('article a[href="jobs/1"]').click();
  await page.getByRole('heading', { name: '작업 1' }).waitFor();
  const part = (name: string) => page.getByRole('navigation', { name: '작업의 부분' }).getByRole('link', { name });
  await page.locator('main .status.training').waitFor({ timeout: 90_000 });
  await part('로그').click();
  await page.getByRole('log', { name: '콘솔' }).getByText('training resnet18').waitFor();
  expect(await page.locator('main .status.training').count(), 'the console is told while it runs').toBe(1);
  await page.locator('main .status.finished').waitFor({ timeout: 180_000 });
  await page.getByText('training resnet18').waitFor();
  await part('차트').click();
  await until('the charts', async () => (await page.locator('.u-wrap canvas').count()) >= 3);
  await part('평가').click();
  await page.getByRole('region', { name: '혼동 행렬' }).waitFor();
  await part('파일').click();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '내려받기: report.json' }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe('job-1-report.json');
  const report = JSON.parse(readFileSync(await saved.path(), 'utf8')) as { best_epoch: number };
  expect(report.best_epoch).toBeGreaterThan(0);
});

it('goes back in time, and the address leads there again', async () => {
  await page.getByRole('navigation', { name: '작업의 부분' }).getByRole('link', { name: '이력' }).click();
  const slider = page.getByRole('slider');
  await slider.focus();
  await page.getByText(/이벤트 \d+개 중/).waitFor();
  const last = Number(await slider.getAttribute('max'));
  for (let times = 0; times < 3; times += 1) await slider.press('ArrowLeft');
  await page.getByText(`이벤트 ${last}개 중 ${last - 3}번째`).waitFor();
  // The address follows, if not at every step of the slider.
  const { events } = await platform.ask<{ events: Event[] }>('GET', '/v1/jobs/1/events?limit=200');
  const there = String(events[last - 4]!.sequence);
  await until('the address', async () => new URL(page.url()).searchParams.get('at') === there);
  await page.getByRole('link', { name: '개요' }).click();
  await page.locator('main .status.training').waitFor();
  const past = await page.locator('.figure').first().innerText();
  await page.reload();
  await page.locator('main .status.training').waitFor();
  expect(await page.locator('.figure').first().innerText()).toBe(past);
  await page.getByRole('button', { name: '지금으로 돌아가기' }).click();
  await page.locator('main .status.finished').waitFor();
  expect(page.url()).not.toContain('at=');
});

it('has lost nothing and shows nothing twice after the gateway was away', async () => {
  await page.goto(`${platform.url}/events`);
  await live(page);
  const shown = async () => {
    const texts = await page.locator('ol > li .line > button').allInnerTexts();
    return texts.map(Number);
  };
  await until('the first events', async () => (await shown()).length > 0);
  await platform.stop();
  await page.getByRole('status').filter({ hasText: '다시 연결 중' }).first().waitFor();
  await shoot(page, 'away-light');
  await platform.start();
  const { dataset } = await platform.ask<{ dataset: { id: string } }>('POST', '/v1/datasets', {
    path: platform.dataset,
  });
  expect(dataset.id).toBeTruthy();
  await live(page);
  await until('an answer to what was asked meanwhile', async () => {
    const { events } = await platform.ask<{ events: Event[] }>('GET', '/v1/activity?limit=1');
    return events[0]?.kind === 'dataset.validated' && (await shown())[0] === events[0].sequence;
  });
  const { events } = await platform.ask<{ events: Event[] }>('GET', '/v1/activity?limit=200');
  await expect.poll(() => shown()).toEqual(events.map((event) => event.sequence));
});

it('answers about an image, with the lines of code that ask the same', async () => {
  await page.goto(`${platform.url}/try/1`);
  await page.getByRole('button', { name: '배포하기' }).click();
  await page.locator('input[accept^="image"]').setInputFiles(platform.image);
  const answers = page.locator('.answers li');
  await answers.first().waitFor({ timeout: 60_000 });
  await expect.poll(() => answers.count()).toBe(2);
  await page.getByRole('button', { name: '복사: curl' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain(`Bearer ${platform.token}`);
  expect(await page.content(), 'the token stays out of the page').not.toContain(platform.token);
});

it('runs a job again with a change, and compares the two', async () => {
  await page.goto(`${platform.url}/jobs/1`);
  await page.getByRole('button', { name: '다시 실행' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('에폭', { exact: true }).fill('2');
  await form.getByRole('button', { name: '학습 시작' }).click();
  await page.waitForURL(/\/jobs\/(2|[0-9a-f-]{36})$/);
  await page.locator('main .status.finished').waitFor({ timeout: 180_000 });
  await page.goto(`${platform.url}/jobs`);
  for (const number of [1, 2]) await page.getByLabel(`작업 ${number} 고르기`).check();
  await page.getByRole('link', { name: '2개 비교' }).click();
  await page.getByRole('rowheader', { name: '에폭' }).waitFor();
  const cells = page.getByRole('row', { name: /^에폭/ }).getByRole('cell');
  await expect.poll(async () => (await cells.allInnerTexts()).sort()).toEqual(['2', String(EPOCHS)].sort());
});

it('looks closer at a curve that has more points than a screen', async () => {
  const { tenant } = await platform.ask<{ tenant: string }>('GET', '/v1/whoami');
  const { job } = await platform.ask<{ job: { id: string; token: number } }>('GET', '/v1/jobs/2');
  const taken = { learning_rate: 0.01, images_per_second: 100, data_wait_ms: 0.1, gpu_mib: null, memory_mib: 900 };
  await publish(platform.nats, `trainyard.telemetry.${tenant}.job.${job.id}`, STEPS, (at) => ({
    token: job.token,
    step: { epoch: 1, step: at + 1, steps: STEPS, losses: { loss: at === PEAK ? 9 : Math.sin(at) }, ...taken },
  }));
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/telemetry') && asked.push(request.url()));
  await page.goto(`${platform.url}/jobs/2?tab=charts&axis=step`);
  const plot = page.getByRole('group', { name: /^손실/ });
  await plot.locator('canvas').waitFor();
  await page.getByRole('figure').getByText('스텝별').waitFor();
  const parts = () => asked.map((url) => new URL(url).searchParams).filter((query) => query.has('from'));
  expect(parts(), 'all steps at once').toHaveLength(0);
  const box = (await plot.locator('.u-over').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 50, { steps: 5 });
  await page.mouse.up();
  const part = await until('the question for the part', async () => parts()[0]);
  expect(Number(part.get('from'))).toBeGreaterThan(STEPS * 0.4);
  expect(Number(part.get('to'))).toBeLessThan(STEPS * 0.7);
  await shoot(page, 'closer-light');
  await plot.focus();
  await plot.press('Escape');
  await page.getByText('차트 위를 끌면').waitFor();
});

it('finds jobs again by a word and by what they do', async () => {
  await page.goto(`${platform.url}/jobs`);
  const rows = page.locator('.rows .line');
  await rows.first().waitFor();
  await page.getByRole('combobox').fill('#2');
  await until('one row', async () => (await rows.count()) === 1);
  await page.getByRole('combobox').fill('#');
  await until('both rows, while one types', async () => (await rows.count()) === 2);
  await page.getByRole('button', { name: '취소됨' }).click();
  await page.getByText('맞는 작업이 없습니다.').waitFor();
  await page.getByRole('button', { name: '필터 지우기' }).click();
  await until('both rows', async () => (await rows.count()) === 2);
});

it('can be walked with the keyboard alone', async () => {
  await page.goto(`${platform.url}/jobs`);
  await live(page);
  await page.keyboard.press('Tab');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('본문으로 건너뛰기');
  const reached = new Set<string>();
  for (let times = 0; times < 40; times += 1) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(() => document.activeElement?.getAttribute('href') ?? document.activeElement?.tagName ?? ''),
    );
  }
  for (const place of ['events', 'jobs/1', 'INPUT']) expect([...reached]).toContain(place);
});

it('had nothing to complain about, and broke no rule of its policy', () => {
  expect(complaints.filter((text) => !AWAY.test(text))).toEqual([]);
});
