// What a proposal says before it is approved: what cannot be, how long it may take, and who waits before it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { flawOf, RANGES } from '../../src/lib/config';
import { queue } from '../../src/lib/queue';
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
it('counts who waits and who is at work', () => {
  const of = (status: JobRow['status']): JobRow => ({ ...template, status });
  const rows = (['requested', 'queued', 'training', 'finished'] as const).map(of);
  expect(queue(rows)).toEqual({ waiting: 2, running: 1 });
});
