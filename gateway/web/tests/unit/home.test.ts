// What is seen first: the best of each dataset, what went wrong and is not mended, and what there is to begin with.
import { describe, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { sharedCurves } from '../../src/lib/compare';
import { bestByDataset, unmended } from '../../src/lib/home';
import { drawings, EACH, SHAPES, SIDE } from '../../src/lib/sample';
import type { EpochRow, JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const job = (number: number, changes: Partial<JobRow> = {}): JobRow => ({
  ...template,
  id: `id-${number}`,
  number,
  status: 'finished',
  primary: 'accuracy',
  best: { accuracy: number / 10 },
  dataset: 'digits',
  ...changes,
});

describe('the best of a dataset', () => {
  it('is by what its jobs are judged by: the most of a share, the least of a loss', () => {
    const detector = { primary: 'ap', best: { ap: 0.3 } };
    const loss = (value: number) => ({ dataset: 'depth', primary: 'loss', best: { loss: value } });
    const rows = [job(9, loss(0.5)), job(8, loss(0.2)), job(7, detector), job(5), job(6), job(4)];
    const found = bestByDataset(rows).map(({ row, name, jobs }) => [row.number, name, jobs]);
    expect(found).toEqual([
      [8, 'loss', 2],
      [7, 'ap', 1],
      [6, 'accuracy', 3],
    ]);
  });

  it('is none that still runs, has measured nothing, or is judged by what nobody can compare', () => {
    const other = { primary: 'colour_error', best: { colour_error: 3 } };
    expect(bestByDataset([job(1, { status: 'training' }), job(2, { best: null, last: null }), job(3, other)])).toEqual(
      [],
    );
  });
});

it('tells of failures until the same model on the same dataset has gone past them', () => {
  const failed = (number: number, changes: Partial<JobRow> = {}) => job(number, { status: 'failed', ...changes });
  const rows = [
    failed(9),
    job(8),
    failed(7),
    failed(6, { dataset: 'trees' }),
    job(5, { status: 'cancelled', dataset: 'trees' }),
  ];
  expect(unmended(rows).map((row) => row.number)).toEqual([9, 6]);
});

it('does not come back to what was put away', () => {
  const annotation = { ...template.annotation, archived: true };
  expect(bestByDataset([job(2, { annotation }), job(1)]).map(({ row }) => row.number)).toEqual([1]);
  expect(unmended([job(2, { status: 'failed', annotation })])).toEqual([]);
});

describe('curves that are compared', () => {
  const epoch = (validation: Record<string, number>, train: Record<string, number> = {}) =>
    ({ epoch: 1, validation, train }) as unknown as EpochRow;

  it('are those that all have, what they are judged by first, and of what they were measured on', () => {
    const some = [epoch({ loss: 1, accuracy: 0.5, f1: 1 }, { loss: 1 })];
    const others = [epoch({ accuracy: 0.4, loss: 2 }, { loss: 2, rate: 1 })];
    expect(sharedCurves([some, others, []], 'accuracy').map(({ name, of }) => `${of} ${name}`)).toEqual([
      'validation accuracy',
      'validation loss',
      'train loss',
    ]);
    expect(sharedCurves([[], []], null)).toEqual([]);
  });
});

it('begins with drawings that are the same for everybody, each whole', () => {
  const all = drawings();
  expect(all).toEqual(drawings());
  expect(new Set(all.map(({ name }) => name)).size).toBe(EACH * SHAPES.length);
  for (const { x, y, radius } of all) {
    expect(Math.min(x, y) - radius).toBeGreaterThanOrEqual(0);
    expect(Math.max(x, y) + radius).toBeLessThanOrEqual(SIDE);
  }
});
