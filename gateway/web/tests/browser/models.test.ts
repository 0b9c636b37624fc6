// The models that people have named, on a gateway made of answers: the list, one with two versions, and an alias that is moved.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelRow } from '../../src/wire/rows';
import { Answers, jobId, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';

const at = '2026-03-01T09:00:00Z';
const artifact = (role: string, sha256: string) => ({ role, key: `jobs/j/7/${sha256}`, sha256, bytes: 9 });
const version = (number: number, accuracy: number) => ({
  number,
  archived: false,
  registered_at: at,
  card: {
    job: jobId(number),
    export: artifact('onnx', String(number).repeat(64)),
    weights: artifact('weights', 'f'.repeat(64)),
    task: 'classify' as const,
    model: 'resnet18',
    licence: 'MIT',
    classes: ['ok', 'scratch'],
    output: 'logits' as const,
    dataset: 'scratches@3',
    config_hash: 'c',
    measurements: { accuracy },
  },
});
/** Versions that do not answer now. */
const withdrawn = new Set<number>();
/** Of what it is asked about, so much is kept. */
let sampling = 0.05;
/** Whether what was kept is still there. */
let kept = true;
let champion = { version: 2, former: 1 as number | null, since: at };
const model = (): ModelRow => ({
  tenant: 'acme',
  id: jobId(9),
  name: 'line3',
  versions: [version(1, 0.91), version(2, 0.968)],
  aliases: { champion },
  sampling,
  samples_deleted_at: null,
  registered_at: at,
  at,
  quarantine: null,
  sequence: 7,
});
const uses = () =>
  [1, 2].map((number) => ({
    version: number,
    job: number + 6,
    deployed: !withdrawn.has(number),
    url: `/v1/models/line3@${number}/predict`,
    aliases: champion.version === number ? ['champion'] : [],
    started: number === 1 ? [12] : [],
  }));

const calls = {
  since: at,
  versions: [
    {
      version: 2,
      answered: 1_204,
      refused: 3,
      last_at: at,
      last_ms: [12.5, 13.1, 11.8, 40.2, 12.9, 12.4, 13.3, 181.7],
      history: [{ at, answered: 1_204, refused: 3, sum_ms: 15_000, most_ms: 181.7 }],
    },
  ],
};

/** A detector that has finished and answers, and what it sees: more where it is asked for less sure things. */
const detector = { ...template, id: jobId(8), number: 8, status: 'finished' as const, deployed: true, sequence: 7 };
const found = (least: number) => {
  const box = (confidence: number, at: number) => ({ class: 'scratch', confidence, bbox: [at, at, at + 9, at + 12] });
  const predictions = [box(0.93, 1), box(0.41, 9), box(0.08, 14), box(0.02, 4)].filter(
    (one) => one.confidence >= least,
  );
  return { predictions, width: 28, height: 28, milliseconds: 12.5 };
};
const reviewed = [0.93, 0.4].map((least, at) => ({
  sha256: String(at).repeat(64),
  bytes: 300,
  version: 2,
  at: '2026-03-01T09:00:00Z',
  answer: found(least),
}));
const DIGITS = join(import.meta.dirname, '../../../../.tools/data/digits/train/0');

let role = 'editor';
let browser: Browser;
let gateway: Answers;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      if (path === '/v1/whoami') return { tenant: 'acme', token: { id: 't', name: 'test' }, role };
      if (path === '/v1/jobs') return { jobs: [detector], next: null };
      if (path === `/v1/jobs/${detector.id}` || path === '/v1/jobs/8') return { job: detector, epochs: [] };
      const ordered = [1, 2].find((number) => path === `/v1/jobs/${jobId(number)}/deploy`);
      if (ordered) {
        // Asked for by POST and taken back by DELETE, in turns.
        if (!withdrawn.delete(ordered)) withdrawn.add(ordered);
        return { sequence: 8 };
      }
      if (path === '/v1/registry') return { models: [model()], next: null };
      if (path === '/v1/registry/line3/calls') return calls;
      if (path === '/v1/registry/line3/samples') {
        // Asked for by GET with how many, and deleted without.
        if (!query.has('limit')) kept = false;
        return { samples: kept ? reviewed : [], kept: kept ? reviewed.length : 0, sequence: 8 };
      }
      const image = reviewed.findIndex(({ sha256 }) => path === `/v1/registry/line3/samples/${sha256}`);
      if (image >= 0) return readFileSync(join(DIGITS, readdirSync(DIGITS)[image]!));
      if (path === '/v1/registry/line3/sampling') {
        sampling = 0.2;
        return { sequence: 8 };
      }
      if (path === '/v1/registry/line3') return { model: model(), uses: uses() };
      if (path === '/v1/registry/line3/aliases/champion/rollback') {
        champion = { version: champion.former!, former: champion.version, since: at };
        return { alias: 'champion', ...champion, deployed: null, sequence: 8, url: '' };
      }
      return undefined;
    },
    (topic) => {
      if (topic === 'activity') return { sequence: 7, rows: { events: [] } };
      if (topic === 'workers') return { sequence: 7, rows: { workers: [], unreachable: [] } };
      return topic === 'jobs' ? { sequence: 7, rows: { jobs: [detector] } } : undefined;
    },
  ).open();
  page = await (await open(browser, 'ty_test', {})).newPage();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

