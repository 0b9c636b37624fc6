// What every page stands on: addresses, the clipboard, reasons in one's language, and being told that a job has ended.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { Api, explain, newKey } from '../../src/lib/api';
import { etaOfSteps } from '../../src/lib/format';
import { why } from '../../src/lib/reasons';
import { fleet } from '../../src/state/fleet.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { toasts } from '../../src/state/toasts.svelte';
import type { JobRow } from '../../src/wire/rows';
import CopyButton from '../../src/ui/CopyButton.svelte';
import Problem from '../../src/ui/Problem.svelte';
import Progress from '../../src/ui/Progress.svelte';
import Status from '../../src/ui/Status.svelte';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

describe('addresses', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    router.go('/');
  });
  afterEach(() => vi.useRealTimers());

  it('follow a slider no faster than browsers take them, and end where it ends', async () => {
    router.go('/jobs/7');
    const written = vi.spyOn(history, 'replaceState');
    for (let at = 1; at <= 1_000; at += 1) {
      router.set('at', String(at));
      expect(router.query.get('at'), 'the page does not wait for the address').toBe(String(at));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written.mock.calls.length).toBeLessThan(1_000 / 30);
    expect(location.search).toBe('?at=1000');
    written.mockRestore();
  });

  it('that lead on are written after the last one that was left', () => {
    router.go('/jobs');
    router.set('q', 'a');
    router.set('q', 'ab');
    const order = vi.spyOn(history, 'replaceState');
    router.go('/jobs/7');
    expect(String(order.mock.calls[0]![2])).toBe('/jobs?q=ab');
    expect(location.pathname + location.search).toBe('/jobs/7');
    order.mockRestore();
  });

  it('that are no text are shown as they are', () => {
    router.go('/jobs/%E0%A4%A');
    expect(router.parts).toEqual(['jobs', '%E0%A4%A']);
    router.go('/jobs/%23a');
    expect(router.parts).toEqual(['jobs', '#a']);
  });
});

it('makes keys where the browser has none to give', () => {
  const keys = new Set(Array.from({ length: 100 }, newKey));
  expect(keys.size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('copies where there is no clipboard, and says when it cannot', async () => {
  const clipboard = vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as never);
  let copied = '';
  const copy = vi.fn(() => ((copied = (document.activeElement as HTMLTextAreaElement).value), true));
  document.execCommand = copy as never;
  render(CopyButton, { props: { text: 'curl it' } });
  const button = screen.getByRole('button');
  button.focus();
  await fireEvent.click(button);
  expect(await screen.findByText('Copied')).toBeTruthy();
  expect(copied).toBe('curl it');
  expect(document.querySelector('textarea')).toBeNull();
  expect(document.activeElement).toBe(button);
  copy.mockReturnValueOnce(false);
  await fireEvent.click(button);
  expect(await screen.findByText('That did not work')).toBeTruthy();
  clipboard.mockRestore();
});

describe('a gateway that cannot be asked', () => {
  const asked = async () =>
    explain(await new Api('ty', () => {}).get('/v1/jobs').catch((error: unknown) => error)).message;
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['is away', () => Promise.reject(new TypeError('Failed to fetch')), '게이트웨이가 답하지 않습니다.'],
    ['goes in the middle of an answer', async () => new Response('{"jobs":[', {}), '게이트웨이가 답하지 않습니다.'],
    ['hides behind another', async () => new Response('<html>', { status: 502 }), '까닭 없이 거절되었습니다(502).'],
  ])('%s', async (_, answer, said) => {
    i18n.choose('ko');
    vi.stubGlobal('fetch', answer);
    expect(await asked()).toBe(said);
  });
});

describe("the platform's own reasons", () => {
  const lost = { code: 'attempt_lost', attempt: 2 };
  const none = { code: 'no_worker_fits', en: 'no worker is up', ko: '작업자가 없습니다' };
  const next = { code: 'next_of_tenant', en: 'it is the next', ko: '다음 차례입니다' };

  it.each([
    ['in English, as the log has them', [none, next], 'en', 'no worker is up; it is the next'],
    ['in Korean', [none, next], 'ko', '작업자가 없습니다; 다음 차례입니다'],
    ['as far as they have words', [lost, none], 'ko', '작업자가 없습니다'],
    ['as the log has them where there are no words', [lost], 'ko', 'no worker is up; it is the next'],
    ['where there are none at all', [], 'ko', 'no worker is up; it is the next'],
  ] as const)('are said %s', (_, reasons, language, said) => {
    expect(why(reasons, 'no worker is up; it is the next', language)).toBe(said);
  });
});

it('asks for the language of the page, and shows an error as the gateway says it', async () => {
  const said = { code: 'not_found', message: '없는 작업입니다', next_step: '`trainyard jobs`에서 확인하세요' };
  const fetched = vi.fn(async (_: string, __: RequestInit) => Response.json({ error: said }, { status: 404 }));
  vi.stubGlobal('fetch', fetched);
  i18n.choose('ko');
  const refused = await new Api('ty_secret', () => {}).get('/v1/jobs/7').catch((error: unknown) => error);
  expect(fetched.mock.calls[0]![1].headers).toMatchObject({ 'accept-language': 'ko' });
  vi.unstubAllGlobals();
  render(Problem, { props: explain(refused) });
  expect(screen.getByText('없는 작업입니다')).toBeTruthy();
  expect(screen.getByText('trainyard jobs').tagName).toBe('CODE');
});

