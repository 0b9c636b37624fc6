// An upload of a folder that its page leaves half-way: the next page goes on with it, and sends what is missing.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFailed } from 'vitest';
import { launchIn } from './chromium';
import { WIDE, live, shoot } from './look';
import { Platform, until } from './platform';

/** More than go together, so that some are there before others. */
const FILES = 450;

/** What a page has done since it was loaded. */
interface Seen {
  /** Hashes of the files that it has sent, the list of files among them. */
  sent: string[];
  /** Files that it has hashed. */
  hashed: number;
}

let platform: Platform;
let browser: BrowserContext;
let page: Page;
const asked: string[] = [];

beforeAll(async () => {
  platform = await Platform.begin();
  browser = await launchIn(join(platform.folder, 'profile'), { viewport: WIDE, locale: 'ko-KR' });
  await browser.addInitScript((text) => localStorage.setItem('trainyard.token', text), platform.token);
  page = await browser.newPage();
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.addInitScript(() => {
    const here = window as unknown as { seen: Seen; showDirectoryPicker: () => Promise<FileSystemDirectoryHandle> };
    here.seen = { sent: [], hashed: 0 };
    const [ask, digest] = [fetch, SubtleCrypto.prototype.digest];
    window.fetch = (input, init) => {
      if (init?.body instanceof FormData) here.seen.sent.push(...init.body.keys());
      return ask(input, init);
    };
    SubtleCrypto.prototype.digest = function (...given) {
      here.seen.hashed += 1;
      return digest.apply(this, given);
    };
    // Nobody can press a button of the browser's own dialog here. A folder of the page's own may be read at once.
    here.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('scratches');
  });
});

beforeEach(() => onTestFailed(() => shoot(page, 'failed-upload')));

afterAll(async () => {
  await browser?.close();
  await platform?.end();
});

const seen = (): Promise<Seen> => page.evaluate(() => (window as unknown as { seen: Seen }).seen);

/** Images of two classes in a folder of the browser's own, no two of them alike. */
async function fill(): Promise<void> {
  const images = ['0', '1'].map((digit) => {
    const folder = join(platform.dataset, digit);
    return readFileSync(join(folder, readdirSync(folder)[0]!)).toString('base64');
  });
  await page.evaluate(
    async ({ images, files }) => {
      const own = await navigator.storage.getDirectory();
      const root = await own.getDirectoryHandle('scratches', { create: true });
      for (let at = 0; at < files; at += 1) {
        const folder = await root.getDirectoryHandle(String(at % 2), { create: true });
        const file = await folder.getFileHandle(`${at}.png`, { create: true });
        const bytes = Uint8Array.from(atob(images[at % 2]!), (letter) => letter.charCodeAt(0));
        const out = await file.createWritable();
        // What comes after an image is not looked at.
        await out.write(new Blob([bytes, String(at)]));
        await out.close();
      }
    },
    { images, files: FILES },
  );
}

it('goes on by itself after a reload, and sends what is missing', async () => {
  await page.goto(`${platform.url}/datasets`);
  await live(page);
  await fill();
  // The first group arrives, and the others are on their way for ever.
  let groups = 0;
  await page.route('**/v1/blobs', (route) => {
    groups += 1;
    return groups === 1 ? route.continue() : undefined;
  });
  await page.locator('label', { hasText: '폴더 고르기' }).click();
  const name = page.getByLabel('데이터셋 이름');
  await expect.poll(() => name.inputValue()).toBe('scratches');
  await name.fill('긁힘');
  await name.press('Enter');
  await page.getByRole('progressbar', { name: '올리는 중' }).waitFor({ timeout: 60_000 });
  const progress = page.getByText(/파일 450개 중 [1-9]\d*개/);
  await progress.waitFor({ timeout: 60_000 });
  const there = Number(/중 (\d+)개/.exec(await progress.innerText())![1]);
  expect(there, 'some, and not all').toBeLessThan(FILES);
  const before = await seen();
  expect(before.hashed).toBe(FILES);
  await page.unroute('**/v1/blobs');
  await page.reload();
  await page.waitForURL(/\/datasets\/[0-9a-f-]{36}$/, { timeout: 60_000 });
  const after = await seen();
  expect(after.sent.length, 'the rest, and the list of all').toBe(FILES - there + 1);
  expect(after.hashed, 'only the list is new').toBe(1);
  await page.getByRole('heading', { name: '긁힘' }).first().waitFor();
  await page.getByRole('region', { name: '버전' }).getByText('저장소에 있음').waitFor({ timeout: 60_000 });
  expect(asked, 'nobody was asked whether the page may go').toEqual([]);
});

it('has left nothing behind', async () => {
  await page.goto(`${platform.url}/datasets`);
  await live(page);
  const kept = () =>
    page.evaluate(async () => {
      const [found] = (await indexedDB.databases()).filter(({ name }) => name?.startsWith('trainyard'));
      const database = await new Promise<IDBDatabase>((take, fail) => {
        const opening = indexedDB.open(found!.name!);
        opening.onsuccess = () => take(opening.result);
        opening.onerror = () => fail(opening.error);
      });
      const count = database.transaction('kept').objectStore('kept').count();
      const number = await new Promise<number>((take) => (count.onsuccess = () => take(count.result)));
      database.close();
      return number;
    });
  await until('an empty store', async () => (await kept()) === 0, 10_000);
  expect(await page.getByRole('button', { name: '이어서 올리기' }).count()).toBe(0);
});

it('waits to be asked where the browser has to ask, and can be discarded', async () => {
  await page.evaluate(
    () =>
      new Promise<void>((take, fail) => {
        const opening = indexedDB.open('trainyard /');
        opening.onerror = () => fail(opening.error);
        opening.onsuccess = async () => {
          const { tenant, token } = await (
            await fetch('/v1/whoami', {
              headers: { authorization: `Bearer ${localStorage.getItem('trainyard.token')}` },
            })
          ).json();
          const of = {
            owner: `${tenant} ${token.id}`,
            name: '긁힘',
            folder: 'scratches',
            handle: null,
            stage: 'sending',
          };
          const amounts = { done: { files: 412, bytes: 412 }, all: { files: 1_000, bytes: 1_000 } };
          const put = opening.result
            .transaction('kept', 'readwrite')
            .objectStore('kept')
            .put({ ...of, ...amounts }, 'upload');
          put.onsuccess = () => (opening.result.close(), take());
        };
      }),
  );
  await page.reload();
  await page.getByText('"긁힘" 업로드가 412/1,000개에서 멈췄습니다').waitFor();
  await page.getByLabel('폴더 다시 고르기').waitFor({ state: 'attached' });
  await shoot(page, 'upload-halted');
  await page.getByRole('button', { name: '버리기' }).click();
  await page.getByText('멈췄습니다').waitFor({ state: 'detached' });
  await page.reload();
  await live(page);
  await page.getByLabel('폴더 고르기').waitFor({ state: 'attached' });
  expect(await page.getByText('멈췄습니다').count()).toBe(0);
});
