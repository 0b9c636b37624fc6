// How curves are looked at, as the address says it, so that a link shows the same: smoothed, on a logarithmic scale.
import type { ChartData } from './chart-data';

/** How much of a running mean the curves are, from 0, which is none. */
export function smoothOf(query: URLSearchParams): number {
  return Math.min(0.99, Math.max(0, Number(query.get('smooth') ?? '') || 0));
}

/** Whether a logarithmic scale is asked for. */
export const isLogarithmic = (query: URLSearchParams) => query.get('scale') === 'log';

/** Whether these values can be on one: none is below nought, where there is no place, and not all of them are nought. */
export function canBeLogarithmic({ columns: [, ...curves] }: ChartData): boolean {
  const values = curves.flat().filter((value) => value !== null);
  return values.every((value) => value >= 0) && values.some((value) => value > 0);
}
