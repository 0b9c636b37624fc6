// Workers that are drained and a queue that is paused: who may, what is asked first, and that everybody is told.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import Fleet from '../../src/routes/Fleet.svelte';
import { fleet } from '../../src/state/fleet.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { session } from '../../src/state/session.svelte';
import { toasts } from '../../src/state/toasts.svelte';
import QueuePaused from '../../src/ui/QueuePaused.svelte';
import QueueState from '../../src/ui/QueueState.svelte';
import type { DrainedWorker, Whoami } from '../../src/wire/api';
import type { JobRow, WorkerRecord } from '../../src/wire/rows';

const { api } = session;
const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const since = '2026-03-01T09:00:00Z';
const worker = (name: string, jobs: string[]): WorkerRecord => ({
  worker: name,
  pool: 'cpu',
  device: 'cpu (2 threads)',
  host: 'rack-1',
  version: '0.1.0',
  started_at: since,
  seen_at: since,
  jobs,
  slots: 2,
  draining: false,
});
const drained = (name: string, more: Partial<DrainedWorker> = {}): [string, DrainedWorker] => [
  name,
  { worker: name, who: 'laptop', since, now: false, ...more },
];
const put = vi.fn();
const remove = vi.fn();
const dialog = () => within(screen.getByRole('dialog', { hidden: true }));
const press = (name: string) => fireEvent.click(dialog().getByRole('button', { name, hidden: true }));
const operator = (is: boolean) => {
  session.identity = { tenant: 'acme', token: { id: 't', name: 'laptop' }, role: 'admin', operator: is } as Whoami;
};

beforeEach(() => {
  i18n.choose('en');
  [put, remove].forEach((one) => one.mockReset().mockResolvedValue({ sequence: 7 }));
  Object.assign(session, { api: { get: vi.fn(async () => ({})), put, delete: remove } });
  vi.spyOn(jobs, 'ready', 'get').mockReturnValue(true);
  vi.spyOn(jobs, 'fetch').mockResolvedValue(null as never);
  fleet.workers = [worker('cpu-1', ['a', 'b']), worker('cpu-2', [])];
  fleet.state = 'ready';
  operator(true);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  Object.assign(session, { api });
  Object.assign(fleet, { workers: [], drained: new Map(), paused: null, state: 'loading' });
  session.identity = null;
  toasts.list = [];
});

it('drains a worker with a note, and stops its jobs only where that is asked for', async () => {
  render(Fleet);
  await fireEvent.click(screen.getByRole('button', { name: 'Drain cpu-1' }));
  await fireEvent.input(dialog().getByLabelText('Why'), { target: { value: '  a new fan  ' } });
  await press('Drain');
  expect(put).toHaveBeenLastCalledWith('/v1/workers/cpu-1/drain', { note: 'a new fan' });

  await fireEvent.click(screen.getByRole('button', { name: 'Drain cpu-1' }));
  await fireEvent.click(dialog().getByLabelText('Stop its 2 jobs now'));
  await press('Drain');
  expect(put).toHaveBeenLastCalledWith('/v1/workers/cpu-1/drain', { now: true });

  await fireEvent.click(screen.getByRole('button', { name: 'Drain cpu-2' }));
  expect(dialog().queryByRole('checkbox', { hidden: true }), 'it runs nothing that could be stopped').toBeNull();
});

it('says in its place why it is refused, and stays open', async () => {
  render(Fleet);
  put.mockRejectedValueOnce(new ApiError(404, 'not_found', 'there is no such worker', 'look at the list'));
  await fireEvent.click(screen.getByRole('button', { name: 'Drain cpu-2' }));
  await press('Drain');
  expect(await dialog().findByText('there is no such worker')).toBeTruthy();
});

it('tells who has drained it, why, and what becomes of its jobs, and gives it back', async () => {
  fleet.drained = new Map([drained('cpu-1', { note: 'a new fan' }), drained('cpu-2'), drained('cpu/9')]);
  render(Fleet);
  expect(screen.getByText(/^By laptop, since .*: "a new fan"$/)).toBeTruthy();
  expect(screen.getByText('It takes nothing new. 2 jobs run to their end.')).toBeTruthy();
  expect(screen.getAllByText('It runs nothing: it may be taken away.')).toHaveLength(2);
  await fireEvent.click(screen.getByRole('button', { name: 'Return cpu/9' }));
  expect(remove, 'one that is not there now').toHaveBeenLastCalledWith('/v1/workers/cpu%2F9/drain');

  await fireEvent.click(screen.getByRole('button', { name: 'Stop the jobs of cpu-1' }));
  expect(put, 'not before it is said to be meant').not.toHaveBeenCalled();
  await press('Stop the jobs');
  expect(put).toHaveBeenLastCalledWith('/v1/workers/cpu-1/drain', { note: 'a new fan', now: true });

  cleanup();
  fleet.drained = new Map([drained('cpu-1', { now: true })]);
  i18n.choose('ko');
  render(Fleet);
  expect(screen.getByText('작업 2건이 체크포인트를 남기고 멈춘 뒤 다른 작업자에서 이어집니다.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'cpu-1의 작업 멈추기' }), 'they are told already').toBeNull();
});

it('pauses the queue and opens it again, and whoever may not is only told', async () => {
  const { unmount } = render(Fleet);
  expect(screen.getByText('The queue is open.')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Pause the queue' }));
  await press('Pause the queue');
  expect(put).toHaveBeenLastCalledWith('/v1/queue/pause', {});
  unmount();

  fleet.paused = { who: 'laptop', since, note: 'moving racks' };
  render(QueueState, { props: { pause: () => {} } });
  expect(screen.getByRole('status').textContent).toMatch(/The queue is paused.*By laptop.*"moving racks"/s);
  remove.mockRejectedValueOnce(new ApiError(0, 'unreachable', 'the gateway is away', ''));
  await fireEvent.click(screen.getByRole('button', { name: 'Resume the queue' }));
  await vi.waitFor(() => expect(toasts.list.map(({ text }) => text)).toEqual(['the gateway is away']));
  expect(remove).toHaveBeenLastCalledWith('/v1/queue/pause');
  cleanup();

  operator(false);
  render(Fleet);
  expect(screen.getByText('The queue is paused.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Drain|Resume|Pause/ })).toBeNull();
});

it('says on every page that the queue is paused, and where it is opened again', () => {
  render(QueuePaused);
  expect(screen.getByRole('status').textContent).toBe('');
  fleet.paused = { who: 'laptop', since };
  flushSync();
  expect(screen.getByRole('link', { name: 'Queue paused' }).getAttribute('href')).toBe('fleet');
});

it('says on a narrow page too when a job can begin at the earliest', () => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const row = (id: string, more: Partial<JobRow>) => ({ ...template, id, quarantine: null, ...more }) as JobRow;
  const half = { attempt: 1, resumed_epoch: 0, epochs_done: 5, config: { ...template.config, epochs: 10 } };
  jobs.list = [
    row('b', { number: 2, status: 'requested', requested_at: ago(1) }),
    row('a', { ...half, number: 1, status: 'training', started_at: ago(10) }),
  ];
  vi.spyOn(jobs, 'get').mockImplementation((id) => jobs.list.find((one) => one.id === id));
  fleet.workers = [{ ...worker('cpu-1', ['a']), slots: 1 }];
  render(Fleet);
  const line = screen.getByText(/^in (10 m 00|9 m 5\d) s at the earliest$/);
  expect(line.closest('td')!.className, 'no column that is left out there').not.toContain('less');
  jobs.list = [];
});
