// The curves of a job as they come, and how they are looked at: nothing is drawn and then moved by what the steps add to it,
// and the axis, the scale and the running mean are those of what is measured.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import type uPlot from 'uplot';
import { canBeLogarithmic } from '../../src/charts/scale';
import { i18n } from '../../src/i18n/i18n.svelte';
import { Job } from '../../src/state/job.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { router } from '../../src/state/router.svelte';
import CompareCurves from '../../src/ui/CompareCurves.svelte';
import JobCurves from '../../src/ui/JobCurves.svelte';
import type { EpochRow, JobRow, Telemetry } from '../../src/wire/rows';

/** What the instrument of each chart was last told, by the title of the chart. */
const drawn = vi.hoisted(() => new Map<string, { options: uPlot.Options; data: uPlot.AlignedData }>());
vi.mock('uplot', () => ({
  default: class {
    constructor(options: uPlot.Options, data: uPlot.AlignedData, box: HTMLElement) {
      drawn.set(box.closest('figure')!.querySelector('h3')!.textContent!, { options, data });
    }
    setData() {}
    destroy() {}
  },
}));

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const charts = () => document.querySelectorAll('figure.chart').length;

beforeEach(() => {
  i18n.choose('en');
  vi.useFakeTimers();
  drawn.clear();
  router.go('/jobs/7');
});
afterEach(() => {
  cleanup();
  router.go('/');
  vi.useRealTimers();
});

it('wait for the steps, whose lines are in the same charts', async () => {
  const job = new Job(row.id);
  render(JobCurves, { props: { job, row, epochs: [], past: false } });
  await tick();
  expect([charts(), document.querySelectorAll('.coming').length]).toEqual([0, 2]);
  expect(screen.getByText('Smoothing'), 'how they are looked at is there').toBeTruthy();
  job.stepsRead = true;
  await tick();
  expect(charts()).toBe(2);
  job.stepsRead = false;
  await tick();
  expect(charts(), 'read anew after a gap, they stay').toBe(2);
});

it('wait no longer than a second', async () => {
  render(JobCurves, { props: { job: new Job(row.id), row, epochs: [], past: false } });
  await tick();
  expect(charts()).toBe(0);
  vi.advanceTimersByTime(1_000);
  await tick();
  expect(charts()).toBe(2);
});

const template = golden[0]!.steps[5]!.epochs[0] as unknown as EpochRow;
const epoch = (number: number, validation: EpochRow['validation'], train: EpochRow['train'] = {}): EpochRow => ({
  ...template,
  epoch: number,
  validation,
  train,
});
const y = (title: string) => drawn.get(title)!.options.scales!['y']!;
/** What stands beside a chart of what it draws. */
const legend = (title: string) => {
  const chart = screen.getByRole('heading', { name: title }).closest('figure')!;
  return [...chart.querySelectorAll('li .clip')].map((one) => one.textContent);
};

/** All charts of a job that has `epochs`, and of whose steps `losses` are told. */
async function show(epochs: EpochRow[], primary: string | null, losses: Record<string, number>[] = []) {
  const job = new Job(row.id);
  job.stepsRead = true;
  losses.forEach((one, at) => job.steps.push({ token: 1, step: { ...step, losses: one, step: at + 1 } } as Telemetry));
  render(JobCurves, { props: { job, row: { ...row, primary, epochs_done: epochs.length }, epochs, past: false } });
  await tick();
}
const step: Telemetry['step'] = {
  epoch: 1,
  step: 1,
  steps: 10,
  losses: {},
  learning_rate: 0.1,
  images_per_second: 64,
  data_wait_ms: 1,
  gpu_mib: null,
  memory_mib: 900,
};

it('have an axis from nought to all where they are shares, and nowhere else', async () => {
  await show([epoch(1, { rmse: 12.5, accuracy: 0.4 }), epoch(2, { rmse: 9.1, accuracy: 0.6 })], 'rmse');
  expect(y('rmse').range, 'an error of twelve is not above all that can be').toBeUndefined();
  expect(drawn.get('rmse')!.data[1]).toEqual([12.5, 9.1]);
  expect(y('Other measurements').range, 'a share beside it has a chart of its own').toBeTypeOf('function');
  cleanup();
  await show([epoch(1, { accuracy: 0.4 })], 'accuracy');
  expect(y('Accuracy').range).toBeTypeOf('function');
});

