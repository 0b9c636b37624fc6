// Every image of a dataset: ten thousand of them in a grid, found by what they are, and one as large as the window. The
// gateway is made of answers.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImageRow, ProblemKind, Split } from '../../src/wire/api';
import type { DatasetRow } from '../../src/wire/rows';
import { Answers, jobId } from './answers';
import { launch } from './chromium';
import { LOOKS, accessible, live, look, open, shoot } from './look';
import { until } from './platform';

const IMAGES = 10_000;
const PAGE_ROWS = 200;
/** Tiles in the document, however many images there are. */
const TILES = 120;
const CLASSES = ['고양이', 'dog', 'screw'];
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  let rest = 0xffffffff;
  for (const byte of body) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(~rest >>> 0);
  return Buffer.concat([length, body, check]);
}

/** A square of one colour on another. */
function png(width: number, height: number, tone: number): Buffer {
  const row = (y: number) => {
    const inside = (x: number) => x > width / 4 && x < width / 2 && y > height / 4 && y < height / 2;
    const pixels = Array.from({ length: width }, (_, x) => (inside(x) ? [240, 230, 90] : [tone, 90, 200 - tone]));
    return Buffer.from([0, ...pixels.flat()]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => row(y)));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const TONES = 8;
/** Upright ones, and wide ones. */
const made = (
  [
    [80, 120],
    [120, 80],
  ] as const
).map(([width, height]) => Array.from({ length: TONES }, (_, tone) => png(width, height, tone * 25)));

const split = (at: number): Split => (at % 5 === 0 ? 'validation' : 'train');
const OTHER = 'train/part 00001.png';
const problem = (kind: ProblemKind, path: string, said: { en: string; ko: string }) => ({
  kind,
  path,
  problem: said.en,
  flaws: [{ code: 'same_image_as', path: OTHER, ...said }],
});

function image(at: number): ImageRow {
  const name = `${split(at)}/part ${String(at).padStart(5, '0')}.png`;
  const [width, height] = at % 2 ? [120, 80] : [80, 120];
  const other = { polygon: null, mask: false, runs: null, keypoints: null, crowd: false, difficult: false };
  const box: [number, number, number, number] = [width / 4, height / 4, width / 4, height / 4];
  const labels: ImageRow['labels'] = [{ ...other, class: CLASSES[at % 3]!, box }];
  if (at % 4 === 1) labels.push({ ...other, class: 'dog', box: null, polygon: [[60, 10, 110, 20, 90, 70]] });
  if (at % 6 === 1) {
    const keypoints: [number, number, number][] = [
      [20, 60, 2],
      [40, 70, 1],
      [0, 0, 0],
    ];
    labels.push({ ...other, class: 'screw', box: [15, 50, 40, 28], keypoints });
  }
  const said = { en: `is the same image as ${OTHER}`, ko: `${OTHER}와 같은 이미지입니다` };
  const problems = at === 5 ? [problem('leak', name, said)] : [];
  return { name, sha256: hash(name), bytes: 9, width, height, split: split(at), labels, more_labels: 0, problems };
}
const images = Array.from({ length: IMAGES }, (_, at) => image(at)).sort((a, b) => (a.name < b.name ? -1 : 1));
const byHash = new Map(images.map((one, at) => [one.sha256, { one, at }]));

function dataset(number: number, stored: boolean): DatasetRow {
  const counts = { train: 8_000, validation: 2_000, test: 0 };
  const at = '2026-03-01T09:00:00Z';
  const artifact = (role: string) => ({ role, key: role, sha256: hash(role), bytes: 1 });
  return {
    tenant: 'acme',
    id: jobId(number),
    path: stored ? 'scratches' : '/data/scratches',
    source: stored ? { from: 'files', list: artifact('files') } : { from: 'path' },
    task: 'detect',
    status: 'valid',
    inspection: 5,
    profile: {
      format: 'coco',
      task: 'detect',
      kinds: ['detect'],
      images: counts,
      split: true,
      classes: CLASSES.map((name) => ({ name, images: counts, objects: 9_000 })),
      width: [80, 100, 120],
      height: [80, 100, 120],
      grey: false,
      bytes: 90_000,
      content_hash: hash('content'),
      warnings: [],
      skipped: [],
    },
    artifacts: [],
    versions: [{ number: 1, kinds: ['detect'], manifest: artifact('manifest'), ...(stored && { stored }) }],
    tags: {},
    archived: false,
    problem: null,
    next_step: null,
    because: [],
    advice: [],
    report: [],
    bad_files: 0,
    registered_at: at,
    at,
    quarantine: null,
    sequence: 9,
  } as unknown as DatasetRow;
}
/** Its newest look was refused; the one before it was good. */
const refused: DatasetRow = {
  ...dataset(3, true),
  status: 'rejected',
  profile: null,
  problem: 'no image of it can be read',
  because: [{ code: 'no_image', en: 'no image of it can be read', ko: '읽을 수 있는 이미지가 없습니다' }],
};
const datasets = [dataset(1, true), dataset(2, false), refused];

/** What a version has, as the difference from itself tells it. */
function difference() {
  const none = { count: 0, first: [] };
  const side = { number: 1, images: { train: 8_000, validation: 2_000, test: 0 }, labels: 9_000 };
  const classes = CLASSES.map((name) => ({ name, from: side.images, to: side.images }));
  const same = { added: none, removed: none, moved: none, relabelled: none, replaced: none, renamed: none };
  return { from: side, to: side, ...same, classes };
}

function list(query: URLSearchParams) {
  const [after, limit] = [query.get('after') ?? '', Math.min(Number(query.get('limit')), PAGE_ROWS)];
  const matching = images.filter(
    (one) =>
      (!query.get('split') || one.split === query.get('split')) &&
      (!query.get('class') || one.labels.some((label) => label.class === query.get('class'))) &&
      (!query.get('problem') || one.problems.some(({ kind }) => kind === query.get('problem'))) &&
      one.name.includes(query.get('search') ?? ''),
  );
  const rest = matching.filter((one) => one.name > after);
  const page = rest.slice(0, limit);
  const next = rest.length > page.length ? page.at(-1)!.name : null;
  return {
    images: page,
    next,
    matching: matching.length,
    problems: [{ kind: 'leak', files: 1 }],
    problems_from: 'look',
  };
}

let browser: Browser;
let gateway: Answers;
/** Images that were fetched. */
const fetched = new Set<string>();

beforeAll(async () => {
  browser = await launch();
  gateway = await new Answers(
    (path, query) => {
      if (path === '/v1/datasets') return { datasets, next: null };
      if (path === '/v1/jobs') return { jobs: [], next: null };
      if (path === `/v1/datasets/${refused.id}/diff`) return difference();
      const [, id, rest] = /^\/v1\/datasets\/([^/]+)(?:\/versions\/1\/images(.*))?$/.exec(path) ?? [];
      const row = datasets.find((one) => one.id === id);
      if (!row) return undefined;
      if (rest === undefined) return { dataset: row };
      if (rest === '') return list(query);
      const found = byHash.get(rest.slice(1));
      fetched.add(rest);
      return found && made[found.one.width > found.one.height ? 1 : 0]![found.at % TONES];
    },
    (topic) => (topic === 'activity' ? { sequence: 9, rows: {} } : undefined),
  ).open();
});

afterAll(async () => {
  await browser?.close();
  gateway?.close();
});

const tiles = (page: Page) => page.getByRole('region', { name: 'All images' }).getByRole('listitem');
const first = (page: Page) => page.getByRole('button', { name: /part 00001\.png/ });
async function drawn(page: Page) {
  await until('the images in sight', async () => {
    const all = page.locator('li .picture');
    return (await all.count()) > 0 && (await all.count()) === (await page.locator('li .picture img').count());
  });
}

it.each(LOOKS)('shows every image with its labels, and one of them large: $name', async ({ name, options }) => {
  const context = await open(browser, 'ty_test', { ...options, locale: 'en-US' });
  const page = await context.newPage();
  await look(page, `${gateway.url}/datasets/${jobId(1)}`, `dataset-images-${name}`, async (here) => {
    await live(here);
    await here.getByText('10,000 images').waitFor();
  });
  await page.getByRole('heading', { name: /^All images/ }).evaluate((one) => one.scrollIntoView());
  await drawn(page);
  await shoot(page, `images-grid-${name}`);
  await first(page).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('img').waitFor();
  await accessible(page, `images-large-${name}`);
  await shoot(page, `images-large-${name}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  await context.close();
});

it('draws only what is in sight of ten thousand images, to the last one', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/datasets/${jobId(1)}`);
  await drawn(page);
  fetched.clear();
  const view = page.locator('.view');
  let [most, frames] = [0, 0];
  await page.evaluate(() => {
    const here = window as unknown as { slowest: number };
    here.slowest = 0;
    let before = performance.now();
    const tick = (now: number) => {
      here.slowest = Math.max(here.slowest, now - before);
      before = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const last = page.getByRole('button', { name: images.at(-1)!.name });
  await until('the end of the list', async () => {
    await view.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    most = Math.max(most, await tiles(page).count());
    frames += 1;
    return (await last.count()) > 0;
  });
  const slowest = await page.evaluate(() => (window as unknown as { slowest: number }).slowest);
  console.log(`${IMAGES} images in ${frames} strides: at most ${most} tiles, slowest frame ${slowest.toFixed(0)} ms`);
  expect(most).toBeLessThan(TILES);
  await drawn(page);
  expect(fetched.size, 'what flew past was not fetched').toBeLessThan(IMAGES / 4);
  await context.close();
});

it('finds images by split, class, problem and name, and says when there is none', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/datasets/${jobId(1)}`);
  const found = page.getByRole('region', { name: 'All images' }).getByRole('status');
  const says = (text: string) => until(text, async () => (await found.last().innerText()) === text);
  await says('10,000 images');
  await page.getByLabel('Split', { exact: true }).selectOption('validation');
  await says('2,000 images');
  await page.getByLabel('Class', { exact: true }).selectOption('고양이');
  await says('667 images');
  await page.getByLabel('Class', { exact: true }).selectOption('');
  await page.getByLabel('Problem', { exact: true }).selectOption('leak');
  await says('1 image');
  await page.getByRole('button', { name: /part 00005\.png.*leak/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`leak: is the same image as ${OTHER}`).waitFor();
  await dialog.getByText(`Beside it: ${OTHER}`).waitFor();
  await expect.poll(() => dialog.locator('img').count()).toBe(2);
  const [one, other] = await Promise.all([0, 1].map((at) => dialog.locator('img').nth(at).boundingBox()));
  expect(other!.x, 'one beside the other').toBeGreaterThan(one!.x + one!.width);
  expect(Math.abs(other!.height - one!.height), 'as high').toBeLessThan(1);
  await accessible(page, 'images-beside');
  await shoot(page, 'images-beside');
  await page.keyboard.press('Escape');
  await page.getByLabel('Search by name').fill('nowhere');
  await page.getByText('No image is like that').waitFor();
  await shoot(page, 'images-nothing');
  await page.getByRole('button', { name: 'Show all images' }).click();
  await says('10,000 images');
  await context.close();
});

it('goes on and back, grows and closes by keys, buttons and wheel', async () => {
  const context = await open(browser, 'ty_test', { locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${gateway.url}/datasets/${jobId(1)}`);
  await first(page).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const shows = (name: string) => dialog.getByRole('heading', { name }).waitFor();
  await shows('train/part 00001.png');
  await expect.poll(() => dialog.getByRole('button', { name: 'Image before' }).isDisabled()).toBe(true);
  await page.keyboard.press('ArrowRight');
  await shows('train/part 00002.png');
  await dialog.getByRole('button', { name: 'Next image' }).click();
  await shows('train/part 00003.png');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await shows('train/part 00001.png');

  const picture = dialog.locator('img');
  await picture.waitFor();
  const width = async () => (await picture.boundingBox())!.width;
  const whole = await width();
  // The box of the label lies on the square that the image has there.
  const [sheet, box] = [(await picture.boundingBox())!, (await dialog.locator('svg rect').first().boundingBox())!];
  expect((box.x + box.width / 2 - sheet.x) / sheet.width).toBeCloseTo(0.375, 1);
  await dialog.getByRole('button', { name: 'Larger', exact: true }).click();
  await until('it is larger', async () => (await width()) > whole * 1.4);
  await page.keyboard.press('0');
  await until('it is whole', async () => Math.abs((await width()) - whole) < 1);
  const at = { x: sheet.x + sheet.width * 0.75, y: sheet.y + sheet.height * 0.5 };
  await page.mouse.move(at.x, at.y);
  for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -100);
  await until('it is much larger', async () => (await width()) > whole * 4);
  await until('what is under the pointer stays there', async () => {
    const grown = (await picture.boundingBox())!;
    return Math.abs((at.x - grown.x) / grown.width - 0.75) < 0.02;
  });
  await shoot(page, 'images-zoomed');
  await page.getByRole('button', { name: 'Labels' }).click();
  await expect.poll(() => dialog.locator('svg rect').count()).toBe(0);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await until('the focus is back', () => first(page).evaluate((one) => one === document.activeElement));
  await context.close();
});

it('shows what lies in a folder of the workers, and says how it stays', async () => {
  const context = await open(browser, 'ty_test', { locale: 'ko-KR' });
  const page = await context.newPage();
  fetched.clear();
  await page.goto(`${gateway.url}/datasets/${jobId(2)}`);
  const region = page.getByRole('region', { name: '전체 이미지' }).first();
  await region.getByText('작업자 폴더에서 읽어 온 이미지이고').waitFor();
  await region.getByRole('button', { name: /part 00001\.png/ }).waitFor();
  await region.evaluate((one) => one.scrollIntoView());
  await shoot(page, 'images-not-stored');
  await region.getByRole('button', { name: /part 00001\.png/ }).click();
  await page.getByRole('dialog').locator('img, image').first().waitFor();
  await accessible(page, 'images-large-korean');
  expect(fetched.size, 'a worker is asked for what is in sight').toBeGreaterThan(0);
  await context.close();
});

it('shows the good version of what the newest look has refused, with all that it can be narrowed by', async () => {
  const context = await open(browser, 'ty_test', { locale: 'ko-KR' });
  const page = await context.newPage();
  await look(page, `${gateway.url}/datasets/${refused.id}`, 'images-refused', async (here) => {
    await live(here);
    await here.getByRole('alert').getByText('읽을 수 있는 이미지가 없습니다').waitFor();
    await here.getByText('10,000장').waitFor();
  });
  const region = page.getByRole('region', { name: '전체 이미지' }).first();
  await region.getByLabel('클래스', { exact: true }).selectOption('dog');
  await until('those of that class', async () => !(await region.getByRole('status').innerText()).includes('10,000'));
  await context.close();
});
