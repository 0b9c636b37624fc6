// Every page with nothing on it, and with a classifier, a detector, a job that failed and a dataset that was refused:
// open to everybody, as wide as the window, in both themes; and a picture of each.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFailed } from 'vitest';
import { launch } from './chromium';
import type { FeedAnswer } from '../../src/wire/api';
import { LOOKS, WIDE, accessible, look, open as openIn, shoot } from './look';
import { Platform, until } from './platform';

/** A dataset with boxes, from where the platform of the tests looks. */
const TREES = '.tools/data/trees';

let platform: Platform;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

function open(options: BrowserContextOptions) {
  return openIn(browser, platform.token, options);
}

function listen(to: Page): void {
  to.on(
    'console',
    (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`),
  );
  to.on('pageerror', (error) => complaints.push(error.message));
}

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  page = await (await open({ viewport: WIDE })).newPage();
  listen(page);
});

beforeEach(() => onTestFailed(() => shoot(page, 'failed')));

afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

it.each(LOOKS)('begins with pages that say what to do: $name', async ({ name, options }) => {
  const stranger = await openIn(browser, '', options);
  const door = await stranger.newPage();
  await look(door, platform.url, `sign-in-${name}`, (page) => page.locator('form input').waitFor());
  await stranger.close();
  const looked = await open(options);
  const empty = [
    '/',
    '/talk',
    '/jobs',
    '/events',
    '/fleet',
    '/datasets',
    '/models',
    '/settings',
    '/try',
    '/jobs/compare',
    '/jobs/7',
  ];
  for (const path of empty) {
    const at = await looked.newPage();
    await look(at, platform.url + path, `empty${path.replaceAll('/', '-')}-${name}`);
    await at.close();
  }
  await looked.close();
});

it('trains what there is to be seen', async () => {
  const order = { model: 'resnet18', dataset: platform.dataset, image_size: 16 };
  for (const epochs of [1, 2]) await platform.ask('POST', '/v1/jobs', { ...order, epochs });
  const status = async (number: number) =>
    (await platform.ask<{ job: { status: string } }>('GET', `/v1/jobs/${number}`)).job.status;
  await until('both jobs', async () => (await status(2)) === 'finished');
  await platform.ask('POST', '/v1/jobs/1/deploy', {});
});

it('says what went wrong, and what to do next', async () => {
  const order = { model: 'resnet18', dataset: platform.dataset, epochs: 1, initial_weights: 'nowhere.safetensors' };
  await platform.ask('POST', '/v1/jobs', order);
  type Answer = { dataset: { id: string } };
  const path = `${platform.dataset}/nowhere`;
  const { dataset } = await platform.ask<Answer>('POST', '/v1/datasets', { path });
  await page.goto(`${platform.url}/jobs/3`);
  await page.locator('main .status.failed').waitFor({ timeout: 90_000 });
  const problem = page.getByRole('alert');
  await problem.getByText('설정 문제').waitFor();
  const [, message, next] = await problem.locator('p').allInnerTexts();
  expect(message).toContain('nowhere.safetensors');
  expect(message).toContain('초기 가중치를 쓸 수 없습니다');
  expect(next).toContain('safetensors 파일을 알려 주시거나');
  await page.goto(`${platform.url}/datasets/${dataset.id}`);
  await problem.getByText(`${path}에 아무것도 없습니다`).waitFor({ timeout: 60_000 });
  await problem.getByText('경로를 확인해 주세요').waitFor();
});

it('takes a folder into the store, and trains on a version of it', async () => {
  await page.goto(`${platform.url}/datasets`);
  await page.locator('input[webkitdirectory]').setInputFiles(platform.dataset);
  const name = page.getByLabel('데이터셋 이름');
  await expect.poll(() => name.inputValue()).toBe('digits');
  await name.fill('두 숫자');
  await expect.poll(() => page.getByRole('button', { name: '올리기' }).isDisabled()).toBe(true);
  await shoot(page, 'upload');
  await name.fill('두-숫자');
  await name.press('Enter');
  await page.waitForURL(/\/datasets\/[0-9a-f-]{36}$/, { timeout: 60_000 });
  await page.getByRole('region', { name: '버전' }).getByText('저장소에 있음').waitFor({ timeout: 60_000 });
  const train = await page.getByRole('link', { name: '이 데이터로 학습' }).getAttribute('href');
  expect(decodeURIComponent(train!)).toContain('"두-숫자@1"');
});

it('says how what happens is read in a terminal, as a login of the tenant may', async () => {
  await page.goto(`${platform.url}/events?about=job`);
  await page.getByText('터미널에서 똑같이 보기').click();
  const lines = page.locator('details pre[aria-label="터미널"]');
  await lines.waitFor();
  const { consumers, streams } = await platform.ask<FeedAnswer>('GET', '/v1/feed');
  const of = streams[0]!.filters[0]!.replace('>', 'job.>');
  const text = await lines.innerText();
  expect(text).toContain(`CONSUMER.CREATE.FEED.${consumers[0]}.${of}`);
  expect(text).not.toContain('trainyard.event.');
  await accessible(page, 'events-in-a-terminal');
});

it('refuses in the language of the page', async () => {
  const stranger = await openIn(browser, 'ty_wrong', {});
  const door = await stranger.newPage();
  await door.goto(platform.url);
  await door.getByRole('alert').getByText('모르는 토큰이거나 폐기된 토큰입니다').waitFor();
  await stranger.close();

  const narrow = LOOKS.find((one) => one.name === 'narrow')!;
  const refused = await open(narrow.options);
  const at = await refused.newPage();
  const told = async (name: string, ...texts: string[]) => {
    for (const text of texts) await at.getByRole('alert').getByText(text).waitFor();
    await shoot(at, `refused-${name}`);
  };
  await at.goto(`${platform.url}/datasets`);
  const path = at.getByRole('combobox', { name: '작업자가 읽을 수 있는 폴더' });
  await path.fill(`data/${'x'.repeat(2_000)}`);
  await path.press('Enter');
  await told('dataset', '데이터셋의 경로는 1자에서 1024자까지', '작업자가 읽을 수 있는 폴더의 경로를 적으세요');
  await at.goto(`${platform.url}/try/1`);
  const words = { name: 'words.png', mimeType: 'image/png', buffer: Buffer.from('no image at all') };
  await at.locator('input[accept^="image"]').setInputFiles(words);
  await told('image', '이미지가 아니라 텍스트 파일입니다', 'JPEG, PNG, WebP, BMP 이미지를 고르세요');
  await refused.close();
});

it('shows what a detector finds, and what it was looking for', async () => {
  await platform.ask('POST', '/v1/jobs', { model: 'yolo11n', dataset: TREES, epochs: 2, image_size: 96 });
  await page.goto(`${platform.url}/jobs/4`);
  await page.locator('main .status.finished').waitFor({ timeout: 200_000 });
  const part = (name: string) => page.getByRole('navigation', { name: '작업의 부분' }).getByRole('link', { name });
  await part('예측').click();
  const gallery = page.getByRole('region', { name: '예측 예시' });
  const tiles = gallery.getByRole('listitem');
  await tiles.first().waitFor();
  // The dataset is a folder of the workers': one of them reads its images, and what was answered is drawn by the page.
  await until('the pictures', async () => (await tiles.locator('image').count()) === (await tiles.count()));
  await tiles.first().getByRole('button').click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('image').first().waitFor();
  await dialog.locator('rect').first().waitFor();
  expect(await dialog.getByText('학습기가 그린 그림입니다').count()).toBe(0);
  await page.keyboard.press('Escape');
  await part('평가').click();
  await page.getByRole('heading', { name: '정밀도-재현율, IoU 0.5' }).waitFor();
  const legend = page.locator('figure.chart', { hasText: '정밀도-재현율' }).getByRole('listitem').first();
  await expect
    .poll(() => legend.innerText(), { message: 'the area, not where the curve ends' })
    .toMatch(/tree\s+AP (\d+\.\d\d|100) %/);
  await page.getByRole('columnheader', { name: 'mAP 50–95' }).waitFor();
  const matrix = page.getByRole('region', { name: '혼동 행렬' });
  await matrix.getByRole('rowheader', { name: '배경' }).waitFor();
  await matrix.getByRole('button', { name: /정답 tree, 답 배경/ }).click();
  await gallery.waitFor();
  const query = new URL(page.url()).searchParams;
  expect([query.get('truth'), query.get('answer')], 'a cell leads to its images').toEqual(['tree', 'background']);
  await part('개요').click();
  await page.getByRole('link', { name: '.tools/data/trees' }).click();
  await page.getByRole('region', { name: '박스' }).getByText('객체 수별 이미지').waitFor();
  const samples = page.getByRole('region', { name: '이미지와 라벨' });
  await samples.getByRole('button').first().waitFor();
  const top = async (name: string) => (await page.getByRole('region', { name }).boundingBox())!.y;
  expect(await top('이미지와 라벨'), 'one sees the labels first').toBeLessThan(await top('클래스별 이미지'));
  await samples
    .getByRole('button', { name: /\.png: tree \d+/ })
    .first()
    .press('Enter');
  await page
    .getByRole('dialog')
    .getByRole('img', { name: /\.png: tree \d+/ })
    .waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('img', { name: '작업 4의 답을 그린 검증 이미지' }).waitFor();
});

it.each(LOOKS)('looks right and is open to everybody: $name', async ({ name, options }) => {
  const { chats } = await platform.ask<{ chats: { id: string; messages: number }[] }>('GET', '/v1/chats');
  const { datasets } = await platform.ask<{ datasets: { id: string; path: string }[] }>('GET', '/v1/datasets');
  const chat = chats.reduce((most, one) => (one.messages > most.messages ? one : most));
  const dataset = (part: string) => datasets.find((one) => one.path.endsWith(part))!.id;
  const pages: Record<string, string> = {
    home: '/',
    talk: '/talk',
    chat: `/talk/${chat.id}`,
    jobs: '/jobs',
    compare: '/jobs/compare?jobs=1,2',
    job: '/jobs/1',
    'job-steps': '/jobs/1?tab=charts&axis=step&smooth=0.9&scale=log',
    'job-evaluation': '/jobs/1?tab=evaluation',
    'job-predictions': '/jobs/1?tab=predictions',
    'job-logs': '/jobs/1?tab=logs',
    'job-config': '/jobs/1?tab=config',
    'job-files': '/jobs/1?tab=files',
    'job-history': '/jobs/1?tab=history',
    'job-failed': '/jobs/3',
    'job-detector': '/jobs/4?tab=evaluation',
    'job-found': '/jobs/4?tab=predictions',
    'job-peek': '/jobs?peek=4',
    events: '/events',
    fleet: '/fleet',
    datasets: '/datasets',
    dataset: `/datasets/${dataset('digits')}`,
    'dataset-boxes': `/datasets/${dataset('trees')}`,
    'dataset-rejected': `/datasets/${dataset('nowhere')}`,
    models: '/models',
    settings: '/settings',
    try: '/try/1',
    nothing: '/no/such/page',
  };
  const looked = await open(options);
  for (const [called, path] of Object.entries(pages)) {
    const at = await looked.newPage();
    listen(at);
    await look(at, platform.url + path, `${called}-${name}`);
    await at.close();
  }
  await looked.close();
});

it('had nothing to complain about, and broke no rule of its policy', () => {
  expect(complaints).toEqual([]);
});
