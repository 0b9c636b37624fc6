// Where the images of a dataset stand in their grid, and what is drawn over one of them. Pure.
import type { ImageLabel, ImageRow } from '../wire/api';

/** Pixels between two tiles, and the least width of one. */
export const GAP = 10;
const TILE = 148;
/** Below each picture: the name, and what is wrong with the image. */
export const WORDS = 46;
/** Rows above and below what is in sight that are drawn too. */
const MARGIN = 1;

export interface Grid {
  columns: number;
  /** Of a tile, and from one row to the next. */
  width: number;
  step: number;
}

export function gridOf(width: number): Grid {
  const columns = Math.max(2, Math.floor((width + GAP) / (TILE + GAP)));
  const tile = Math.max(1, (width - GAP * (columns - 1)) / columns);
  return { columns, width: tile, step: tile + WORDS + GAP };
}

/** The first tile that is drawn, and the one after the last. */
export function inSight({ columns, step }: Grid, top: number, height: number, tiles: number): [number, number] {
  const first = Math.max(0, Math.floor(top / step) - MARGIN);
  const last = Math.ceil((top + height) / step) + MARGIN;
  return [Math.min(first * columns, tiles), Math.min(last * columns, tiles)];
}

/** An outline as SVG has it; numbers without a partner are left out. */
export const points = (outline: readonly number[]) =>
  Array.from({ length: outline.length >> 1 }, (_, at) => `${outline[2 * at]},${outline[2 * at + 1]}`).join(' ');

/** A mask as the outlines of its stretches of each column: `runs` go down the columns, outside and inside in turns. */
export function maskPath(runs: readonly number[], height: number): string {
  const parts: string[] = [];
  let at = 0;
  for (const [index, run] of runs.entries()) {
    const end = at + run;
    if (index % 2 === 1 && run > 0 && height > 0) stretches(at, end, height, parts);
    at = end;
  }
  return parts.join('');
}

/** From one pixel up to another: what is left of a column, the whole columns, and what there is of the last. */
function stretches(from: number, to: number, height: number, parts: string[]): void {
  const box = (x: number, y: number, width: number, high: number) =>
    width > 0 && high > 0 && parts.push(`M${x} ${y}h${width}v${high}h${-width}z`);
  const [first, last] = [Math.floor(from / height), Math.floor(to / height)];
  if (first === last) {
    box(first, from % height, 1, to - from);
    return;
  }
  const whole = from % height === 0 ? first : first + 1;
  if (whole > first) box(first, from % height, 1, height - (from % height));
  box(whole, 0, last - whole, height);
  box(last, 0, 1, to % height);
}

/** Such as `cat`, or `cat 2, dog 1`, the most frequent first. */
export function counted(labels: readonly ImageLabel[]): string {
  const [only] = labels;
  if (labels.length === 1 && only && isOfImage(only)) return only.class;
  const counts = new Map<string, number>();
  labels.forEach((label) => counts.set(label.class, (counts.get(label.class) ?? 0) + 1));
  const order = [...counts].sort(([, a], [, b]) => b - a);
  return order.map(([name, times]) => `${name} ${times}`).join(', ');
}

export const isOfImage = (label: ImageLabel) => !label.box && !label.polygon && !label.keypoints && !label.mask;

/** The names of those that it is said to be the same as, or to look like. */
export function alike({ problems }: Pick<ImageRow, 'problems'>): string[] {
  const flaws = problems.flatMap((problem) => problem.flaws ?? []);
  const told = flaws.filter(({ code }) => code === 'same_image_as' || code === 'looks_like');
  return [...new Set(told.flatMap(({ path }) => (typeof path === 'string' ? path : [])))];
}

/** Zoom, as a factor of what fits. */
export const ZOOM_MAX = 16;
const ZOOM_STEP = 1.5;
export const zoomed = (zoom: number, steps: number) => Math.min(ZOOM_MAX, Math.max(1, zoom * ZOOM_STEP ** steps));

/** Where to scroll to, so that what was under the pointer stays there when everything grows by `growth`. */
export const stayedAt = (scroll: number, pointer: number, growth: number) => (scroll + pointer) * growth - pointer;
