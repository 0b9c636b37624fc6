// Two gateways behind a proxy, below a path: the page lives there whole, and when its gateway dies it goes on at the other one
// without reading anything anew.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium';
import { live, open } from './look';
import { Gateway, Platform, until } from './platform';
import { Proxy } from './proxy';

const BELOW = '/yard/one';

let platform: Platform;
let gateways: [Gateway, Gateway];
let proxy: Proxy;
let browser: Browser;

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  const first = await platform.gateway();
  proxy = await Proxy.begin(BELOW, first.url);
  const settings = { TRAINYARD_PUBLIC_URL: proxy.url };
  await first.start(settings);
  const second = await platform.gateway('second');
  await second.start(settings);
  gateways = [first, second];
});

afterAll(async () => {
  await browser?.close();
  proxy?.end();
  await Promise.all((gateways ?? []).map((gateway) => gateway.kill()));
  await platform?.end();
});

/** What the page has asked for outside of its path, and what went wrong on it. */
function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    const { pathname, protocol } = new URL(request.url());
    if (protocol !== 'blob:' && !pathname.startsWith(`${BELOW}/`)) found.push(request.url());
  });
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|404/.test(message.text())) found.push(`${message.text()} ${message.location().url}`);
  });
  return found;
}

it('lives below its path, whichever page is opened first', async () => {
  const context = await open(browser, platform.token, { locale: 'en-US' });
  const page = await context.newPage();
  const found = complaints(page);
  await platform.ask('POST', '/v1/datasets', { path: platform.dataset });
  await page.goto(`${proxy.url}/datasets`);
  await live(page);
  await page.locator('main a.mono').click();
  await page.waitForURL(/\/yard\/one\/datasets\/[0-9a-f-]{36}$/);
  await page.getByRole('heading', { name: platform.dataset }).first().waitFor();
  // The same page, opened by its address.
  await page.reload();
  await live(page);
  await page.getByRole('heading', { name: platform.dataset }).first().waitFor();
  await page.locator('nav a[aria-current]').waitFor();
  for (const [name, path] of [
    ['Events', '/events'],
    ['Jobs', '/jobs'],
    ['Talk', '/talk'],
    ['Home', '/'],
  ] as const) {
    await page.getByRole('link', { name, exact: true }).first().click();
    await page.waitForURL(`${proxy.url}${path}`);
  }
  await page.goBack();
  await page.waitForURL(`${proxy.url}/talk`);
  // The keyboard's way past the navigation stays on the page.
  await page.locator('a.skip').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
  expect(page.url()).toBe(`${proxy.url}/talk`);
  expect(found).toEqual([]);
  await context.close();
});

it('has its sign whole where one comes in', async () => {
  const context = await open(browser, '', { locale: 'en-US' });
  const page = await context.newPage();
  const found = complaints(page);
  await page.goto(`${proxy.url}/`);
  const sign = page.locator('form img');
  await sign.waitFor();
  await expect.poll(() => sign.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(found).toEqual([]);
  await context.close();
});

it('goes on at the other gateway with exactly what it missed', async () => {
  const context = await open(browser, platform.token, { locale: 'en-US' });
  const page = await context.newPage();
  const frames: { type: string; topic?: string; event?: { sequence: number } }[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => frames.push(JSON.parse(String(payload)) as (typeof frames)[0])),
  );
  const of = (type: string) => frames.filter((frame) => frame.type === type && frame.topic === 'activity');
  await page.goto(`${proxy.url}/events`);
  await live(page);
  await until('the rows of the page', async () => of('initial').length === 1);
  const said = (number: number) => platform.ask('POST', '/v1/datasets', { path: `${platform.dataset}/${number}` });
  await said(1);
  await until('an event', async () => of('event').length > 0);
  await gateways[0].kill();
  await page.locator('nav .link.reconnecting').waitFor();
  for (const number of [2, 3, 4]) await said(number);
  proxy.gateway = gateways[1].url;
  await live(page);
  type Answer = { events: { sequence: number }[] };
  const { events } = await platform.ask<Answer>('GET', '/v1/activity?limit=200');
  const newest = events[0]!.sequence;
  await until('the newest event', async () => of('event').at(-1)!.event!.sequence >= newest);
  const told = of('event').map((frame) => frame.event!.sequence);
  expect(new Set(told).size, 'each once').toBe(told.length);
  const first = told[0]!;
  const expected = events.map((event) => event.sequence).filter((sequence) => sequence >= first);
  expect(told.filter((sequence) => sequence <= newest)).toEqual(expected.reverse());
  expect(of('initial'), 'nothing was read anew').toHaveLength(1);
  expect(frames.filter((frame) => frame.type === 'refetch')).toEqual([]);
  await context.close();
});