it('tells how far a job is before its first epoch', () => {
  const step = {
    epoch: 1,
    step: 250,
    steps: 1_000,
    losses: {},
    learning_rate: 0.1,
    images_per_second: 64,
    data_wait_ms: 0,
    gpu_mib: null,
    memory_mib: 900,
  };
  expect(etaOfSteps(step, 32)).toBe((750 * 32 * 1_000) / 64);
  expect(etaOfSteps({ ...step, images_per_second: 0 }, 32)).toBeNull();
  render(Progress, { props: { row: { ...row, progress: 0 }, steps: 0.25 } });
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
});

it('knows of no lease in the past', () => {
  fleet.unreachable = new Set([row.id]);
  render(Status, { props: { status: 'training', job: row.id } });
  render(Status, { props: { status: 'training', job: null } });
  expect([screen.queryAllByText('Unreachable').length, screen.queryAllByText('Training').length]).toEqual([1, 1]);
  fleet.unreachable = new Set();
});

it('says the year of what is not of this one, and no hour that is none', () => {
  const now = Date.parse('2026-03-02T12:00:00');
  expect(i18n.time('2026-03-02T00:05:09', now)).toBe('00:05:09');
  expect(i18n.time('2026-03-01T09:00:00', now)).toBe('Mar 1 09:00:00');
  expect(i18n.time('2025-03-01T09:00:00', now)).toBe('Mar 1, 2025 09:00:00');
});

describe('the end of a job', () => {
  const { api, socket } = session;
  let listener: { initial: (rows: unknown) => void; events: (events: unknown[]) => void };
  const get = vi.fn();

  beforeEach(() => {
    const subscribe = (_: string, told: typeof listener) => ((listener = told), () => {});
    Object.assign(session, { api: { get }, socket: { subscribe } });
    toasts.list = [];
    jobs.follow();
  });
  afterEach(() => Object.assign(session, { api, socket }));
  const told = () => toasts.list.map((toast) => toast.text);

  it('is told of when it came while nobody listened, and once', () => {
    listener.initial({ jobs: [{ ...row, id: 'a', number: 9, status: 'training' }] });
    expect(told(), 'the first rows are no news').toEqual([]);
    listener.initial({ jobs: [{ ...row, id: 'a', number: 9, status: 'failed' }] });
    listener.initial({ jobs: [{ ...row, id: 'a', number: 9, status: 'failed' }] });
    expect(told()).toEqual(['Job 9 has failed']);
  });

  it('is told of when the job is older than all that the page has', async () => {
    listener.initial({ jobs: [] });
    get.mockResolvedValue({ job: { ...row, id: 'old', number: 2, status: 'finished', sequence: 900 }, epochs: [] });
    const event = { aggregate: 'job/old', tenant: 't', at: row.requested_at, actor: 'w', body: {} };
    listener.events([{ ...event, sequence: 900, kind: 'job.finished', body: { measurements: {}, artifacts: [] } }]);
    await vi.waitFor(() => expect(told()).toEqual(['Job 2 has finished']));
    expect(get).toHaveBeenCalledWith('/v1/jobs/old', { wait_for: 900 });
  });
});

describe('a page below a path', () => {
  afterEach(() => {
    document.head.replaceChildren();
    vi.resetModules();
    history.replaceState(null, '', '/');
  });

  it('names nothing at the root of its origin, which is somebody else’s', () => {
    const folder = resolve(import.meta.dirname, '../../src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(svelte|css)$/.test(name),
    );
    expect(files.length).toBeGreaterThan(100);
    const rooted = files.filter((name) =>
      /\b(href|src|action|poster)=["'{`]*\/|url\(["']?\//.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(rooted).toEqual([]);
  });

  it('has its own paths, and everything that it names lies below that path', async () => {
    vi.resetModules();
    history.replaceState(null, '', '/yard/one/jobs/7?at=3');
    document.head.innerHTML = '<base href="../" />';
    const { at, base, within } = await import('../../src/lib/base');
    expect(base).toBe('/yard/one/');
    expect(at('/v1/jobs')).toBe('/yard/one/v1/jobs');
    expect([within('/yard/one/jobs/7'), within('/yard/one/'), within('/yard/two')]).toEqual(['/jobs/7', '/', null]);

    const { router: here } = await import('../../src/state/router.svelte');
    expect([here.path, here.parts]).toEqual(['/jobs/7', ['jobs', '7']]);
    here.go('/events?about=job');
    expect(location.pathname + location.search).toBe('/yard/one/events?about=job');
    const asked = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('{}'));
    const { Api: Below } = await import('../../src/lib/api');
    await (await import('../../src/i18n/i18n.svelte')).i18n.read();
    await new Below('ty_x', () => {}).get('/v1/whoami');
    expect(asked.mock.calls[0]![0]).toBe('/yard/one/v1/whoami');
    asked.mockRestore();
  });
});
