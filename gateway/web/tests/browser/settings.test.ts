// Settings and the folders of the workers, on a gateway made of answers: what each looks like, and the way through it by hand.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FolderAnswer, HookRow } from '../../src/wire/api';
import type { TokenRow } from '../../src/wire/rows';
import { Answers, jobId } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';

const at = '2026-03-01T09:00:00Z';
const token = (name: string, more: Partial<TokenRow> = {}): TokenRow => ({
  tenant: 'acme',
  token_id: name,
  name,
  role: 'editor',
  issued_at: at,
  revoked_at: null,
  expires_at: null,
  scope: [],
  member: null,
  replaced_by: null,
  sequence: 1,
  ...more,
});
const tokens = [
  token('line-3', { expires_at: '2126-03-01T09:00:00Z' }),
  token('page-1', { role: 'admin' }),
  token('reads-1', { scope: ['jobs', 'models'] }),
  token('kim@acme.example', { member: { id: '1', subject: 'kim' }, expires_at: '2126-03-01T09:00:00Z' }),
  token('old-1', { role: 'viewer', expires_at: '2026-03-02T09:00:00Z' }),
  token('lost-1', { revoked_at: at }),
];
const last_uses = { 'line-3': { at, address: '10.0.3.17' } };
const members = [
  { id: '1', name: 'kim@acme.example', subject: 'kim', role: 'admin', last_login: at, removed: false },
  { id: '2', name: 'lee@acme.example', subject: 'lee', role: 'editor', last_login: at, removed: true },
];
const invitations = [{ id: '3', name: '박지민', role: 'viewer', expires_at: '2126-03-01T09:00:00Z' }];
const tenants = [
  { tenant: 'acme', created_at: at, closed_at: null },
  { tenant: 'line-2', created_at: at, closed_at: null },
  { tenant: 'line-1', created_at: at, closed_at: at },
];
const hook = (id: string, more: Partial<HookRow>): HookRow => ({
  hook_id: id,
  form: 'json',
  address: 'hooks.example.com',
  on: ['job.finished', 'job.failed'],
  language: 'english',
  added_at: at,
  paused: null,
  taken: 1_204,
  waiting: 0,
  dead: 0,
  last: { at, miss: null },
  test: null,
  tested: 0,
  ...more,
});
const hooks = [
  hook('1', { test: { at, miss: null } }),
  hook('2', {
    form: 'slack',
    address: 'hooks.slack.com',
    on: ['job.*', 'model.*'],
    paused: {
      why: 'gone',
      english: 'the hook is paused: its receiver says that it is gone for good (410)',
      korean: '웹훅을 멈췄습니다. 받는 쪽이 더는 없다고 답했습니다(410)',
    },
    waiting: 3,
    dead: 12,
    last: { at, miss: { english: 'the receiver answers 410', korean: '받는 쪽이 410으로 답했습니다' } },
  }),
];
const quota = { concurrent_jobs: 2, gpu_hours: 40, dataset_bytes: null, month_budget: 5_000_000 };
const taken = { held_ms: 5_400_000, cost: 4_250_000_000_000 };
const costs = {
  month: '2026-11',
  zone: 'Asia/Seoul',
  currency: 'KRW',
  budget: 5_000_000,
  total: taken,
  running: 1,
  members: [{ member: 'line-3', taken }],
  jobs: [{ job: jobId(7), number: 7, member: 'line-3', taken }],
  kinds: [{ pool: 'gpu', device: 'NVIDIA H200', taken }],
};
const prices = { gpu: { currency: 'KRW', hour: 3_200_000_000, devices: { H200: 9_000_000_000 } } };
const use = { concurrent_jobs: 2, jobs: [jobId(1), jobId(2)], gpu_seconds: 45_000, dataset_bytes: 3.4 * 2 ** 30 };
const feed = {
  open: true,
  domain: 'feed',
  inbox_prefix: '_INBOX.acme',
  consumers: ['acme_3f9a1c20b7d4_1'],
  streams: [{ stream: 'FEED', filters: ['trainyard.feed.acme.>'] }],
};
const folder = (path: string, images: number, more_images = false) => ({
  name: path.split('/').at(-1)!,
  path,
  images,
  more_images,
});
const FOLDERS: Record<string, FolderAnswer> = {
  '': {
    path: null,
    parent: null,
    images: 9_000,
    more_images: true,
    folders: [folder('/data/shared', 9_000, true), folder('/data/acme', 240)],
    left_out: 0,
  },
  '/data/acme': {
    path: '/data/acme',
    parent: null,
    images: 240,
    more_images: false,
    folders: [folder('/data/acme/scratches-3', 240), folder('/data/acme/<b>&"2', 0)],
    left_out: 2,
  },
  '/data/acme/scratches-3': {
    path: '/data/acme/scratches-3',
    parent: '/data/acme',
    images: 240,
    more_images: false,
    folders: [],
    left_out: 0,
  },
};

