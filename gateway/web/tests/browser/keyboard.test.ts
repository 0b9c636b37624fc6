// Charts and a large confusion matrix by the keyboard alone, on a gateway made of answers.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Answers, epochs, jobId, template } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, open, shoot } from './look';

/** More than have their numbers written on them. */
const CLASSES = Array.from({ length: 40 }, (_, at) => `c${at}`);
const counts = CLASSES.map((_, truth) =>
  CLASSES.map((_, answer) => (truth === answer ? 9 : Number(truth === 2 && answer === 1))),
);
const artifact = (role: string) => ({ role, key: role, sha256: 'b'.repeat(64), bytes: 1 });
const curve = Array.from({ length: 20 }, (_, at) => ({ ...epochs[0]!, epoch: at + 1 }));
const job = {
  ...template,
  id: jobId(1),
  number: 1,
  sequence: 7,
  status: 'finished',
  epochs_done: 20,
  config: { ...template.config, epochs: 20 },
  artifacts: ['confusion_matrix', 'sample_predictions'].map(artifact),
};

/** One that the page has not loaded, found by its note. */
const older = { ...job, id: jobId(3), number: 3, annotation: { ...job.annotation, title: 'Third', note: 'night' } };

let browser: Browser;
let gateway: Answers;

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      const q = query.get('q');
      if (q && path === '/v1/jobs') return { jobs: q === 'night' ? [older] : [], next: null };
      if (path === '/v1/datasets') return { datasets: [], next: null };
      if (path === '/v1/registry') return { models: [], next: null };
      if (path === '/v1/chats') return { chats: [], next: null };
      if (path.endsWith('/artifacts/confusion_matrix')) return { classes: CLASSES, counts };
      if (path.endsWith('/artifacts/sample_predictions'))
        return [{ path: 'a.png', truth: 'c2', answer: 'c1', confidence: 0.7 }];
      if (path.endsWith('/telemetry')) return { curves: {}, measurements: 0, thinned: false, newest: null };
      if (path.endsWith('/artifacts')) return { artifacts: job.artifacts };
      if (path.endsWith('/console')) return { from: 'telemetry', token: null, run: null, lines: [] };
      if (path === '/v1/jobs') return { jobs: [job], next: null };
      return path === '/v1/jobs/1' || path === `/v1/jobs/${job.id}` ? { job, epochs: curve } : undefined;
    },
    (topic) => {
      if (topic === 'jobs') return { sequence: 9, rows: { jobs: [job] } };
      if (topic === 'workers') return { sequence: 9, rows: { workers: [], unreachable: [] } };
      return topic === `job:${job.id}` ? { sequence: 9, rows: { job, epochs: curve } } : undefined;
    },
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

/** Goes on with Tab until `there`, as somebody does who has no pointer. */
async function tabTo(page: Page, there: string): Promise<void> {
  for (let press = 0; press < 80; press += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((one) => document.activeElement?.matches(one), there)) return;
  }
  throw new Error(`Tab does not come to ${there}`);
}

it('looks closer at a chart, moves along it, and shows everything again', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/jobs/1?tab=charts`);
  await live(page);
  await page.locator('.plot canvas').first().waitFor();
  const all = page.getByRole('button', { name: 'Show everything' });
  expect(await all.count()).toBe(0);
  await tabTo(page, '.plot');
  expect(await page.evaluate(() => document.activeElement!.getAttribute('aria-label'))).toMatch(/plus and minus zoom/);
  /** What is drawn, as a picture: it is another one wherever one looks. */
  const drawn = () =>
    page
      .locator('.plot canvas')
      .first()
      .evaluate((one) => (one as HTMLCanvasElement).toDataURL());
  const whole = await drawn();
  await page.keyboard.press('+');
  await all.waitFor();
  await expect.poll(drawn).not.toBe(whole);
  const near = await drawn();
  await page.keyboard.press('ArrowRight');
  await expect.poll(drawn).not.toBe(near);
  await page.keyboard.press('Escape');
  await all.waitFor({ state: 'detached' });
  await expect.poll(drawn).toBe(whole);
  await page.keyboard.press('?');
  const told = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const words of ['Closer and further', 'Earlier and later', 'To the next cell'])
    await told.getByText(words).first().waitFor();
  await context.close();
});

it.each(LOOKS)(
  'goes through a large matrix by its arrows, and to the images of a cell: $name',
  async ({ name, options }) => {
    const context = await open(browser, 'ty_test', { ...options, locale: 'ko-KR' });
    const page = await context.newPage();
    await page.goto(`${gateway.url}/jobs/1?tab=evaluation`);
    await live(page);
    const grid = page.getByRole('grid', { name: '혼동 행렬' });
    await grid.waitFor();
    await page.getByText('화살표 키로 칸을 옮기고 Enter로 이미지를 봅니다.').waitFor();
    await tabTo(page, '[role=grid] td');
    const at = () => page.evaluate(() => document.activeElement!.getAttribute('title'));
    expect(await at()).toBe('정답 c0, 답 c0: 9');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    expect(await at()).toBe('정답 c2, 답 c1: 1');
    await page.getByText('정답 c2, 답 c1: 1').waitFor();
    await shoot(page, `matrix-keyboard-${name}`);
    await accessible(page, `a matrix by the keyboard, ${name}`);
    // Out of it and back again: it is where it was.
    await page.keyboard.press('Shift+Tab');
    await tabTo(page, '[role=grid] td');
    expect(await at()).toBe('정답 c2, 답 c1: 1');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('tab')).toBe('predictions');
    const query = new URL(page.url()).searchParams;
    expect([query.get('truth'), query.get('answer')]).toEqual(['c2', 'c1']);
    await context.close();
  },
);

it('goes by a few letters to what the page has not loaded, and to a part of the settings', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/fleet`);
  await live(page);
  const ask = async (words: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to or do' }).waitFor();
    await page.keyboard.type(words);
  };
  await ask('night');
  const options = page.getByRole('option');
  await options.filter({ hasText: 'Job 3 Third' }).waitFor();
  await options.filter({ hasText: 'Events with "night"' }).waitFor();
  await shoot(page, 'palette-found');
  await accessible(page, 'what was found');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\/3$/);
  await ask('night');
  await options.filter({ hasText: 'Job 3 Third' }).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/events\?q=night$/);
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('night');
  await ask('this page');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/settings#set-page$/);
  // Asked for again before the dialog has told of its end, it is there.
  await ask('this page');
  await page.evaluate(async () => {
    const pressed = (init: KeyboardEventInit) =>
      new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
    document.activeElement?.dispatchEvent(pressed({ key: 'Enter' }));
    // What the page does at once is done by then; what the browser tells it of later is not.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    window.dispatchEvent(pressed({ key: 'k', ctrlKey: true }));
  });
  await page.getByRole('combobox', { name: 'Go to or do' }).waitFor();
  await context.close();
});
