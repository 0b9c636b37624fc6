// The table of jobs, the palette and the keys, as somebody uses them who has many jobs: found, ordered, kept, compared,
// cancelled and saved, by mouse and by keyboard. The gateway is made of answers.
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Answers, epochs, jobId, template } from './answers';
import { launch } from './chromium';
import { LOOKS, live, look, open, shoot } from './look';
import { until } from './platform';

const JOBS = 40;
const FAILED = 7;
const STATUS = (number: number) => (number === FAILED ? 'failed' : number > JOBS - 2 ? 'training' : 'finished');
const LOST = { code: 'said', en: 'there are no images', ko: '이미지가 없습니다' };
const failure = { class: 'dataset', message: LOST.en, because: [LOST], next_step: '', console: [] };
const rows = Array.from({ length: JOBS }, (_, at) => JOBS - at).map((number) => ({
  ...template,
  id: jobId(number),
  number,
  sequence: number,
  status: STATUS(number),
  token: 22,
  failure: number === FAILED ? failure : null,
  best: { ...template.best, accuracy: ((number * 7) % JOBS) / JOBS },
  config: { ...template.config, model: number % 2 ? 'resnet18' : 'resnet50', seed: number },
}));
const best = rows.find((row) => row.best.accuracy === (JOBS - 1) / JOBS)!;

let browser: Browser;
let gateway: Answers;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path) => {
      const number = Number(/^\/v1\/jobs\/(?:0189.*-)?0*(\d+)$/.exec(path)?.[1] ?? NaN);
      const job = rows.find((one) => one.number === number);
      if (job) return { job, epochs };
      if (path === '/v1/datasets') return { datasets: [], next: null };
      if (path === '/v1/registry') return { models: [], next: null };
      if (path === '/v1/chats') return { chats: [], next: null };
      if (path.endsWith('/cancel')) return { job: { id: '', number: 0 }, sequence: 1 };
      return path === '/v1/jobs' ? { jobs: rows, next: null } : undefined;
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 99, rows: { jobs: rows } };
      if (topic === 'workers') return { sequence: 99, rows: { workers: [], unreachable: [] } };
    },
  ).open();
  context = await open(browser, 'ty_test', { locale: 'en-US', acceptDownloads: true });
  page = await context.newPage();
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

const line = (number: number) => page.locator(`.rows .line[data-number="${number}"]`);
const first = () => page.locator('.rows .line[aria-rowindex="2"]').getAttribute('data-number').then(Number);

it('finds by words that are offered, and says where one names nothing', async () => {
  const field = page.getByRole('combobox', { name: 'Filter jobs' });
  await field.click();
  await page.keyboard.type('stat');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.type('fai');
  await page.getByRole('option', { name: 'Status:Failed' }).click();
  await until('the one that failed', async () => (await page.locator('.rows .line').count()) === 1);
  await expect.poll(() => first()).toBe(FAILED);
  await until('the address', async () => new URL(page.url()).searchParams.get('q') === 'Status:Failed');
  await field.fill('colour:red');
  await page.getByText('There is nothing called colour').waitFor();
  await field.fill('');
  // What is offered would lie over the heads of the table.
  await page.keyboard.press('Escape');
  await until('all', async () => (await first()) === JOBS);
});

it('orders by a column, the largest first, then the smallest, then the newest', async () => {
  const head = page.getByRole('columnheader', { name: 'Measurement' });
  await head.getByRole('button').click();
  await until('the best', async () => (await first()) === best.number);
  await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
  await head.getByRole('button').click();
  await until('the worst', async () => (await first()) === JOBS);
  await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
  await head.getByRole('button').click();
  await expect.poll(() => head.getAttribute('aria-sort')).toBeNull();
});

it('is walked, chosen from, peeked into and opened by keyboard alone', async () => {
  await page.keyboard.press('/');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
  await page.keyboard.press('Escape');
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('2 chosen').waitFor();
  await expect.poll(() => page.locator('.line[aria-selected=true]').count()).toBe(2);
  await page.keyboard.press('p');
  const peek = page.getByRole('complementary', { name: `Job ${JOBS - 2} at a glance` });
  await peek.waitFor();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('complementary', { name: `Job ${JOBS - 3} at a glance` }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: /at a glance/ }).waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByText('2 chosen').waitFor({ state: 'detached' });
  await page.keyboard.press('End');
  await line(1).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-number'))).toBe('1');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/jobs/1');
  await page.goBack();
  await live(page);
});

it('pins what was chosen above all others, by a press alone', async () => {
  await line(JOBS - 5)
    .getByRole('checkbox')
    .check();
  await page.getByRole('button', { name: 'Pin', exact: true }).click();
  await until('it stands first', async () => (await first()) === JOBS - 5);
  await line(JOBS - 5)
    .getByRole('checkbox')
    .check();
  await page.getByRole('button', { name: 'Unpin' }).click();
  await until('the newest stands first', async () => (await first()) === JOBS);
});

it('fills the screen with a chart, and gives it back', async () => {
  await page.goto(`${gateway.url}/jobs?peek=${JOBS}`);
  await live(page);
  const chart = page.getByRole('complementary').locator('figure.chart');
  const height = async () => (await chart.locator('canvas').boundingBox())?.height ?? 0;
  const full = () => page.evaluate(() => document.fullscreenElement !== null);
  await chart.locator('canvas').waitFor();
  const before = await height();
  await chart.getByRole('button', { name: /full screen$/ }).click();
  await until('all of it', full);
  await until('a higher chart', async () => (await height()) > 2 * before);
  await shoot(page, 'chart-full');
  await chart.getByRole('button', { name: /full screen$/ }).click();
  await until('the page again', async () => !(await full()) && (await height()) === before);
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
});

