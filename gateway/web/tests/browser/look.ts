// Looks at a page as somebody does who needs it to be right: width, jumps, contrast, names; and takes a picture of it.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from './platform';
import { foreign } from './tongue';

const SHOTS = join(import.meta.dirname, '../../shots');
const AXE = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
/** What browsers call good. */
const LAYOUT_SHIFT = 0.1;
export const WIDE = { width: 1360, height: 860 };
const NARROW = { width: 390, height: 844 };

export interface Look {
  name: string;
  options: BrowserContextOptions;
}
export const LOOKS: Look[] = [
  { name: 'light', options: { colorScheme: 'light', locale: 'en-US' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'narrow', options: { colorScheme: 'light', viewport: NARROW, deviceScaleFactor: 2 } },
  { name: 'narrow-dark', options: { colorScheme: 'dark', viewport: NARROW, deviceScaleFactor: 2 } },
];

/** A profile of its own, signed in with `token` if there is one. */
export async function open(browser: Browser, token: string, options: BrowserContextOptions): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: WIDE, locale: 'ko-KR', ...options });
  // Handed over as the person's own page does it, so that each page need not be given it.
  if (token) await made.addInitScript((text) => localStorage.setItem('trainyard.token', text), token);
  return made;
}

export async function live(on: Page): Promise<void> {
  await on.locator('nav .link.live').waitFor({ state: 'attached', timeout: 60_000 });
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Opens `url` and finds nothing that is serious. `ready` says when everything is there. */
export async function look(page: Page, url: string, name: string, ready: (page: Page) => Promise<void> = live) {
  await page.addInitScript(() => {
    const here = window as unknown as { shifted: number };
    here.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) here.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  await ready(page);
  // What is read when it comes into sight, such as images, is there too.
  await page.waitForLoadState('networkidle');
  await until(`everything on ${url}`, async () => (await page.locator('.waiting').count()) === 0);
  await page.evaluate(() => document.fonts.ready);
  const slow = page.getByText(/^(This takes longer than it should|평소보다 오래 걸립니다)/);
  expect(await slow.count(), `${name} waits for what does not come`).toBe(0);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider, `${name} is wider than the window`).toBeLessThanOrEqual(0);
  const jumped = await page.evaluate(() => (window as unknown as { shifted: number }).shifted);
  if (jumped > 0.02) console.log(`${name}: layout shift ${jumped.toFixed(3)}`);
  expect(jumped, `${name} jumps about while it loads`).toBeLessThan(LAYOUT_SHIFT);
  await shoot(page, name);
  await accessible(page, name);
}

/** As it stands, with whatever is open on it, finds nothing on it that keeps somebody out, and no word of another language. */
export async function accessible(page: Page, name: string): Promise<void> {
  expect.soft(await foreign(page), `${name} speaks in two languages`).toEqual([]);
  // Through the debugger, since the page's own policy lets no such script in.
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  expect(passes.length, 'rules that found something to look at').toBeGreaterThan(10);
  const serious = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  const told = serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(told, name).toEqual([]);
}
