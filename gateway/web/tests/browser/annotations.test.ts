// What people say of their jobs and conversations, and what they ask of the evaluation: titled, tagged, noted, put away, pinned,
// grouped, sorted where not all are here; by mouse and by keyboard. The gateway is made of answers.
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobRow } from '../../src/wire/rows';
import golden from '../golden/folds.json';
import { Answers, epochs, jobId, logged, story, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';
import { until } from './platform';

const JOBS = 450;
const PAGE_ROWS = 200;
const DONE = 440;
const OLD = 3;
const said = { title: '', tags: [] as string[], note: '', archived: false };
const counts = (some: Record<number, number>) => Array.from({ length: 100 }, (_, percent) => some[percent] ?? 0);

function row(number: number): JobRow {
  const training = number > JOBS - 2;
  const value = number === OLD ? 0.999 : ((number * 7) % 97) / 100;
  return {
    ...template,
    id: jobId(number),
    number,
    sequence: number,
    status: training ? 'training' : 'finished',
    finished_at: training ? null : '2026-03-01T09:40:00Z',
    primary: 'accuracy',
    best: { accuracy: value, loss: 0.2, ...(number === DONE && { test_accuracy: 0.75 }) },
    owner: number % 2 ? 'local' : 'ci-1',
    annotation: number === DONE ? { ...said, title: 'vision-3', tags: ['base-1'], note: 'v1\nv2' } : said,
    artifacts:
      number === DONE
        ? [
            { role: 'report', key: 'r', sha256: 'a', bytes: 1 },
            { role: 'confusion_matrix', key: 'c', sha256: 'b', bytes: 1 },
          ]
        : [],
    config: { ...template.config, model: number % 2 ? 'resnet18' : 'resnet50', dataset: 'shapes@2' },
    attempt: 1,
    resumed_epoch: 0,
  };
}
const rows = Array.from({ length: JOBS }, (_, at) => row(JOBS - at));
const report = {
  classes: [
    {
      name: 'ok',
      precision: 0.9,
      recall: 0.8,
      support: 50,
      confidence: { answers: counts({ 90: 40, 30: 20 }), right: counts({ 90: 38, 30: 5 }) },
    },
    {
      name: 'scratch',
      precision: 0.5,
      recall: 0.4,
      support: 20,
      confidence: { answers: counts({ 60: 10 }), right: counts({ 60: 8 }) },
    },
  ],
};
const chat = { ...story.steps[0]!.chat!, id: jobId(901), language: 'ko', title: 'vision', first: 'vision' };

/** A proposal on a dataset that has been looked at, of a model that others were trained with. */
const step = story.steps[1]!;
const proposal = { ...step.chat!.proposal!, missing: [], warnings: [], sources: { epochs: { from: 'said' } } };
const config = { ...proposal.config, dataset: 'shapes' };
const offered = { ...step.chat!, id: jobId(902), title: 'test', first: 'test', proposal: { ...proposal, config } };
const messages = [story.steps[0]!, step].map(({ message }, at) => ({
  ...message!,
  chat: offered.id,
  text: 'test',
  proposal: at ? offered.proposal : null,
}));
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const images = Array.from({ length: 8 }, (_, at) => ({
  path: `${at}.png`,
  split: 'train',
  width: 64,
  height: 64,
  place: [at * 64, 0, 64, 64],
  class: at % 2 ? 'ok' : 'scratch',
}));
const dataset = {
  ...golden.find((one) => one.name.startsWith('a dataset that is good'))!.steps[0]!.dataset!,
  id: jobId(903),
  path: 'shapes',
  status: 'valid',
  sequence: 5,
  artifacts: ['sample_images', 'sample_labels'].map((role) => ({ role, key: role, sha256: role, bytes: 1 })),
};
/** Five trainings like what is offered, on the same data. */
const time = { ms: 90_000, by: 5, guess: false, pool: 'cpu', device: null, currency: null, cost: 0 };

/** Of the test images: other figures, by which they are known. */
const ofTest = {
  classes: [
    { ...report.classes[0], recall: 1, support: 5 },
    { ...report.classes[1], precision: 2 / 3, recall: 0.2, support: 5 },
  ],
  rows: ['ok', 'scratch'],
  confusion_matrix: [
    [5, 0],
    [3, 2],
  ],
};

let browser: Browser;
let gateway: Answers;
let context: BrowserContext;
let page: Page;
const asked: URLSearchParams[] = [];
const chatsAsked: URLSearchParams[] = [];
let refuses = false;

/** A page of the list in the order that was asked for, as the gateway makes it. */
function listed(query: URLSearchParams) {
  asked.push(query);
  const value = (one: JobRow) => (query.get('sort') ? one.best!['accuracy']! : one.number);
  const sorted = rows.toSorted((a, b) => value(b) - value(a) || b.number - a.number);
  const before = query.get('before');
  const from = before === null ? 0 : sorted.findIndex((one) => one.number === Number(before)) + 1;
  const jobs = sorted.slice(from, from + PAGE_ROWS);
  return { jobs, next: from + PAGE_ROWS < sorted.length ? jobs.at(-1)!.number : null };
}

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      if (path === '/v1/jobs') return listed(query);
      const [, found, rest] = /^\/v1\/jobs\/(?:0189.*-)?0*(\d+)(\/.*)?$/.exec(path) ?? [];
      const job = rows.find((one) => one.number === Number(found));
      if (job && !rest) return refuses ? undefined : { job, epochs };
      if (rest?.endsWith('/report')) return { ...report, test: ofTest };
      if (rest?.endsWith('/confusion_matrix'))
        return {
          classes: ['ok', 'scratch'],
          counts: [
            [43, 7],
            [12, 8],
          ],
        };
      if (rest === '/telemetry') return { curves: {}, newest: null };
      if (path === '/v1/chats') {
        chatsAsked.push(query);
        return { chats: query.get('archived') === 'true' || query.get('q') === 'nothing' ? [] : [chat], next: null };
      }
      if (path === '/v1/datasets') return { datasets: [dataset], next: null };
      if (path.endsWith('/sample_labels')) return { width: 512, height: 64, images };
      if (path.endsWith('/sample_images')) return PICTURE;
      if (path === '/v1/models') return { models: [], runners: [] };
      if (path === `/v1/chats/${offered.id}/outlook`)
        return { hash: offered.proposal.hash, time, waiting: 0, running: 2 };
      if (path === `/v1/chats/${offered.id}/proposal`) return { proposal: offered.proposal, sequence: 1 };
      if (path === '/v1/registry') return { models: [], next: null };
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 999, rows: { jobs: rows.slice(0, PAGE_ROWS) } };
      if (topic.startsWith('job:'))
        return { sequence: 999, rows: { job: rows.find((one) => topic.endsWith(one.id)), epochs } };
      if (topic === `chat:${offered.id}`) return { sequence: 999, rows: { chat: offered, messages } };
      if (topic === 'workers') return { sequence: 999, rows: { workers: [], unreachable: [] } };
    },
  ).open();
  context = await open(browser, 'ty_test', { locale: 'en-US' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
  page = await context.newPage();
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

const line = (number: number) => page.locator(`.rows .line[data-number="${number}"]`);
const first = () => page.locator('.rows .line').first().getAttribute('data-number').then(Number);
/** The body of the next change that is asked for. */
const patched = async (act: () => Promise<void>) => {
  const coming = page.waitForRequest((request: Request) => request.method() === 'PATCH');
  await act();
  const request = await coming;
  return { path: new URL(request.url()).pathname, body: request.postDataJSON() as object };
};
let sequence = 1_000;
/** As the log tells of it. */
function tell(number: number, annotation: object) {
  const aggregate = `job/${jobId(number)}`;
  const event = { ...logged, kind: 'job.annotated', aggregate, sequence: (sequence += 1), body: { annotation } };
  for (const topic of ['jobs', `job:${jobId(number)}`])
    gateway.say({ type: 'event', topic, event, resume: `r${sequence}` });
}

it('sorts all jobs where only the newest are here, and reads no more than is looked at', async () => {
  await page.getByRole('columnheader', { name: 'Measurement' }).getByRole('button').click();
  await until('the best of all', async () => (await first()) === OLD);
  const sorted = asked.filter((query) => query.get('sort') === '-result');
  expect(sorted.map((query) => query.get('before'))).toEqual([null]);
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('End');
  await until('the next page', async () => asked.filter((query) => query.get('sort')).length > 1);
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
});

it('writes a title in its place, by keyboard, and leaves it with Escape', async () => {
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('F2');
  const field = page.getByRole('textbox', { name: `Title of job ${JOBS}` });
  await field.fill('first try');
  const { path, body } = await patched(() => page.keyboard.press('Enter'));
  expect([path, body]).toEqual([`/v1/jobs/${jobId(JOBS)}`, { title: 'first try' }]);
  tell(JOBS, { ...said, title: 'first try' });
  await line(JOBS).getByText('first try').waitFor();
  await until('the keyboard to be back', () =>
    page.evaluate((number) => document.activeElement?.getAttribute('data-number') === String(number), JOBS),
  );
  await page.keyboard.press('F2');
  await field.fill('second try');
  await page.keyboard.press('Escape');
  await line(JOBS).getByText('first try').waitFor();
});

it('tags several at once, finds them by it, puts them away and takes them out', async () => {
  for (const number of [JOBS - 3, JOBS - 4]) await line(number).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Tag…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Tags of 2 jobs' });
  await dialog.getByRole('combobox', { name: 'Tags' }).fill('#night shift3');
  await accessible(page, 'tagging');
  await shoot(page, 'tagging-light');
  const { body } = await patched(() => dialog.getByRole('button', { name: 'Keep' }).click());
  expect(body).toEqual({ tags: ['night', 'shift3'] });
  for (const number of [JOBS - 3, JOBS - 4]) tell(number, { ...said, tags: ['night', 'shift3'] });
  await line(JOBS - 3)
    .getByText('#night')
    .waitFor();

  const field = page.getByRole('combobox', { name: 'Filter jobs' });
  await field.fill('tag:night');
  await until('those two', async () => (await page.locator('.rows .line').count()) === 2);
  const put = await patched(() => page.getByRole('button', { name: 'Archive' }).click());
  expect(put.body).toEqual({ archived: true });
  for (const number of [JOBS - 3, JOBS - 4]) tell(number, { ...said, tags: ['night'], archived: true });
  await page.getByText('No job matches.').waitFor();
  await field.fill('is:archived');
  await until('both again', async () => (await page.locator('.rows .line').count()) === 2);
  expect(asked.at(-1)?.get('archived')).toBe('true');
  await line(JOBS - 3)
    .getByRole('checkbox')
    .check();
  await page.getByRole('button', { name: 'Take out again' }).waitFor();
  for (const number of [JOBS - 3, JOBS - 4]) tell(number, said);
  await field.fill('');
  await page.keyboard.press('Escape');
  await until('all', async () => (await first()) === JOBS);
});

it('asks for tags in Korean too', async () => {
  const korean = await open(browser, 'ty_test', { locale: 'ko-KR' });
  const at = await korean.newPage();
  await at.goto(`${gateway.url}/jobs`);
  await live(at);
  await at.locator(`.rows .line[data-number="${JOBS}"]`).getByRole('checkbox').check();
  await at.getByRole('button', { name: '태그…' }).click();
  await at.getByRole('dialog', { name: /작업 .*태그/ }).waitFor();
  await accessible(at, 'tagging-korean');
  await korean.close();
});

it('keeps what is pinned above all others, over a reload', async () => {
  await line(JOBS - 5).click({ position: { x: 300, y: 10 } });
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('s');
  await until('it is first', async () => (await first()) === JOBS - 5);
  await page.goto(`${gateway.url}/jobs`);
  await live(page);
  await until('it is first again', async () => (await first()) === JOBS - 5);
  await line(JOBS - 5)
    .getByText('pinned')
    .waitFor({ state: 'attached' });
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('s');
  await until('it is where it was', async () => (await first()) === JOBS);
});

it('puts jobs together, and the keyboard passes over the heads', async () => {
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Group by').selectOption('model');
  await page.keyboard.press('Escape');
  const heads = page.locator('.rows .group');
  await until('both groups', async () => (await heads.first().textContent())?.includes('resnet50') ?? false);
  await until(
    'all of them are counted',
    async () => (await heads.first().textContent())?.includes('225 jobs') ?? false,
  );
  await page.locator('.rows .line[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-number')))
    .toBe(String(JOBS - 2));
  await accessible(page, 'grouped');
  await shoot(page, 'grouped-light');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Group by').selectOption('');
  await page.keyboard.press('Escape');
  await until('no group', async () => (await heads.count()) === 0);
});

