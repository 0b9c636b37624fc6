// What a job's head says of the device that it trains on.
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { fleet } from '../../src/state/fleet.svelte';
import JobGist from '../../src/ui/JobGist.svelte';
import type { JobRow, WorkerRecord } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const row: JobRow = { ...template, status: 'training', worker: 'a', device: 'cpu' };
const machine = { busy_percent: 37, memory_used_bytes: 6 * 2 ** 30 };
const gpus = [
  { index: 0, name: 'L4', use_percent: 12 },
  { index: 1, name: 'L4', use_percent: 93 },
];

beforeEach(() => i18n.choose('en'));
afterEach(() => {
  cleanup();
  fleet.workers = [];
});

it.each([
  ['the busiest of its GPUs', { pool: 'gpu', machine, gpus }, {}, false, 'cpu · 93 %'],
  ['the machine where it is a CPU', { pool: 'cpu', machine }, {}, false, 'cpu · 37 % · Memory 6.0 GiB'],
  ['nothing where its worker tells nothing', { pool: 'cpu' }, {}, false, 'cpu'],
  ['nothing of a machine that only feeds GPUs', { pool: 'gpu', machine, gpus: [] }, {}, false, 'cpu'],
  ['nothing once it has ended', { pool: 'cpu', machine }, { status: 'finished' }, false, 'cpu'],
  ['nothing of a moment of the past', { pool: 'cpu', machine }, {}, true, 'cpu'],
] as const)('tells of %s', (_, worker, more, past, words) => {
  fleet.workers = [
    { worker: 'a', ...worker },
    { worker: 'b', machine: { busy_percent: 99 } },
  ] as unknown as WorkerRecord[];
  render(JobGist, { props: { row: { ...row, ...more } as JobRow, epochs: [], now: 0, past } });
  expect(screen.getByText(/^cpu/).textContent).toBe(words);
});
