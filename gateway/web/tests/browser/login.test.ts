// Logging in with a company's account: a real platform and a real provider, from the page's button to the end of the session.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MemberList, Whoami } from '../../src/wire/api';
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

  // There is no token to copy: the lines take one from where a program has it.
  await looked.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: platform.url });
  await page.getByRole('button', { name: '복사: 터미널' }).click();
  const lines = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(lines).toContain('--password $TRAINYARD_TOKEN ');
  await page.getByText('토큰은 테넌트 관리자에게 받으세요.').waitFor();

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

it('asks somebody to come by the form, whose link makes a token once', async () => {
  const looked = await open(browser, platform.token, {});
  const page = await looked.newPage();
  await page.goto(`${platform.url}/settings`);
  const form = page.getByRole('form', { name: '초대' });
  await form.getByLabel('초대할 사람').fill('박지민');
  await form.getByLabel('초대할 역할').selectOption('viewer');
  await form.getByRole('button', { name: '초대' }).click();
  const made = page.getByRole('status').filter({ hasText: '초대 링크입니다' });
  const link = (await made.locator('pre').innerText()).trim();
  expect(link.startsWith(`${platform.url}/`)).toBe(true);
  await page.getByRole('table', { name: '초대한 사람' }).getByText('박지민').waitFor();
  await accessible(page, 'settings-invited');

  const come = async () => {
    const context = await browser.newContext({ locale: 'ko-KR' });
    const at = await context.newPage();
    await at.goto(link);
    await at.getByText('초대받으셨습니다.').waitFor();
    expect(new URL(at.url()).hash, 'the code is out of the address').toBe('');
    await at.getByRole('button', { name: '초대 수락' }).click();
    return { context, at };
  };
  const first = await come();
  await first.at.getByText('내 토큰입니다').waitFor();
  const token = (await first.at.locator('pre').innerText()).trim();
  await accessible(first.at, 'sign-in-invited');
  await first.at.getByRole('button', { name: '로그인' }).first().click();
  await first.at.locator('nav .link.live').waitFor({ state: 'attached' });
  const who = await fetch(`${platform.url}/v1/whoami`, { headers: { authorization: `Bearer ${token}` } });
  expect(((await who.json()) as Whoami).role).toBe('viewer');
  await first.context.close();

  const second = await come();
  await second.at.getByRole('alert').waitFor();
  await expect.poll(() => second.at.getByText('내 토큰입니다').count(), { message: 'it is good once' }).toBe(0);
  await second.context.close();
  // It is in the list no more, without the page being loaded again.
  await page.getByRole('table', { name: '초대한 사람' }).waitFor({ state: 'detached' });
  await looked.close();
});
