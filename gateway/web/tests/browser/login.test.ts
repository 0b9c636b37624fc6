// Logging in with a company's account: a real platform and a real provider, from the page's button to the end of the session.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MemberList } from '../../src/wire/api';
import { launch } from './chromium';
import { accessible, open } from './look';
import { Platform, until } from './platform';

const TOOL = join(import.meta.dirname, '../../../../deploy/tools/oidc-provider');

let browser: Browser;
let provider: ChildProcess;
let issuer = '';
let platform: Platform;

beforeAll(async () => {
  provider = spawn(TOOL, ['0'], { stdio: ['pipe', 'pipe', 'ignore'] });
  provider.stdout!.on('data', (text) => (issuer += String(text)));
  await until('the provider says where it is', async () => issuer.includes('\n'), 180_000);
  issuer = issuer.trim();
  for (const [who, groups] of [
    ['kim', ['vision']],
    ['lee', ['sales']],
  ] as const) {
    await fetch(`${issuer}/users/${who}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${who}@acme.example`, groups }),
    });
  }
  platform = await Platform.begin((url) => ({
    TRAINYARD_PUBLIC_URL: url,
    TRAINYARD_OIDC_ISSUER: issuer,
    TRAINYARD_OIDC_CLIENT_ID: 'trainyard',
    TRAINYARD_OIDC_CLIENT_SECRET: 'kept by both',
    TRAINYARD_OIDC_GROUPS: 'vision=editor',
  }));
  browser = await launch();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await platform?.end();
  provider?.kill();
});

it('goes to the provider and back, works, and leaves for good', async () => {
  const looked = await browser.newContext({ locale: 'ko-KR' });
  const page = await looked.newPage();
  await page.goto(platform.url);
  const enter = page.getByRole('link', { name: '로그인 (회사 계정)' });
  await enter.waitFor();
  await accessible(page, 'sign-in-company');
  await enter.click();
  await page.getByPlaceholder('sub').fill('kim');
  await page.getByRole('button', { name: 'Authorize' }).first().click();

  // Back on the page, which is live by the session alone: no script has it, and nothing of it stands in the address.
  await page.waitForURL((url) => url.origin === platform.url && url.hash === '');
  await page.goto(`${platform.url}/settings`);
  await page.getByText('kim@acme.example').first().waitFor();
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const cookie = (await looked.cookies()).find(({ name }) => name === 'trainyard_session')!;
  expect([cookie.httpOnly, cookie.sameSite]).toEqual([true, 'Lax']);

  // A change that the page asks for is taken.
  await page.goto(`${platform.url}/talk`);
  await page.getByRole('textbox').first().fill('안녕하세요');
  await page.getByRole('textbox').first().press('Enter');
  await page.getByText('안녕하세요').first().waitFor();

  await page.goto(`${platform.url}/settings`);
  await page.getByRole('button', { name: '로그아웃' }).first().click();
  // The provider asks whether one logs out there too.
  await page.waitForURL((url) => url.pathname === '/oauth2/end_session');
  await page.goto(platform.url);
  await enter.waitFor();
  expect((await looked.cookies()).filter(({ name }) => name === 'trainyard_session')).toEqual([]);
  const old = await fetch(`${platform.url}/v1/whoami`, { headers: { cookie: `trainyard_session=${cookie.value}` } });
  expect(old.status, 'the session is over, wherever it was copied to').toBe(401);
  await looked.close();
});

it('tells whose groups open nothing so, in the language of the browser', async () => {
  const looked = await browser.newContext({ locale: 'ko-KR' });
  const page = await looked.newPage();
  await page.goto(`${platform.url}/v1/login/company`);
  await page.getByPlaceholder('sub').fill('lee');
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  await page.getByText('lee@acme.example 계정의 그룹으로는 들어올 수 없습니다').waitFor();
  await page.getByRole('link', { name: 'Trainyard' }).click();
  await page.getByRole('link', { name: '로그인 (회사 계정)' }).waitFor();
  await looked.close();
});

it('shows admins who has logged in, and lets them be removed', async () => {
  const looked = await open(browser, platform.token, {});
  const page = await looked.newPage();
  await page.goto(`${platform.url}/settings`);
  await page.getByRole('button', { name: '"kim@acme.example" 내보내기' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '내보내기' }).click();
  await page.getByRole('button', { name: '"kim@acme.example" 다시 들이기' }).waitFor();
  const answer = await fetch(`${platform.url}/v1/members`, { headers: { authorization: `Bearer ${platform.token}` } });
  const { members } = (await answer.json()) as MemberList;
  expect(members.map(({ name, removed }) => [name, removed])).toEqual([['kim@acme.example', true]]);
  await looked.close();
});