let browser: Browser;
let gateway: Answers;
let role = 'admin';
let isOperator = false;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      if (path === '/v1/whoami')
        return {
          tenant: 'acme',
          token: { id: 'page-1', name: 'page-1', expires_at: null },
          role,
          operator: isOperator,
        };
      if (path === '/v1/tenants') return { tenants };
      if (path === '/v1/tokens') return { tokens, last_uses };
      if (path === '/v1/members') return { members };
      if (path === '/v1/invitations') return { invitations };
      if (path === '/v1/audit/export') return 'at,sequence,who\r\n';
      if (path === '/v1/hooks') return { hooks };
      if (path === '/v1/quota') return { quota, use };
      if (path === '/v1/costs') return costs;
      if (path === '/v1/prices') return { prices };
      if (path === '/v1/feed') return feed;
      if (path === '/v1/datasets') return { datasets: [], next: null };
      return path === '/v1/roots' ? FOLDERS[query.get('path') ?? ''] : undefined;
    },
    (topic) => {
      if (topic === 'activity') return { sequence: 7, rows: { events: [] } };
      if (topic === 'workers') return { sequence: 7, rows: { workers: [], unreachable: [] } };
      return topic === 'jobs' ? { sequence: 7, rows: { jobs: [] } } : undefined;
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

it('is whole also where the words of the page come after the gateway has answered', async () => {
  const looked = await open(browser, 'ty_test', {});
  const page = await looked.newPage();
  const socket = page.waitForEvent('websocket', { timeout: 2_000 }).catch(() => null);
  await page.route(/\/assets\/ko-/, async (route) => {
    await (await socket)?.waitForEvent('framereceived');
    await route.continue();
  });
  await page.goto(`${gateway.url}/settings`);
  await page.getByText('lee@acme.example').first().waitFor();
  await looked.close();
});

it.each(LOOKS)('shows settings to admins: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  const page = await looked.newPage();
  await look(page, `${gateway.url}/settings`, `settings-${name}`, async (here) => {
    await live(here);
    for (const text of [
      'line-3',
      '10.0.3.17',
      'lee@acme.example',
      '박지민',
      'hooks.slack.com',
      '_INBOX.acme',
      '₩4,250,000',
    ])
      await here.getByText(text).first().waitFor();
  });
  const whole = page.locator('main');
  await whole.evaluate((element) => element.ownerDocument.defaultView!.scrollTo(0, element.scrollHeight));
  await shoot(page, `settings-end-${name}`);
  await page
    .getByRole('button', { name: /^(Add a webhook|웹훅 추가)$/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, `settings-hook-${name}`);
  await accessible(page, `settings-hook-${name}`);
  await looked.close();
});

it.each(LOOKS)('shows tenants to operators: $name', async ({ name, options }) => {
  isOperator = true;
  const page = await (await open(browser, 'ty_test', options)).newPage();
  await look(page, `${gateway.url}/settings`, `settings-operator-${name}`, async (here) => {
    await live(here);
    await here.getByRole('table', { name: /^(Tenants|테넌트)$/ }).waitFor();
  });
  await page.getByRole('heading', { name: /^(Tenants|테넌트)$/ }).scrollIntoViewIfNeeded();
  await shoot(page, `settings-tenants-${name}`);
  await page.getByRole('button', { name: /: line-2$/ }).click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, `settings-tenants-sure-${name}`);
  await accessible(page, `closing a tenant, ${name}`);
  await page.context().close();
  isOperator = false;
});

it.each(LOOKS)('goes through the folders of the workers and takes one: $name', async ({ name, options }) => {
  const looked = await open(browser, 'ty_test', options);
  const page = await looked.newPage();
  await look(page, `${gateway.url}/datasets`, `datasets-browse-${name}`);
  await page.getByRole('button', { name: /^(Browse|찾아보기)$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^shared/ }).waitFor();
  const take = dialog.getByRole('button', { name: /^(Take this folder|이 폴더 고르기)$/ });
  await expect.poll(() => take.isDisabled(), { message: 'all of them are none' }).toBe(true);
  await dialog.getByRole('button', { name: /^acme/ }).click();
  await dialog.getByText(/^(Not listed: 2|목록에 없는 폴더 2개)/).waitFor();
  await shoot(page, `folders-${name}`);
  await accessible(page, `folders-${name}`);
  // By the keyboard alone: into a folder, and up again.
  await dialog.getByRole('button', { name: /^scratches-3/ }).press('Enter');
  await dialog.getByText('/data/acme/scratches-3', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: /^(To the folder above|위 폴더로)$/ }).press('Enter');
  await dialog.getByText('/data/acme', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: /^scratches-3/ }).click();
  await take.click();
  await dialog.waitFor({ state: 'detached' });
  const path = page.getByRole('combobox', {
    name: /^(A folder that the workers can read|작업자가 읽을 수 있는 폴더)$/,
  });
  await expect.poll(() => path.inputValue()).toBe('/data/acme/scratches-3');
  await looked.close();
});

it('tells others than admins only of what they may have', async () => {
  role = 'viewer';
  const looked = await open(browser, 'ty_test', {});
  const page = await looked.newPage();
  await page.goto(`${gateway.url}/settings`);
  await page.getByText('토큰과 웹훅은 테넌트 관리자만 다룰 수 있습니다.').waitFor();
  await page.getByText('_INBOX.acme').first().waitFor();
  await expect.poll(() => page.getByRole('heading', { name: '웹훅' }).count()).toBe(0);
  await page.goto(`${gateway.url}/datasets`);
  await page.getByRole('heading', { name: '데이터셋', exact: true }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: '찾아보기' }).count()).toBe(0);
  await looked.close();
});
