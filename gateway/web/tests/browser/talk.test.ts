// Answers that show what they speak of: a comparison, a list, a job, what it reached, a dataset; and what is offered next.
// The gateway is made of answers.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatMessage, ChatRow, Choice, Exhibit, JobRow } from '../../src/wire/rows';
import golden from '../golden/folds.json';
import { Answers, epochs, jobId, logged, story, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';
import { until } from './platform';

const CHAT = jobId(950);
/** One in which a proposal took the place of another, and is open. */
const OPEN = jobId(951);
const EPOCHS = 12;
const artifact = (role: string) => ({ role, key: role, sha256: role, bytes: 1 });
const job = (number: number, changes: Partial<JobRow>): JobRow => ({
  ...template,
  id: jobId(number),
  number,
  sequence: number,
  primary: 'accuracy',
  classes: ['ok', 'scratch'],
  epochs_done: EPOCHS,
  config: { ...template.config, dataset: 'shapes@2', epochs: EPOCHS, learning_rate: number / 1_000 },
  ...changes,
});
const finished = { status: 'finished' as const, finished_at: '2026-03-01T09:40:00Z', progress: 1, best_epoch: 9 };
const rows = [
  job(3, { status: 'training', worker: 'gpu-7', best: { accuracy: 0.7 }, epochs_done: 6, progress: 0.5 }),
  job(2, { ...finished, best: { accuracy: 0.95 }, artifacts: [artifact('report'), artifact('sample_predictions')] }),
  job(1, { ...finished, best: { accuracy: 0.91 } }),
];
const curve = Array.from({ length: EPOCHS }, (_, at) => ({
  ...epochs[0]!,
  epoch: at + 1,
  train: { loss: 1 / (at + 1), accuracy: 0.5 + at / 30 },
  validation: { loss: 1.1 / (at + 1), accuracy: 0.5 + at / 28 },
}));
const report = {
  classes: [
    { name: 'ok', precision: 0.9, recall: 0.8, support: 50 },
    { name: 'scratch', precision: 0.5, recall: 0.4, support: 20 },
  ],
};
const predictions = Array.from({ length: 6 }, (_, at) => ({
  path: `${at}.png`,
  truth: 'scratch',
  answer: at % 2 ? 'ok' : 'scratch',
  confidence: 0.9,
}));
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const sheet = {
  width: 512,
  height: 64,
  images: Array.from({ length: 8 }, (_, at) => ({
    path: `${at}.png`,
    split: 'train',
    width: 64,
    height: 64,
    place: [at * 64, 0, 64, 64],
    class: at % 2 ? 'ok' : 'scratch',
  })),
};
const good = golden
  .find((one) => one.name.startsWith('a dataset that is good'))!
  .steps.find((step) => step.dataset?.profile)!.dataset!;
const count = (train: number, validation: number) => ({ train, validation, test: 0 });
const dataset = {
  ...good,
  id: jobId(903),
  path: 'shapes',
  status: 'valid',
  sequence: 5,
  profile: {
    ...good.profile!,
    classes: [
      { name: 'ok', images: count(80, 20), objects: 100 },
      { name: 'scratch', images: count(30, 8), objects: 38 },
    ],
  },
  artifacts: ['sample_images', 'sample_labels'].map(artifact),
};

/** What was said, in both languages, and what is shown beside it. */
const TALK: { asked: [string, string]; told: [string, string]; shows: Exhibit[]; choices?: [Choice[], Choice[]] }[] = [
  {
    asked: ['작업 1하고 2 비교해줘', 'compare job 1 and job 2'],
    told: [
      '|  | 작업 1 | 작업 2 |\n| --- | --- | --- |\n| 상태 | 완료 | 완료 |\n정확도 기준으로 작업 2가 가장 좋습니다(95.00 %).',
      '|  | job 1 | job 2 |\n| --- | --- | --- |\n| state | finished | finished |\nBy accuracy, job 2 is best (95.00 %).',
    ],
    shows: [{ show: 'comparison', jobs: [jobId(1), jobId(2)] }],
  },
  {
    asked: ['가장 좋은 작업 결과 보여줘', 'show the results of the best job'],
    told: ['가장 좋은 작업은 2번입니다.', 'The best job is 2.'],
    shows: [
      { show: 'results', job: jobId(2) },
      { show: 'jobs', jobs: [jobId(2), jobId(1)] },
    ],
  },
  {
    asked: ['shapes 살펴봐줘', 'look at shapes'],
    told: ['shapes에서 이미지 138장, 클래스 2개를 확인했습니다.', 'shapes has 138 images in 2 classes.'],
    shows: [{ show: 'dataset', path: 'shapes' }],
  },
  {
    asked: ['작업 3 언제 끝나?', 'when will job 3 finish?'],
    told: ['12 에폭 중 6 완료(50%).', '6 of 12 epochs done (50 %).'],
    shows: [{ show: 'job', job: jobId(3) }],
    choices: [
      [{ say: '작업 3 결과 보여줘', what: '측정값을 봅니다' }],
      [{ say: 'show the results of job 3', what: 'the measurements' }],
    ],
  },
];
const first = story.steps[0]!;
const row = { ...first.chat!, id: CHAT, proposal: null, title: 'test', first: 'test' } as unknown as ChatRow;
const messages = (language: 0 | 1): ChatMessage[] =>
  TALK.flatMap(({ asked, told, shows, choices }, at) => {
    const message = { ...(first.message as unknown as ChatMessage), chat: CHAT };
    const answer = { who: 'trainyard' as const, kind: 'chat.reply_given', shows, choices: choices?.[language] ?? [] };
    return [
      { ...message, sequence: 2 * at + 1, text: asked[language] },
      { ...message, ...answer, sequence: 2 * at + 2, text: told[language] },
    ];
  });

const given = (story.steps[1]!.message as unknown as ChatMessage).proposal!;
const proposals = [
  { ...given, missing: [], config: { ...given.config, dataset: 'shapes@2' }, hash: 'a'.repeat(64) },
  { ...given, missing: [], config: { ...given.config, dataset: 'shapes@2', epochs: 12 }, hash: 'b'.repeat(64) },
];
const WORDS = 40;
const deciding = (): ChatMessage[] => {
  const of = (sequence: number, changes: Partial<ChatMessage>): ChatMessage => ({
    ...(first.message as unknown as ChatMessage),
    chat: OPEN,
    sequence,
    ...changes,
  });
  const proposed = { who: 'trainyard' as const, kind: 'chat.config_proposed', text: '' };
  return [
    ...Array.from({ length: WORDS }, (_, at) => of(at + 1, { text: `train ${at + 1}` })),
    ...proposals.map((proposal, at) => of(WORDS + 1 + at, { ...proposed, proposal, hash: proposal.hash })),
  ];
};

let browser: Browser;
let gateway: Answers;
let language: 0 | 1 = 1;
let best = rows;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      const [, found, rest] = /^\/v1\/jobs\/(?:0189.*-)?0*(\d+)(\/.*)?$/.exec(path) ?? [];
      const one = rows.find(({ number }) => number === Number(found));
      if (one && !rest) return { job: one, epochs: curve.slice(0, one.epochs_done) };
      if (rest?.endsWith('/report')) return report;
      if (rest?.endsWith('/sample_predictions')) return predictions;
      if (path === '/v1/datasets') return { datasets: [dataset], next: null };
      if (path === `/v1/datasets/${dataset.id}`) return { dataset };
      if (path.endsWith('/sample_labels')) return sheet;
      if (path.endsWith('/sample_images')) return PICTURE;
      if (path === '/v1/jobs') return { jobs: rows, next: null };
      if (path === '/v1/chats') return { chats: [row], next: null };
      if (path === '/v1/roots') {
        const folder = (name: string, at: string) => ({ name, path: at, images: 3, more_images: false });
        const of = { parent: null, images: 0, more_images: false, left_out: 0 };
        if (query.get('path') === null) return { ...of, path: null, folders: [folder('data', '/data')] };
        if (query.get('path') === '/data/') return { ...of, path: '/data', folders: [folder('trees', '/data/trees')] };
      }
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 99, rows: { jobs: best } };
      if (topic === `chat:${CHAT}`) {
        const chat = { ...row, language: language ? 'english' : 'korean' };
        return { sequence: 99, rows: { chat, messages: messages(language) } };
      }
      if (topic === `chat:${OPEN}`) {
        const chat = { ...row, id: OPEN, proposal: proposals[1], language: language ? 'english' : 'korean' };
        return { sequence: 99, rows: { chat, messages: deciding() } };
      }
      if (topic === 'workers') return { sequence: 99, rows: { workers: [], unreachable: [] } };
    },
  ).open();
});
afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

