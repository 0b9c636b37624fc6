// From curves to what a chart draws: one axis, aligned columns, and no more points than can be seen. Pure.

/** Columns that a curve is summed up in; each gives its lowest and its highest point. */
const COLUMNS = 1_200;

export interface Curve {
  label: string;
  /** Which colour of the palette. */
  tone: number;
  style: 'line' | 'faint' | 'dashed';
  points: { xs: ArrayLike<number>; ys: ArrayLike<number> };
}

export interface ChartData {
  /** The x of every row, ascending, then one column for each curve; null where a curve has no point. */
  columns: (number | null)[][];
  /** Points of the curves before they were summed up. */
  points: number;
}

/** The points of `curves`, `scale` times as far right, up to `end`. */
export function toChartData(curves: readonly Curve[], scales: readonly number[] = [], end = Infinity): ChartData {
  const thinned = curves.map((curve, index) => summedUp(curve.points, scales[index] ?? 1, end));
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
function summedUp(points: Curve['points'], scale: number, end: number): { xs: number[]; ys: number[] } {
  const { xs, ys } = points;
  let length = xs.length;
  while (length > 0 && xs[length - 1]! * scale > end) length -= 1;
  const found: { xs: number[]; ys: number[] } = { xs: [], ys: [] };
  const keep = (at: number) => {
    found.xs.push(xs[at]! * scale);
    found.ys.push(ys[at]!);
  };
  if (length <= 2 * COLUMNS) {
    for (let at = 0; at < length; at += 1) if (Number.isFinite(ys[at])) keep(at);
    return found;
  }
  for (let column = 0; column < COLUMNS; column += 1) {
    const from = Math.floor((column * length) / COLUMNS);
    const to = Math.floor(((column + 1) * length) / COLUMNS);
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

/** The path of a sparkline in a box, its range, and nothing else. */
export function sparkline(values: readonly number[], width: number, height: number): string {
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const y = (value: number) => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  return values.map((value, at) => `${at === 0 ? 'M' : 'L'}${(at * step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
}
