// What a report says of the test images beside the validation images, and how a model was asked over a day.
import { expect, it } from 'vitest';
import { callsOfDay } from '../../src/lib/calls';
import { isWanted, ofSample } from '../../src/lib/gallery';
import { ofTest, samples, scenes } from '../../src/lib/report';

const confidence = { answers: Array(100).fill(1), right: Array(100).fill(0) };
const one = { name: 'cat', precision: 0.5, recall: 0.25, support: 3, confidence };

it('has test images only where the report has', () => {
  for (const report of [null, {}, { test: null }, { test: 'yes' }, { classes: [one] }])
    expect(ofTest(report)).toBe(null);
  const test = {
    classes: [one],
    rows: ['cat', 'background'],
    confusion_matrix: [
      [2, 1],
      [4, 0],
    ],
  };
  const told = ofTest({ classes: [], test })!;
  expect(told.scores[0]).toMatchObject({ name: 'cat', precision: 0.5, support: 3, ap: null });
  expect(told.answered[0]!.answers).toHaveLength(100);
  expect(told.matrix).toEqual({
    classes: ['cat', 'background'],
    counts: [
      [2, 1],
      [4, 0],
    ],
  });
  expect(told.curves).toBe(null);
  const curve = { iou: 0.5, recall: [0, 1], classes: [{ name: 'cat', ap50: 0.5, precision: [1, 0] }] };
  expect(ofTest({ test: { ...test, pr_curve: curve } })!.curves).toEqual(curve);
  expect(ofTest({ test: { ...test, confusion_matrix: [[1]] } })!.matrix).toBe(null);
});

it('finds the images of one split, those of older reports being of validation', () => {
  const answer = { truth: 'cat', answer: 'dog', confidence: 0.9 };
  const told = samples([
    { path: 'a', ...answer },
    { path: 'b', split: 'test', ...answer },
    { path: 'c', split: 'nonsense', ...answer },
  ]);
  const paths = (split: 'validation' | 'test' | null) =>
    told
      .map(ofSample)
      .filter((shown) => isWanted(shown, { truth: 'cat', answer: '', only: 'wrong', split }))
      .map(({ path }) => path);
  expect(paths('test')).toEqual(['b']);
  expect(paths('validation')).toEqual(['a', 'c']);
  expect(paths(null)).toEqual(['a', 'b', 'c']);
  const scene = { path: 'a', split: 'test', width: 8, height: 8, truths: [], predictions: [] };
  expect(scenes([scene])[0]!.split).toBe('test');
});

it('puts the calls of a day where they were, and nothing where nobody asked', () => {
  const now = Date.parse('2026-11-30T12:02:30Z');
  const at = (at: string, answered: number) => ({ at, answered, refused: 1, sum_ms: 1, most_ms: 1 });
  const calls = callsOfDay(
    [
      at('2026-11-29T12:00:00Z', 7),
      at('2026-11-29T12:05:00Z', 2),
      at('2026-11-30T12:00:00Z', 4),
      at('2026-11-30T12:05:00Z', 9),
    ],
    now,
  );
  expect(calls).toHaveLength(288);
  expect([calls[0], calls[286], calls[287]]).toEqual([3, 0, 5]);
  expect(calls.reduce((sum, value) => sum + value, 0)).toBe(8);
});