const article = (page: Page, at: number) => page.locator('article').nth(2 * at + 1);

it('draws what an answer speaks of, once, and says the rest in words', async () => {
  language = 1;
  const page = await (await open(browser, 'ty_test', { locale: 'en-US' })).newPage();
  await page.goto(`${gateway.url}/talk/${CHAT}`);
  await live(page);
  const comparison = article(page, 0);
  await comparison.getByRole('rowheader', { name: 'Accuracy' }).waitFor();
  await expect.poll(() => comparison.locator('.words').innerText()).toBe('By accuracy, job 2 is best (95.00 %).');
  await expect.poll(() => comparison.locator('canvas').count(), { message: 'the curves of both' }).toBeGreaterThan(1);
  await expect
    .poll(() => comparison.getByRole('link', { name: 'The whole comparison' }).getAttribute('href'))
    .toBe('jobs/compare?jobs=1,2');
  await comparison.getByRole('button', { name: /Job 2/ }).click();
  await expect
    .poll(() => comparison.getByRole('link', { name: 'The whole comparison' }).getAttribute('href'))
    .toBe('jobs/compare?jobs=2,1');

  const results = article(page, 1);
  const worst = results.getByRole('region', { name: 'Classes' }).locator('tbody tr').first();
  await expect.poll(() => worst.innerText(), { message: 'the worst class first' }).toContain('scratch');
  await results.getByRole('region', { name: 'Images it got wrong' }).getByText('ok').first().waitFor();
  await expect.poll(() => results.locator('table').last().locator('tbody a').allInnerTexts()).toEqual(['2', '1']);

  const look = article(page, 2);
  await until('the images', async () => (await look.locator('.images [role=img]').count()) === 8);
  await expect.poll(() => look.locator('.bars li').allInnerTexts()).toEqual(['ok\n100', 'scratch\n38']);

  const progress = article(page, 3);
  await progress.getByRole('link', { name: /Job 3/ }).getByText('6 of 12 epochs').waitFor();
  await progress.locator('canvas').first().waitFor();
  const said = page.waitForRequest((request) => request.method() === 'POST');
  await progress.getByRole('button', { name: /show the results of job 3/ }).click();
  expect((await said).postDataJSON()).toEqual({ text: 'show the results of job 3' });
  await page.context().close();
});

