// What a threshold leaves of answers, and how sure they are, held against numbers that were counted by hand.
import { describe, expect, it } from 'vitest';
import { answeredOf, type Answered } from '../../src/lib/report';
import { bestThreshold, bins, calibrationError, leftFrom } from '../../src/lib/thresholds';

/** Counts by per cent: `{ 90: 3 }` is three of 90 %. */
function counts(some: Record<number, number>): number[] {
  return Array.from({ length: 100 }, (_, percent) => some[percent] ?? 0);
}
const cat: Answered = { name: 'cat', support: 4, answers: counts({ 90: 3, 20: 3 }), right: counts({ 90: 3, 20: 1 }) };
const dog: Answered = { name: 'dog', support: 2, answers: counts({ 99: 2, 5: 2 }), right: counts({ 99: 1 }) };

describe('a threshold', () => {
  const left = leftFrom([cat, dog]);

  it('leaves what is at least as sure', () => {
    expect(left[0]).toEqual({ precision: 0.5, recall: 5 / 6, f1: expect.closeTo(0.625), answers: 10 });
    expect(left[21]).toMatchObject({ precision: 4 / 5, recall: 4 / 6, answers: 5 });
    expect(left[90]).toEqual(left[21]);
    expect(left[91]).toMatchObject({ precision: 1 / 2, recall: 1 / 6, answers: 2 });
  });

  it('is best where precision and recall are, and the surest of equal ones', () => {
    expect(bestThreshold(left)).toBe(90);
    expect(bestThreshold(leftFrom([]))).toBeNull();
  });

  it('says nothing where there is nothing', () => {
    expect(leftFrom([{ ...cat, support: 0, answers: counts({}), right: counts({}) }])[50]).toEqual({
      precision: null,
      recall: null,
      f1: null,
      answers: 0,
    });
  });
});

describe('being sure', () => {
  it('is held against being right', () => {
    expect(bins([cat])).toEqual([
      { confidence: expect.closeTo(0.205), right: expect.closeTo(1 / 3), answers: 3 },
      { confidence: expect.closeTo(0.905), right: 1, answers: 3 },
    ]);
    expect(calibrationError(bins([cat]))).toBeCloseTo((Math.abs(1 / 3 - 0.205) + 0.095) / 2);
    expect(calibrationError([])).toBeNull();
  });
});

describe('a report', () => {
  const one = (confidence: unknown) => ({ name: 'cat', support: 4, confidence });

  it('is read as it is', () => {
    const report = { classes: [one({ answers: cat.answers, right: cat.right })] };
    expect(answeredOf(report)).toEqual([cat]);
  });

  it('of a trainer that does not say so, or says it of some, says nothing', () => {
    const whole = one({ answers: cat.answers, right: cat.right });
    for (const classes of [[one(undefined)], [one({ answers: [1], right: [1] })], [whole, one(null)], 'none']) {
      expect(answeredOf({ classes })).toEqual([]);
    }
    const absent = { name: 'bird', support: 0, confidence: { answers: [], right: [] } };
    expect(answeredOf({ classes: [whole, absent] })).toEqual([cat]);
  });
});