it.each(LOOKS)('shows models and their versions: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  const at = await looked.newPage();
  await look(at, `${gateway.url}/models`, `models-${name}`, (here) => here.getByText('champion → 2').waitFor());
  await look(at, `${gateway.url}/models/line3`, `model-${name}`, (here) =>
    here.getByText(/^(Accuracy|정확도) 96\.80 %/).waitFor(),
  );
  await looked.close();
});

it('says how often each version was asked and how long its answers took, and how to ask in three languages', async () => {
  await page.goto(`${gateway.url}/models/line3`);
  const row = page.getByRole('region', { name: '호출과 응답 시간' }).getByRole('row').last();
  await row.getByRole('cell', { name: '1,204' }).waitFor();
  expect((await row.getByRole('cell').allInnerTexts()).slice(0, 5)).toEqual(['2', '1,204', '3', '13.1 ms', '182 ms']);
  for (const [kind, text] of [
    ['Python', 'import requests'],
    ['JavaScript', 'await fetch('],
    ['curl', 'curl -H'],
  ] as const) {
    await page.getByRole('button', { name: kind, exact: true }).click();
    await page.locator('pre', { hasText: text }).waitFor();
  }
});

it('deploys and withdraws a version on its card, where one may', async () => {
  await page.goto(`${gateway.url}/models/line3`);
  const card = (at: Page) => at.getByRole('region', { name: '버전 1' });
  await card(page).getByText('답하는 중').waitFor();
  const address = card(page).getByText(`${gateway.url}/v1/models/line3@1/predict`, { exact: true });
  await address.waitFor();
  await card(page).getByRole('button', { name: '배포 중지' }).click();
  await card(page).getByText('배포 안 함').waitFor();
  expect(await address.count(), 'nobody answers there').toBe(0);
  await card(page).getByRole('button', { name: '배포', exact: true }).click();
  await card(page).getByText('답하는 중').waitFor();
  role = 'viewer';
  const looked = await open(browser, 'ty_test', {});
  const at = await looked.newPage();
  await at.goto(`${gateway.url}/models/line3`);
  await live(at);
  await card(at).getByText('답하는 중').waitFor();
  await expect.poll(() => card(at).getByRole('button', { name: /배포/ }).count()).toBe(0);
  await looked.close();
  role = 'editor';
});

