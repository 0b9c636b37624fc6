// From curves to what a chart draws: one axis, aligned columns, and no more points than can be seen. Pure.

/** Columns that a curve is summed up in; each gives its lowest and its highest point. */
const COLUMNS = 1_200;

export interface Curve {
  label: string;
  /** Which colour of the palette. */
  tone: number;
  style: 'line' | 'faint' | 'dashed';
  /** Its places are steps and not epochs. */
  stepwise?: boolean;
  points: { xs: ArrayLike<number>; ys: ArrayLike<number> };
}

export interface ChartData {
  /** The x of every row, ascending, then one column for each curve; null where a curve has no point. */
  columns: (number | null)[][];
  /** Points of the curves before they were summed up. */
  points: number;
}

/** A part of the axis. */
export type Range = readonly [number, number];
const EVERYTHING: Range = [-Infinity, Infinity];

/** The points of `curves`, `scale` times as far right, up to `end`: those in `range`, and one on either side of it. */
export function toChartData(
  curves: readonly Curve[],
  scales: readonly number[] = [],
  end = Infinity,
  range: Range | null = null,
): ChartData {
  const thinned = curves.map((curve, index) => summedUp(curve.points, scales[index] ?? 1, end, range ?? EVERYTHING));
  const places = new Map<number, number>();
  const xs = [...new Set(thinned.flatMap((curve) => curve.xs))].sort((a, b) => a - b);
  xs.forEach((x, at) => places.set(x, at));
  const columns: (number | null)[][] = [xs];
  for (const curve of thinned) {
    const column: (number | null)[] = new Array(xs.length).fill(null);
    curve.xs.forEach((x, at) => (column[places.get(x)!] = curve.ys[at]!));
    columns.push(column);
  }
  return { columns, points: curves.reduce((sum, curve) => sum + curve.points.xs.length, 0) };
}

/** Lowest and highest of every column, in order, so that no peak is lost. */
function summedUp({ xs, ys }: Curve['points'], scale: number, end: number, [left, right]: Range) {
  const begin = Math.max(0, before(xs, (x) => x * scale < left) - 1);
  const stop = Math.min(
    before(xs, (x) => x * scale <= end),
    before(xs, (x) => x * scale <= right) + 1,
  );
  const length = Math.max(0, stop - begin);
  const found: { xs: number[]; ys: number[] } = { xs: [], ys: [] };
  const keep = (at: number) => {
    found.xs.push(xs[at]! * scale);
    found.ys.push(ys[at]!);
  };
  if (length <= 2 * COLUMNS) {
    for (let at = begin; at < stop; at += 1) if (Number.isFinite(ys[at])) keep(at);
    return found;
  }
  for (let column = 0; column < COLUMNS; column += 1) {
    const from = begin + Math.floor((column * length) / COLUMNS);
    const to = begin + Math.floor(((column + 1) * length) / COLUMNS);
    let [low, high] = [-1, -1];
    for (let at = from; at < to; at += 1) {
      const y = ys[at]!;
      if (!Number.isFinite(y)) continue;
      if (low < 0 || y < ys[low]!) low = at;
      if (high < 0 || y > ys[high]!) high = at;
    }
    if (low < 0) continue;
    keep(Math.min(low, high));
    if (low !== high) keep(Math.max(low, high));
  }
  return found;
}

/** How many of the first values, which are in order, `is` takes. */
function before(xs: ArrayLike<number>, is: (x: number) => boolean): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(xs[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A curve with all that is known of a part of it in the place of what it had there. */
export function refined(rough: Curve['points'], fine: Curve['points']): Curve['points'] {
  if (fine.xs.length === 0) return rough;
  const [first, last] = [fine.xs[0]!, fine.xs[fine.xs.length - 1]!];
  const [left, right] = [before(rough.xs, (x) => x < first), before(rough.xs, (x) => x <= last)];
  const join = (some: ArrayLike<number>, others: ArrayLike<number>) => {
    const all = new Float64Array(left + others.length + some.length - right);
    for (let at = 0; at < left; at += 1) all[at] = some[at]!;
    all.set(others, left);
    for (let at = right; at < some.length; at += 1) all[left + others.length + at - right] = some[at]!;
    return all;
  };
  return { xs: join(rough.xs, fine.xs), ys: join(rough.ys, fine.ys) };
}

/** The part of the axis after a key: nearer, further, left and right; null shows everything. */
export function moved(range: Range | null, [first, last]: Range, key: string): Range | null {
  const [from, to] = range ?? [first, last];
  const [width, middle] = [to - from, (from + to) / 2];
  const around = (half: number): Range | null => {
    const [left, right] = [Math.max(first, middle - half), Math.min(last, middle + half)];
    return left <= first && right >= last ? null : [left, right];
  };
  const shifted = (by: number): Range | null => {
    const fits = Math.min(Math.max(by, first - from), last - to);
    return range && [from + fits, to + fits];
  };
  switch (key) {
    case '+':
    case '=':
      return around(width / 4);
    case '-':
      return around(width);
    case 'ArrowLeft':
      return shifted(-width / 4);
    case 'ArrowRight':
      return shifted(width / 4);
    case 'Escape':
      return null;
    default:
      return range;
  }
}

/** The row that a curve is read at for a place of the axis: its first point there or right of it, else its last one. So
 * that every chart says the same of an epoch, whether it has a point for each step or for each epoch. */
export function readAt(xs: readonly (number | null)[], ys: readonly (number | null)[], x: number): number | null {
  const from = before(xs as number[], (one) => one < x);
  for (let at = from; at < xs.length; at += 1) if (isPoint(ys[at])) return at;
  for (let at = Math.min(from, xs.length) - 1; at >= 0; at -= 1) if (isPoint(ys[at])) return at;
  return null;
}

const isPoint = (y: number | null | undefined) => y !== null && y !== undefined;

/** The running mean of a curve, in which each point counts `weight` times as much as the one after it; 0 is the curve
 * itself. The first points are not drawn to nought. */
export function smoothed({ xs, ys }: Curve['points'], weight: number): Curve['points'] {
  const out = new Float64Array(ys.length);
  let [mean, count] = [0, 0];
  for (let at = 0; at < ys.length; at += 1) {
    if (Number.isFinite(ys[at])) [mean, count] = [weight * mean + (1 - weight) * ys[at]!, weight * count + 1 - weight];
    out[at] = count === 0 ? NaN : mean / count;
  }
  return { xs, ys: out };
}

/** The curve as it was, faint, and over it its running mean, called `label`; the curve alone where no mean is wanted. */
export function withMean(curve: Curve, weight: number, label: string, tone = curve.tone): Curve[] {
  if (weight === 0) return [curve];
  const style = curve.style === 'faint' ? 'line' : curve.style;
  return [
    { ...curve, style: 'faint' },
    { ...curve, label, tone, style, points: smoothed(curve.points, weight) },
  ];
}

/** The path of a sparkline in a box, and nothing else: from its least to its greatest, or on a scale that is given. */
export function sparkline(
  values: readonly number[],
  width: number,
  height: number,
  scale: readonly [low: number, high: number] = [Math.min(...values), Math.max(...values)],
): string {
  if (values.length === 0) return '';
  const [low, high] = scale;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const y = (value: number) => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  return values.map((value, at) => `${at === 0 ? 'M' : 'L'}${(at * step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
}