it('cancels what runs of those that were chosen, after a question', async () => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().endsWith('/cancel') && asked.push(request.url()));
  for (const number of [JOBS, JOBS - 3]) await line(number).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Cancel 1 job' }).click();
  const sure = page.getByRole('dialog', { name: 'Cancel 1 job' });
  await sure.getByText(`Jobs ${JOBS} stop`).waitFor();
  expect(asked).toEqual([]);
  await sure.getByRole('button', { name: 'Cancel 1 job' }).click();
  await sure.waitFor({ state: 'detached' });
  expect(asked.map((url) => new URL(url).pathname)).toEqual([`/v1/jobs/${jobId(JOBS)}/cancel`]);
});

it('keeps columns and views over a reload, and saves what is shown', async () => {
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Seed' }).check();
  await page.getByRole('checkbox', { name: 'Worker' }).uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox').fill('resnet50');
  await until('half of them', async () => (await first()) === JOBS && (await line(JOBS - 1).count()) === 0);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByLabel('Name of the view').fill('fifty');
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
  await page.getByRole('columnheader', { name: 'Seed' }).waitFor();
  await expect.poll(() => page.getByRole('columnheader', { name: 'Worker' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'fifty', exact: true }).click();
  await until('half of them', async () => (await line(JOBS - 1).count()) === 0);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const text = readFileSync(await (await coming).path(), 'utf8').split('\r\n');
  expect(text[0]).toContain('Job,Model,Dataset,Status');
  expect(text.filter(Boolean)).toHaveLength(1 + JOBS / 2);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'Forget the view fifty' }).click();
  await page.getByText('Keep a filter with its order').waitFor();
  await page.keyboard.press('Escape');
});

it('goes anywhere from a few letters, and tells of its keys', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to or do' }).waitFor();
  await page.keyboard.type(`job ${FAILED}`);
  await page.getByRole('option', { name: new RegExp(`Job ${FAILED} `) }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/jobs/${FAILED}`);
  await page.locator('main .page').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await shoot(page, 'shortcuts-light');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await until('the page of events', async () => new URL(page.url()).pathname === '/events');
  await page.getByRole('searchbox').first().focus();
  await page.keyboard.type('g?');
  await expect.poll(() => page.getByRole('dialog').count(), { message: 'letters are only letters in a field' }).toBe(0);
});

it('uses a wide window to its edge', async () => {
  const wide = await open(browser, 'ty_test', { viewport: { width: 1920, height: 1000 }, locale: 'en-US' });
  const at = await wide.newPage();
  for (const path of ['/jobs', '/events']) {
    await at.goto(gateway.url + path);
    await live(at);
    const box = (await at.locator('.page').boundingBox())!;
    expect(1920 - (box.x + box.width), path).toBeLessThan(24);
  }
  await wide.close();
});

it('has room for every usual column in a window of 1,280 pixels', async () => {
  for (const locale of ['en-US', 'ko-KR']) {
    const small = await open(browser, 'ty_test', { viewport: { width: 1280, height: 800 }, locale });
    const at = await small.newPage();
    await at.goto(`${gateway.url}/jobs`);
    await at.locator('.rows .line').first().waitFor();
    const grid = at.locator('[role=grid]');
    expect(await grid.evaluate((box) => box.scrollWidth - box.clientWidth), locale).toBeLessThanOrEqual(0);
    await expect.poll(() => at.getByRole('columnheader').count()).toBe(10);
    await shoot(at, `table-1280-${locale}`);
    await small.close();
  }
});

it('puts together and in order on a narrow page, where a head is no higher than what it says', async () => {
  const { options } = LOOKS.find((one) => one.name === 'narrow')!;
  const narrow = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  const at = await narrow.newPage();
  await at.goto(`${gateway.url}/jobs?group=model`);
  await live(at);
  const head = at.locator('.rows .group');
  await head.first().waitFor();
  const box = (of: Locator) => of.boundingBox().then((found) => found!);
  const line = at.locator('.rows .line').first();
  expect((await box(head.first())).height).toBe(40);
  expect((await box(line)).y, 'right below it').toBe((await box(head.first())).y + 40);
  await shoot(at, 'table-grouped-narrow');
  await at.locator('.rows').evaluate((rows) => scrollTo(0, rows.scrollHeight));
  await at.locator('[data-number="1"]').waitFor();
  const end = await box(at.locator('[data-number="1"]'));
  const all = await box(at.locator('.rows'));
  expect(Math.abs(end.y + end.height - all.y - all.height), 'the last ends where the list does').toBeLessThan(1);
  await at.evaluate(() => scrollTo(0, 0));
  await at.getByRole('button', { name: 'Columns' }).click();
  await at.getByLabel('Group by').selectOption('');
  await at.getByLabel('Sort by').selectOption('-result');
  await at.keyboard.press('Escape');
  await at.locator(`.rows .line[aria-rowindex="2"][data-number="${best.number}"]`).waitFor();
  await narrow.close();
});

it.each(LOOKS)('looks right and is open to everybody: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  const at = await looked.newPage();
  const wide = !name.startsWith('narrow');
  await look(at, `${gateway.url}/jobs?peek=${FAILED}&sort=-result`, `table-${name}`, async (here) => {
    await live(here);
    if (wide)
      await here
        .getByRole('complementary')
        .filter({ hasText: String(FAILED) })
        .first()
        .waitFor();
    await here.locator('.rows .line').first().getByRole('checkbox').check();
    if (wide) await here.locator('.menu button').last().click();
  });
  await at.close();
  const second = await looked.newPage();
  await look(second, `${gateway.url}/jobs`, `palette-${name}`, async (here) => {
    await live(here);
    await here.keyboard.press('Control+k');
    await here.locator('dialog li').first().waitFor();
  });
  await looked.close();
});
