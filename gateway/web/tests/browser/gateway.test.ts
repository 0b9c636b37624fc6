// The gateway alone is killed in the middle of a training, and started again: the training never hears of it, and the
// page that watched has every event, each once, without reading anything anew.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium';
import { live, open } from './look';
import { Gateway, Platform, until } from './platform';

/** More than are trained before it is told to stop, however fast the machine is. */
const EPOCHS = 10_000;
/** Epochs that are trained before the gateway is killed, and while nobody serves. */
const BEFORE = 5;
const AWAY = 5;

interface Frame {
  type: string;
  topic?: string;
  resume?: string;
  event?: { sequence: number; kind: string };
  rows?: { events?: { sequence: number }[] };
}

let platform: Platform;
let gateway: Gateway;
let browser: Browser;

beforeAll(async () => {
  [browser, platform] = await Promise.all([launch(), Platform.begin()]);
  gateway = await platform.gateway();
  await gateway.start();
});

afterAll(async () => {
  await browser?.close();
  await gateway?.kill();
  await platform?.end();
});

/** Every frame that the page's sockets carry, in order, one list for each way. */
function overhear(page: Page): { heard: Frame[]; said: Frame[] } {
  const [heard, said]: Frame[][] = [[], []];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => heard!.push(JSON.parse(String(payload)) as Frame));
    socket.on('framesent', ({ payload }) => said!.push(JSON.parse(String(payload)) as Frame));
  });
  return { heard: heard!, said: said! };
}

async function epochsDone(): Promise<number> {
  return (await platform.ask<{ job: { epochs_done: number } }>('GET', '/v1/jobs/1')).job.epochs_done;
}

/** The sequences of all events of a list, page by page. */
async function all(path: string, key: 'before' | 'after'): Promise<number[]> {
  const found: number[] = [];
  let next: number | null = key === 'after' ? 0 : Number.MAX_SAFE_INTEGER;
  while (next !== null) {
    type Answer = { events: { sequence: number }[]; next: number | null };
    const page: Answer = await platform.ask<Answer>('GET', `${path}?limit=200&${key}=${next}`);
    found.push(...page.events.map((event) => event.sequence));
    next = page.next;
  }
  return found;
}

it('is killed in mid-training, and nothing is lost and nothing comes twice', async () => {
  const context = await open(browser, platform.token, { locale: 'en-US' });
  const [stream, job] = [await context.newPage(), await context.newPage()];
  const { heard, said } = overhear(stream);
  await stream.goto(`${gateway.url}/events`);
  await live(stream);
  await platform.ask('POST', '/v1/jobs', {
    model: 'resnet18',
    dataset: platform.dataset,
    epochs: EPOCHS,
    image_size: 16,
  });
  await job.goto(`${gateway.url}/jobs/1`);
  await job.locator('main .status.training').waitFor({ timeout: 90_000 });
  await until('some epochs', async () => (await epochsDone()) >= BEFORE);

  await gateway.kill();
  await job.locator('nav .link.reconnecting').waitFor();
  const done = await epochsDone();
  await until('epochs that nobody serves', async () => (await epochsDone()) >= done + AWAY);
  const missed = await epochsDone();
  await gateway.start();
  await Promise.all([live(stream), live(job)]);
  await until('the training that went on', async () => (await epochsDone()) > missed);
  await platform.ask('POST', '/v1/jobs/1/cancel', {});
  await job.locator('main .status.cancelled').waitFor({ timeout: 60_000 });

  const everything = (await all('/v1/activity', 'before')).sort((a, b) => a - b);
  const activity = () => heard.filter((frame) => frame.topic === 'activity');
  const told = () => activity().flatMap((frame) => (frame.type === 'event' ? [frame.event!.sequence] : []));
  await until('the last event', async () => told().at(-1)! >= everything.at(-1)!);
  const begun = activity().filter((frame) => frame.type === 'initial');
  expect(begun, 'the rows were read once, before the kill').toHaveLength(1);
  expect(heard.filter((frame) => frame.type === 'refetch')).toEqual([]);
  expect(
    said.filter((frame) => frame.topic === 'activity' && frame.resume),
    'one question for the gap',
  ).toHaveLength(1);
  const first = begun[0]!.rows!.events!.map((event) => event.sequence);
  expect([...first, ...told()]).toEqual(everything);

  // The job's page as well: every epoch, and a history without a gap.
  await job.getByText(`${await epochsDone()} / ${EPOCHS}`).waitFor();
  const history = await all('/v1/jobs/1/events', 'after');
  await job.getByRole('link', { name: 'History' }).click();
  await job.getByRole('slider').focus();
  await job.getByText(`after event ${history.length} of ${history.length}`).waitFor();
  await context.close();
});
