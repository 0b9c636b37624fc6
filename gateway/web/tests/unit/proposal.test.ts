// What a proposal says before it is approved: what cannot be, how long it may take, and who waits before it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { flawOf, RANGES } from '../../src/lib/config';
import { costOf, estimated, queue } from '../../src/lib/estimate';
import { money } from '../../src/lib/money';
import type { JobRow } from '../../src/wire/rows';

it.each([
  ['epochs', '10', null],
  ['epochs', '0', 'range'],
  ['epochs', '10001', 'range'],
  ['epochs', '1.5', 'whole'],
  ['epochs', 'ten', 'number'],
  ['epochs', '', 'number'],
  ['patience', '', null],
  ['learning_rate', '0', 'range'],
  ['learning_rate', '1e-4', null],
  ['momentum', '1', 'range'],
  ['seed', '-1', 'range'],
  ['max_hours', '', null],
  ['max_hours', '0.5', null],
  ['max_cost', '0', 'range'],
  ['model', 'anything', null],
] as const)('%s of "%s"', (field, text, flaw) => expect(flawOf(field, text)).toBe(flaw));

it('has the limits of the platform', () => {
  const source = readFileSync(resolve(import.meta.dirname, '../../../../events/src/limits.rs'), 'utf8');
  const limit = (name: string) => {
    const [, value] = new RegExp(`const ${name}: \\w+ = ([\\d_.e]+);`).exec(source) ?? [];
    return Number(value?.replaceAll('_', ''));
  };
  expect(RANGES.epochs).toEqual([1, limit('EPOCHS')]);
  expect(RANGES.image_size).toEqual([limit('IMAGE_SIZE_MIN'), limit('IMAGE_SIZE_MAX')]);
  expect(RANGES.batch_size).toEqual([1, limit('BATCH_SIZE')]);
  const most = [RANGES.learning_rate, RANGES.momentum, RANGES.weight_decay, RANGES.label_smoothing].map(
    (one) => one![1],
  );
  const names = ['LEARNING_RATE_MAX', 'MOMENTUM_MAX', 'WEIGHT_DECAY_MAX', 'LABEL_SMOOTHING_MAX'];
  expect(most).toEqual(names.map(limit));
  const caps = [RANGES.max_cost, RANGES.max_hours].map((one) => one![1]);
  expect(caps).toEqual(['CAP_COST_MAX', 'CAP_HOURS_MAX'].map(limit));
});

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const ended = (minutes: number, changes: Partial<JobRow> = {}, config: object = {}): JobRow => ({
  ...template,
  status: 'finished',
  attempt: 1,
  resumed_epoch: 0,
  epochs_done: 10,
  started_at: '2026-03-01T09:00:00Z',
  finished_at: new Date(Date.parse('2026-03-01T09:00:00Z') + minutes * 60_000).toISOString(),
  ...changes,
  config: { ...template.config, dataset: 'parts@1', epochs: 10, ...config },
});

it('takes as long as the middle one of those like it, by epochs', () => {
  const asked = { ...ended(0).config, dataset: 'parts@2', epochs: 20 };
  const rows = [ended(10), ended(30), ended(12), ended(99, {}, { model: 'other' }), ended(99, { status: 'failed' })];
  expect(estimated(rows, asked)).toMatchObject({ ms: 24 * 60_000, by: 3, guess: false });
  expect(estimated(rows, { ...asked, image_size: 9 })).toBeNull();
});

it('guesses by the number of images where no training was on the same data, and says so', () => {
  const other = (minutes: number, images: number) =>
    ended(minutes, { train_images: images, pool: 'gpu', device: 'NVIDIA H200' }, { dataset: 'others@1' });
  const asked = { ...ended(0).config, dataset: 'new', epochs: 20 };
  const rows = [other(10, 100), other(40, 400), other(20, 100)];
  expect(estimated(rows, asked)).toBeNull();
  const guess = estimated(rows, asked, 300)!;
  expect(guess).toEqual({ ms: 60 * 60_000, by: 3, guess: true, pool: 'gpu', device: 'NVIDIA H200' });
  expect(estimated(rows, { ...asked, device: 'cpu' }, 300)).toBeNull();
  const gpu = { currency: 'KRW', hour: 3_200_000_000, devices: { h200: 9_000_000_000 } };
  const cost = costOf(guess, { gpu })!;
  expect(money(cost.cost, cost.currency, 'ko')).toBe('₩9,000');
  expect(costOf(guess, { cpu: gpu })).toBeNull();
});

it('counts who waits and who is at work', () => {
  const of = (status: JobRow['status']) => ended(1, { status });
  const rows = (['requested', 'queued', 'training', 'finished'] as const).map(of);
  expect(queue(rows)).toEqual({ waiting: 2, running: 1 });
});
