// What workers' devices have done, and when a place may be free.
import { expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { inTurn, remembered, soonest } from '../../src/lib/devices';
import type { JobRow, WorkerRecord } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const worker = (name: string, more: Partial<WorkerRecord> = {}): WorkerRecord => ({
  worker: name,
  pool: 'gpu',
  device: 'cuda',
  host: 'rack',
  version: '0.1.0',
  started_at: '2026-03-01T09:00:00Z',
  seen_at: '2026-03-01T09:00:05Z',
  jobs: [],
  slots: 2,
  draining: false,
  ...more,
});
const gpu = (use: number, memory: number) => ({
  index: 1,
  name: 'L4',
  use_percent: use,
  memory_used_bytes: memory,
  memory_bytes: 100,
});

it('keeps what each record has told, once, and forgets who has gone', () => {
  const first = [worker('a', { jobs: ['1'], gpus: [gpu(80, 25)] }), worker('b', { gpus: [{ index: 0, name: 'old' }] })];
  let traces = remembered(new Map(), first);
  traces = remembered(traces, first);
  expect(traces.get('a')!.busy, 'the same record again is no news').toEqual([0.5]);
  expect(traces.get('a')!.gpus.get(1)).toEqual({ use: [0.8], memory: [0.25] });
  expect(traces.get('b')!.gpus.get(0), 'a driver that tells nothing has no curve').toEqual({ use: [], memory: [] });
  for (let second = 10; second < 60 * 20; second += 5) {
    const seen_at = new Date(Date.parse('2026-03-01T09:00:00Z') + second * 1_000).toISOString();
    traces = remembered(traces, [worker('a', { seen_at, gpus: [gpu(second % 100, 50)] })]);
  }
  expect([...traces.keys()]).toEqual(['a']);
  expect(traces.get('a')!.busy).toHaveLength(120);
  expect(traces.get('a')!.gpus.get(1)!.use.at(-1)).toBe(0.95);
});

it('keeps how busy a machine was, where its worker tells', () => {
  const told = (seconds: number, more: Partial<WorkerRecord>) =>
    worker('a', { seen_at: `2026-03-01T09:00:${seconds}Z`, ...more });
  let traces = remembered(new Map(), [told(10, {})]);
  expect(traces.get('a')!.machine, 'an older worker').toEqual({ use: [], memory: [] });
  traces = remembered(traces, [told(15, { machine: { busy_percent: 40, memory_used_bytes: 2 }, memory_bytes: 8 })]);
  traces = remembered(traces, [told(20, { machine: { busy_percent: 100, memory_used_bytes: 4 } })]);
  expect(traces.get('a')!.machine, 'of how much memory is not told').toEqual({ use: [0.4, 1], memory: [0.25] });
});

it('says when a job can begin at the earliest, or nothing', () => {
  const now = Date.parse('2026-03-01T10:00:00Z');
  const job = (id: string, more: Partial<JobRow> = {}): JobRow => ({
    ...template,
    id,
    status: 'training',
    attempt: 1,
    resumed_epoch: 0,
    started_at: '2026-03-01T09:50:00Z',
    epochs_done: 5,
    config: { ...template.config, epochs: 10, device: 'gpu' },
    ...more,
  });
  const jobs = new Map([
    ['half', job('half')],
    ['nearly', job('nearly', { epochs_done: 8 })],
    ['new', job('new', { status: 'starting', epochs_done: 0 })],
  ]);
  const find = (id: string) => jobs.get(id);
  const waits = job('waits', { status: 'requested' });
  const ask = (...workers: WorkerRecord[]) => soonest(waits, [], workers, find, now);
  expect(ask(worker('a', { jobs: ['half', 'nearly'] }))).toBe(150_000);
  expect(ask(worker('a', { jobs: ['half', 'new'] })), 'one has not said how long it takes').toBeNull();
  expect(ask(worker('a', { jobs: ['half', 'older'] })), 'one is not known').toBeNull();
  expect(ask(worker('a', { jobs: ['half'] })), 'a place is free').toBeNull();
  expect(ask(worker('a', { pool: 'cpu', jobs: ['half', 'nearly'] })), 'nobody has such places').toBeNull();
  expect(ask(worker('a', { jobs: ['half', 'nearly'] }), worker('b', { draining: true }))).toBe(150_000);

  const full = [worker('a', { jobs: ['half', 'nearly'] })];
  const behind = (...before: JobRow[]) => soonest(waits, before, full, find, now);
  const elsewhere = job('elsewhere', { config: { ...waits.config, device: 'cpu' } });
  expect(behind(waits), 'the one before it has the first place').toBe(600_000);
  expect(behind(elsewhere), 'one that wants other places is in nobody’s way').toBe(150_000);
  expect(behind(waits, waits), 'more wait than run').toBeNull();
});

it('puts those that wait in the order in which they are given places', () => {
  const row = (number: number, priority: 'low' | 'normal' | 'high') =>
    ({ ...template, number, config: { ...template.config, priority } }) as JobRow;
  const turns = inTurn([row(4, 'normal'), row(1, 'low'), row(3, 'normal'), row(5, 'high')]);
  expect(turns.map(({ number }) => number)).toEqual([5, 3, 4, 1]);
});