/** What is on the clipboard after each of the three was copied. */
async function samples(as: string): Promise<{ page: Page; copied: Record<string, string> }> {
  const context = await open(browser, as, { locale: 'en-US' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
  const at = await context.newPage();
  await at.goto(`${gateway.url}/models/line3`);
  const copied: Record<string, string> = {};
  for (const kind of ['curl', 'Python', 'JavaScript']) {
    await at.getByRole('button', { name: kind, exact: true }).click();
    await at.evaluate(() => navigator.clipboard.writeText(''));
    await at.getByRole('button', { name: `Copy: ${kind}` }).click();
    const read = async () => (copied[kind] = await at.evaluate(() => navigator.clipboard.readText()));
    await expect.poll(read).not.toBe('');
  }
  return { page: at, copied };
}

it('has the token in the code that is copied, and where there is none the variable that programs take it from', async () => {
  const mine = await samples('ty_test');
  for (const [kind, text] of Object.entries(mine.copied)) expect(text, kind).toContain('Bearer ty_test"');
  await mine.page.context().close();

  // As a company's login leaves it: the browser has the session, and the page has no token.
  role = 'admin';
  const login = await samples('cookie');
  expect(login.copied['curl']).toContain('Bearer $TRAINYARD_TOKEN"');
  expect(login.copied['Python']).toContain('"Bearer " + os.environ["TRAINYARD_TOKEN"]');
  expect(login.copied['JavaScript']).toContain('"Bearer " + process.env.TRAINYARD_TOKEN');
  for (const text of Object.values(login.copied)) expect(text).not.toContain('cookie');
  await accessible(login.page, 'model-without-token');
  const link = login.page.getByRole('link', { name: 'Make a token in the settings' });
  await link.click();
  await login.page.waitForURL(`${gateway.url}/settings#set-tokens`);
  await login.page.context().close();
  role = 'editor';
});

it('keeps a share of what it is asked about for review, shows it, and deletes it once one is sure', async () => {
  await page.goto(`${gateway.url}/models/line3`);
  const part = page.getByRole('region', { name: '검토용으로 보관한 이미지' });
  await expect.poll(() => part.getByRole('img').count()).toBe(2);
  await part.getByText('scratch 93.0 %', { exact: true }).waitFor();
  await part.getByText('scratch 93.0 % +1', { exact: true }).waitFor();
  await part.getByText('2장 보관 중').waitFor();
  await part.scrollIntoViewIfNeeded();
  await shoot(page, 'model-samples');
  const share = part.getByRole('combobox');
  expect(await share.inputValue()).toBe('0.05');
  await share.selectOption('20 %');
  await expect.poll(() => sampling).toBe(0.2);
  await part.getByRole('button', { name: '모두 지우기' }).click();
  expect(kept, 'nothing is deleted before one is sure').toBe(true);
  await part.getByRole('button', { name: '2장을 정말 지우기' }).click();
  await part.getByText('아직 들어온 이미지가 없습니다.').waitFor();
  kept = true;
  sampling = 0.05;

  // Who may only ask sees nothing of what others have asked.
  role = 'viewer';
  const looked = await open(browser, 'ty_test', {});
  const at = await looked.newPage();
  await at.goto(`${gateway.url}/models/line3`);
  await at.getByRole('region', { name: '호출과 응답 시간' }).waitFor();
  expect(await at.getByRole('region', { name: '검토용으로 보관한 이미지' }).count()).toBe(0);
  await looked.close();
  role = 'editor';
});

it('goes back to the version before in one step, and says how the alias is asked', async () => {
  await page.goto(`${gateway.url}/models/line3`);
  const second = page.locator('section', { hasText: 'line3@2' }).filter({ hasText: '96.80 %' });
  await second.locator('.tag', { hasText: 'champion' }).waitFor();
  await page.getByText('/v1/models/line3@champion/predict').first().waitFor();
  await page
    .getByRole('button', { name: /버전 1|version 1, which/ })
    .first()
    .click();
  const first = page.locator('section', { hasText: 'line3@1' }).filter({ hasText: '91.00 %' });
  await first.locator('.tag', { hasText: 'champion' }).waitFor();
  await expect.poll(() => second.locator('.tag').count()).toBe(0);
  await first.getByText(/: 12$/).waitFor();
});

it.each(LOOKS)('is tried on several images, down to one per cent: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  await looked.route('**/inference/**', (route) => {
    const least = Number(new URL(route.request().url()).searchParams.get('confidence'));
    return route.fulfill({ json: found(least) });
  });
  const at = await looked.newPage();
  await at.goto(`${gateway.url}/try/8`);
  await live(at);
  const images = readdirSync(DIGITS).slice(0, 3);
  await at.locator('input[accept^="image"]').setInputFiles(images.map((one) => join(DIGITS, one)));
  const objects = at.getByRole('status').filter({ hasText: /objects|객체/ });
  await objects.getByText(/^(2 of 2 objects|객체 2개 중 2개)$/).waitFor();
  await at.getByRole('slider').fill('5');
  await objects.getByText(/^(3 of 4 objects|객체 4개 중 3개)$/).waitFor();
  const strip = at.getByRole('list', { name: /^(Images|이미지)$/ });
  await expect.poll(() => strip.getByRole('listitem').count()).toBe(3);
  await strip.getByRole('button', { name: images[1]! }).first().click();
  await at.getByRole('img', { name: images[1]! }).waitFor();
  await shoot(at, `try-several-${name}`);
  await accessible(at, `try-several-${name}`);
  await looked.close();
});
