// Curves in bounded memory, and as few points as can be seen, with every peak.
import { describe, expect, it } from 'vitest';
import { Series, SERIES_POINTS } from '../../src/charts/series';
import { moved, refined, sparkline, toChartData, type Curve } from '../../src/charts/chart-data';

const curve = (xs: number[], ys: number[]): Curve => ({ label: 'one', tone: 0, style: 'line', points: { xs, ys } });

describe('a series', () => {
  it('keeps a million points, and after that every second, fourth, eighth', () => {
    const series = new Series();
    for (let x = 1; x <= 2_500_000; x += 1) series.push(x, x);
    expect(series.length).toBeGreaterThan(SERIES_POINTS / 2);
    expect(series.length).toBeLessThanOrEqual(SERIES_POINTS);
    const xs = series.xs();
    expect(xs[xs.length - 1]).toBeGreaterThan(2_499_990);
    expect(xs.every((x, at) => at === 0 || x > xs[at - 1]!)).toBe(true);
  });

  it('goes back when a training starts again from a checkpoint', () => {
    const series = new Series();
    for (const [x, y] of [
      [1, 10],
      [2, 20],
      [3, 30],
      [2, 25],
      [3, 35],
    ] as const)
      series.push(x, y);
    expect([...series.xs()]).toEqual([1, 2, 3]);
    expect([...series.ys()]).toEqual([10, 25, 35]);
  });
});

describe('toChartData', () => {
  it('puts curves of different places on one axis', () => {
    const { columns } = toChartData([curve([1, 2], [5, 6]), curve([2, 3], [7, 8])]);
    expect(columns).toEqual([
      [1, 2, 3],
      [5, 6, null],
      [null, 7, 8],
    ]);
  });

  it('scales steps to epochs and stops at the end', () => {
    const { columns } = toChartData([curve([10, 20, 30], [1, 2, 3]), curve([1, 2, 3], [4, 5, 6])], [0.1, 1], 2);
    expect(columns).toEqual([
      [1, 2],
      [1, 2],
      [4, 5],
    ]);
  });

  it('sums a million points up and loses no peak', () => {
    const length = 1_000_000;
    const xs = Float64Array.from({ length }, (_, at) => at);
    const ys = Float64Array.from({ length }, (_, at) => (at === 654_321 ? 99 : at === 123_456 ? -99 : Math.sin(at)));
    const { columns, points } = toChartData([{ ...curve([], []), points: { xs, ys } }]);
    expect(points).toBe(length);
    expect(columns[0]!.length).toBeLessThanOrEqual(2_400);
    expect(Math.max(...(columns[1] as number[]))).toBe(99);
    expect(Math.min(...(columns[1] as number[]))).toBe(-99);
  });

  it('leaves out what is no number', () => {
    expect(toChartData([curve([1, 2, 3], [1, NaN, 3])]).columns).toEqual([
      [1, 3],
      [1, 3],
    ]);
    expect(toChartData([]).columns).toEqual([[]]);
  });
});

describe('a closer look', () => {
  it('gives a part of a million points all the detail there is, with a neighbour on either side', () => {
    const length = 1_000_000;
    const xs = Float64Array.from({ length }, (_, at) => at);
    const long: Curve = { ...curve([], []), points: { xs, ys: xs } };
    const { columns } = toChartData([long], [], Infinity, [5_000, 5_100]);
    expect(columns[0]).toEqual(Array.from({ length: 103 }, (_, at) => 4_999 + at));
    expect(toChartData([long], [], 5_050, [5_000, 5_100]).columns[0]!.at(-1)).toBe(5_050);
  });

  it('puts what was read of a part in the place of what was there', () => {
    const rough = { xs: [1, 10, 20, 30], ys: [1, 1, 1, 1] };
    const { xs, ys } = refined(rough, { xs: [9, 10, 11, 20], ys: [2, 2, 2, 2] });
    expect([...(xs as Float64Array)]).toEqual([1, 9, 10, 11, 20, 30]);
    expect([...(ys as Float64Array)]).toEqual([1, 2, 2, 2, 2, 1]);
    expect(refined(rough, { xs: [], ys: [] })).toBe(rough);
  });

  it('goes by keys, and never beyond the ends', () => {
    const all = [0, 100] as const;
    expect(moved(null, all, '+')).toEqual([25, 75]);
    expect(moved([25, 75], all, 'ArrowRight')).toEqual([37.5, 87.5]);
    expect(moved([80, 100], all, 'ArrowRight')).toEqual([80, 100]);
    expect(moved([0, 20], all, 'ArrowLeft')).toEqual([0, 20]);
    expect(moved([25, 75], all, '-')).toBeNull();
    expect(moved([25, 75], all, 'Escape')).toBeNull();
    expect(moved(null, all, 'ArrowLeft')).toBeNull();
    expect(moved(null, all, 'Tab')).toBeNull();
  });
});

it('draws sparklines of none, one and many values', () => {
  expect(sparkline([], 10, 10)).toBe('');
  expect(sparkline([3], 10, 10)).toBe('M0.0 5.0');
  expect(sparkline([0, 1], 10, 10)).toBe('M0.0 10.0L10.0 0.0');
});