it('are on a logarithmic scale wherever nothing is below nought', async () => {
  router.go('/jobs/7?scale=log');
  await show([epoch(1, { rmse: 12.5, bias: -1, loss: 2 }, { loss: 3 }), epoch(2, { rmse: 9.1, bias: 1 })], 'rmse', [
    { loss: 3 },
    { loss: 2 },
  ]);
  expect([y('Loss').distr, y('Learning rate').distr, y('Images per second').distr]).toEqual([3, 3, 3]);
  expect(y('rmse').distr, 'a bias of minus one has no place there').toBe(1);
  cleanup();
  await show([epoch(1, { accuracy: 0.4 })], 'accuracy');
  expect([y('Accuracy').distr, y('Accuracy').range], 'nought is no end of it').toEqual([3, undefined]);
  expect(
    canBeLogarithmic({
      columns: [
        [1, 2],
        [0, null],
      ],
      points: 1,
    }),
  ).toBe(false);
});

it('have a running mean by epoch as by step', async () => {
  router.go('/jobs/7?smooth=0.9');
  await show([epoch(1, { accuracy: 0 }), epoch(2, { accuracy: 1 })], 'accuracy', [{ loss: 3 }, { loss: 1 }]);
  expect(legend('Accuracy')).toEqual(['validation', 'validation, smoothed']);
  const [, raw, mean] = drawn.get('Accuracy')!.data;
  expect(raw).toEqual([0, 1]);
  expect(mean![1]).toBeCloseTo(0.526, 3);
  expect(legend('Loss')).toEqual(['each step', 'smoothed']);
});

it('can be of any loss that steps tell of', async () => {
  const told = [
    { loss: 9, box_loss: 5, class_loss: 4 },
    { loss: 7, box_loss: 4, class_loss: 3 },
  ];
  await show([epoch(1, { loss: 8, box_loss: 4.5 })], 'ap', told);
  const picker = screen.getByLabelText<HTMLSelectElement>('Loss');
  expect([...picker.options].map((one) => one.value)).toEqual(['loss', 'box_loss', 'class_loss']);
  await fireEvent.change(picker, { target: { value: 'box_loss' } });
  expect(router.query.get('loss')).toBe('box_loss');
  const [, steps] = drawn.get(i18n.measure('box_loss'))!.data;
  expect([...steps!].filter((value) => value !== null)).toEqual([5, 4]);
  expect(legend(i18n.measure('box_loss')), 'and what epochs say of it').toEqual(['each step', 'validation']);
  cleanup();
  await show([epoch(1, { loss: 8 })], null, [{ nll_loss: 3 }]);
  expect(screen.queryByLabelText('Loss'), 'of one there is nothing to pick').toBeNull();
  expect(legend('Loss')).toEqual(['each step', 'validation']);
});

it('of several jobs are smoothed and on a logarithmic scale alike', async () => {
  const rows = [1, 2].map((number) => ({ ...row, id: `job-${number}`, number, primary: 'accuracy', epochs_done: 2 }));
  const curve = [epoch(1, { accuracy: 0.2 }), epoch(2, { accuracy: 0.4 })];
  jobs.curves = new Map(rows.map(({ id }) => [id, curve]));
  render(CompareCurves, { props: { rows } });
  await tick();
  expect(y('Accuracy, validation').distr).toBe(1);
  await fireEvent.click(screen.getByLabelText('Logarithmic'));
  expect(y('Accuracy, validation').distr).toBe(3);
  await fireEvent.change(screen.getByLabelText('Smoothing'), { target: { value: '0.9' } });
  expect(legend('Accuracy, validation')).toEqual(['1', '1, smoothed', '2', '2, smoothed']);
  expect(drawn.get('Accuracy, validation')!.options.series).toHaveLength(5);
  jobs.curves = new Map();
});