it('shows what is said of a job, and takes a note, tags and a title there', async () => {
  await page.goto(`${gateway.url}/jobs/${DONE}`);
  await live(page);
  await page.getByText('vision-3').first().waitFor();
  const notes = page.getByRole('region', { name: 'Note' });
  await expect.poll(() => notes.locator('.note').innerText()).toBe('v1\nv2');
  await notes.getByLabel('Add a tag').fill('v2');
  const tagged = await patched(() => page.keyboard.press('Enter'));
  expect(tagged.body).toEqual({ tags: ['base-1', 'v2'] });
  const untagged = await patched(() => notes.getByRole('button', { name: 'Remove the tag base-1' }).click());
  expect(untagged.body).toEqual({ tags: [] });
  await notes.getByRole('button', { name: 'Note' }).click();
  await notes.getByRole('textbox', { name: 'Note' }).fill('<b>bold</b>\nis text');
  const noted = await patched(() => page.keyboard.press('Control+Enter'));
  expect(noted.body).toEqual({ note: '<b>bold</b>\nis text' });
  tell(DONE, { ...said, note: '<b>bold</b>\nis text' });
  await until(
    'the note as it was written',
    async () => (await notes.locator('.note').innerText()) === '<b>bold</b>\nis text',
  );
  await notes.getByRole('button', { name: 'Note' }).click();
  refuses = true;
  await notes.getByRole('textbox', { name: 'Note' }).fill('lost?');
  await page.keyboard.press('Control+Enter');
  await notes.getByText('there is no such thing').waitFor();
  await expect
    .poll(() => notes.getByRole('textbox', { name: 'Note' }).inputValue(), { message: 'what was written stays' })
    .toBe('lost?');
  refuses = false;
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Evaluation' }).click();
  await page.getByRole('button', { name: 'Copy the link' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${gateway.url}/jobs/${DONE}?tab=evaluation`);
});

it('says what a threshold leaves, and how sure the model may be', async () => {
  await page.goto(`${gateway.url}/jobs/${DONE}?tab=evaluation`);
  await live(page);
  const slider = page.getByRole('slider', { name: 'From confidence' });
  await slider.waitFor();
  const figure = (name: string) => page.locator('.facts div', { hasText: name }).locator('dd').innerText();
  expect([await figure('Precision'), await figure('Recall'), await figure('Answers left')]).toEqual([
    '72.86 %',
    '72.86 %',
    '70',
  ]);
  await slider.focus();
  for (let press = 0; press < 10; press += 1) await page.keyboard.press('ArrowRight');
  await until('the sure ones are left', async () => (await figure('Answers left')) === '50');
  await expect.poll(() => figure('Precision')).toBe('92.00 %');
  await page.getByLabel('Class', { exact: true }).selectOption('scratch');
  await expect.poll(() => figure('Recall')).toBe('40.00 %');
  await page.getByText('On average it is off by').waitFor();
  const test = page.getByRole('region', { name: 'Measurements' });
  await test.getByText('75.00 %').waitFor();
  const worst = page.locator('table').filter({ hasText: 'scratch' }).first().locator('tbody tr').first();
  await expect.poll(() => worst.innerText()).toContain('scratch');
});

it('shows the evaluation of the test images beside that of validation, and the address leads there again', async () => {
  await page.goto(`${gateway.url}/jobs/${DONE}?tab=evaluation`);
  const splits = page.getByRole('group', { name: 'Split' });
  const chosen = () => splits.locator('[aria-pressed=true]').innerText();
  const cells = () => page.locator('table.matrix tbody td').allInnerTexts();
  await expect.poll(chosen).toBe('validation');
  await expect.poll(cells).toEqual(['43', '7', '12', '8']);
  await splits.getByRole('button', { name: 'test' }).click();
  await expect.poll(cells).toEqual(['5', '', '3', '2']);
  const worst = page.locator('table').filter({ hasText: 'scratch' }).first().locator('tbody tr').first();
  await expect.poll(() => worst.innerText()).toMatch(/scratch\s+66\.67 %\s+20\.00 %\s+5/);
  expect(new URL(page.url()).searchParams.get('split')).toBe('test');
  await page.reload();
  await expect.poll(cells).toEqual(['5', '', '3', '2']);
});

it('finds, renames and puts away conversations, and leaves out those without words', async () => {
  await page.goto(`${gateway.url}/talk`);
  await live(page);
  const past = page.getByRole('complementary', { name: 'Conversations' });
  await past.getByText('vision').waitFor();
  expect(chatsAsked.at(-1)?.get('spoken')).toBe('true');
  await past.getByRole('searchbox').fill('nothing');
  await past.getByText('No conversation matches.').waitFor();
  await past.getByRole('searchbox').fill('');
  await past.getByText('vision').hover();
  await past.getByRole('button', { name: 'Rename the conversation' }).click();
  await past.getByRole('textbox').fill('line 3');
  const named = await patched(() => page.keyboard.press('Enter'));
  expect([named.path, named.body]).toEqual([`/v1/chats/${chat.id}`, { title: 'line 3' }]);
  await past.getByText('vision').hover();
  const put = await patched(() => past.getByRole('button', { name: /Put the conversation/ }).click());
  expect(put.body).toEqual({ archived: true });
});

it('says what to expect of a proposal, and what cannot be as it is typed', async () => {
  await page.goto(`${gateway.url}/talk/${offered.id}`);
  await live(page);
  // A proposal speaks the language of the talk.
  const card = page.getByRole('region', { name: '제안' });
  await card.getByText('기다리는 작업은 없고 2개가 실행 중입니다').waitFor();
  await card.getByText(/비슷한 작업 5개로 보아 .*쯤 걸립니다/).waitFor();
  await until('the images', async () => (await card.locator('.images img, .images [role=img]').count()) === 8);
  const epochs = card.getByLabel('에폭', { exact: true });
  await epochs.fill('0');
  await card.getByText('범위: 1 ~ 10000').waitFor();
  await expect.poll(() => epochs.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => card.getByRole('button', { name: /값 1개/ }).isDisabled()).toBe(true);
  await epochs.press('Enter');
  await epochs.fill('1.5');
  await card.getByText('정수를 쓰세요').waitFor();
  await epochs.fill('12');
  const changed = await patched(() => epochs.press('Enter'));
  expect(changed.body).toEqual({ epochs: 12 });
});

it.each(LOOKS)('looks right and is open to everybody: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  for (const [path, shot] of [
    [`/jobs/${DONE}`, 'said'],
    [`/jobs/${DONE}?tab=evaluation`, 'evaluation'],
    ['/jobs?group=status&sort=-result', 'grouped'],
    ['/talk', 'talks'],
    [`/talk/${offered.id}`, 'proposal'],
  ] as const) {
    const at = await looked.newPage();
    await look(at, gateway.url + path, `${shot}-${name}`);
    await at.close();
  }
  await looked.close();
});