it('goes on drawing what happens after the answer', async () => {
  language = 1;
  const page = await (await open(browser, 'ty_test', { locale: 'en-US' })).newPage();
  await page.goto(`${gateway.url}/talk/${CHAT}`);
  await live(page);
  const card = article(page, 3).getByRole('link', { name: /Job 3/ });
  await card.getByText('6 of 12 epochs').waitFor();
  const event = {
    ...logged,
    sequence: 200,
    aggregate: `job/${jobId(3)}`,
    body: { ...logged.body, epoch: 7, token: rows[0]!.token },
  };
  gateway.say({ type: 'event', topic: 'jobs', event, resume: 'r' });
  await card.getByText('7 of 12 epochs').waitFor();
  await page.context().close();
});

it('reads a job that the page has not come to, and says the words of one that is gone', async () => {
  language = 1;
  best = [rows[0]!];
  const page = await (await open(browser, 'ty_test', { locale: 'en-US' })).newPage();
  await page.goto(`${gateway.url}/talk/${CHAT}`);
  await live(page);
  await article(page, 0).getByRole('rowheader', { name: 'Accuracy' }).waitFor();
  best = rows;
  await page.context().close();
});

it('keeps the one proposal that is open beside what is said, and folds the one before it', async () => {
  language = 1;
  const context = await open(browser, 'ty_test', { locale: 'en-US', viewport: { width: 1920, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/talk/${OPEN}`);
  await live(page);
  const card = page.getByRole('region', { name: 'Proposal' });
  const approve = page.getByRole('button', { name: 'Approve and train' });
  await approve.waitFor();
  await expect.poll(() => card.count()).toBe(2);
  const log = page.getByRole('log', { name: 'Talk' });
  const [said, docked] = [(await log.boundingBox())!, (await card.last().boundingBox())!];
  expect(docked.x, 'to the right of what is said').toBeGreaterThanOrEqual(said.x + said.width);
  await log.evaluate((box) => box.scrollTo(0, 0));
  await page.getByText('train 1', { exact: true }).waitFor();
  expect((await card.last().boundingBox())!.y, 'however far one has scrolled').toBe(docked.y);
  await card.last().getByText('was 30', { exact: false }).waitFor();
  const earlier = log.getByRole('region', { name: 'Proposal' });
  await expect.poll(() => earlier.locator('.grid .field').allInnerTexts()).toHaveLength(1);
  await shoot(page, 'talk-docked');
  await accessible(page, 'talk-docked');
  await page.setViewportSize({ width: 1100, height: 900 });
  await expect.poll(() => log.getByRole('button', { name: 'Approve and train' }).count()).toBe(1);
  await context.close();
});

it('completes a path in a sentence with the keyboard', async () => {
  const page = await (await open(browser, 'ty_test', { locale: 'en-US' })).newPage();
  await page.goto(`${gateway.url}/talk`);
  await live(page);
  const field = page.getByRole('textbox', { name: 'Describe a training' });
  await field.pressSequentially('train resnet18 on /da');
  await page.getByRole('option', { name: '/data' }).waitFor();
  await page.keyboard.press('Tab');
  await expect.poll(() => field.inputValue()).toBe('train resnet18 on /data/');
  await page.getByRole('option', { name: '/data/trees' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => field.inputValue()).toBe('train resnet18 on /data/trees');
  await page.context().close();
});

it.each(LOOKS)('looks right and is open to everybody: $name', async ({ name, options }) => {
  language = options.locale === 'en-US' ? 1 : 0;
  const context = await open(browser, 'ty_test', options);
  for (const [at] of TALK.entries()) {
    const page = await context.newPage();
    await look(page, `${gateway.url}/talk/${CHAT}`, `answers-${at + 1}-${name}`, async (here) => {
      await live(here);
      await article(here, TALK.length - 1)
        .locator('canvas')
        .first()
        .waitFor();
      await until('the images', async () => (await here.locator('.images [role=img]').count()) === 8);
      await article(here, at).scrollIntoViewIfNeeded();
    });
    await page.close();
  }
  await context.close();
});
