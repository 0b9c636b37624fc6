// The example of docs/feed.md for a page, in a real Chromium on a real platform: it says when a job has ended, and after it was away
// it goes on where it was.
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium';
import { Platform, until } from './platform';

const EXAMPLE = join(import.meta.dirname, '../../../../docs/examples/job_ends.js');
const PACKAGES = join(import.meta.dirname, '../../node_modules');

let platform: Platform;
let browser: Browser;
let pages: Server;

/** The example with what it imports, as any bundler puts them together. */
async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    // The example has no packages beside it; what they ask for among themselves is found where they are.
    resolve: { alias: [{ find: /^@nats-io\/([a-z-]+)$/, replacement: `${PACKAGES}/@nats-io/$1` }] },
    build: { write: false, minify: false, lib: { entry: EXAMPLE, formats: ['es'] } },
  });
  const [first] = [built].flat() as Rollup.RollupOutput[];
  if (!first) throw new Error('nothing was built of the example');
  return (first.output[0] as Rollup.OutputChunk).code;
}

beforeAll(async () => {
  const script = await bundled();
  pages = createServer((request, answer) => {
    const isScript = request.url === '/job_ends.js';
    answer.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    answer.end(isScript ? script : '<!doctype html><title>ends</title><ol></ol>');
  }).listen(0, '127.0.0.1');
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
});

afterAll(async () => {
  await browser?.close();
  pages?.close();
  await platform?.end();
});

/** A job that has ended: it was taken back. */
async function ended(): Promise<string> {
  const asked = { model: 'resnet18', dataset: platform.dataset, epochs: 10_000, image_size: 16 };
  const { job } = await platform.ask<{ job: { id: string } }>('POST', '/v1/jobs', asked);
  await platform.ask('POST', `/v1/jobs/${job.id}/cancel`, {});
  await until('the job has ended', async () => {
    const { job: row } = await platform.ask<{ job: { status: string } }>('GET', `/v1/jobs/${job.id}`);
    return row.status === 'cancelled';
  });
  return job.id;
}

it('says in a page when a job has ended, and goes on where it was', async () => {
  const { nats_ws: server } = JSON.parse(readFileSync(join(platform.folder, 'ready.json'), 'utf8')) as {
    nats_ws: string;
  };
  const feed = await platform.ask('GET', '/v1/feed');
  const look = async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
    await page.evaluate(
      `import('/job_ends.js').then(({ jobEnds }) =>
         void jobEnds(${JSON.stringify(server)}, ${JSON.stringify(platform.token)}, ${JSON.stringify(feed)}, (event) =>
           document.querySelector('ol').append(event.subject + ' ' + event.type + ';'))
           .catch((error) => document.querySelector('ol').append('FAILED ' + error)))`,
    );
    const said = async () => ((await page.textContent('ol')) ?? '').split(';').filter(Boolean);
    return { page, said };
  };
  const first = await ended();
  const here = await look();
  await until('the page says so', async () => (await here.said()).length > 0);
  expect(await here.said()).toEqual([`job/${first} job.cancelled`]);
  // The acknowledgement is on its way.
  await here.page.waitForTimeout(300);
  await here.page.close();

  const second = await ended();
  const again = await look();
  await until('it says what it has missed', async () => (await again.said()).length > 0);
  expect(await again.said()).toEqual([`job/${second} job.cancelled`]);

  const stranger = await browser.newPage();
  await stranger.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
  const refused = await stranger.evaluate(
    `import('/job_ends.js').then(({ jobEnds }) => jobEnds(${JSON.stringify(server)}, 'ty_nobody', ${JSON.stringify(feed)}, () => {}))
       .then(() => 'let in', (error) => String(error))`,
  );
  expect(refused).toMatch(/authorization/i);
});
