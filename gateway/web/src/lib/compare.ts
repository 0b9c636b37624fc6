// What jobs that stand side by side have in common, and which of them is better at what. Pure.
import type { EpochRow, JobRow } from '../wire/rows';
import { isShare, measurement, significant } from './format';

export const valuesOf = (row: JobRow): Record<string, number> => row.best ?? row.last ?? {};

/** The measurements that all of them have that have any; one that only some have says nothing of the others. */
export function inCommon(rows: readonly JobRow[]): string[] {
  const measured = rows.map(valuesOf).filter((values) => Object.keys(values).length > 0);
  const names = Object.keys(measured[0] ?? {});
  return names.filter((name) => measured.every((values) => values[name] !== undefined)).sort();
}

/** What a curve is of: a measurement on validation or on training images. */
export interface Shared {
  name: string;
  of: 'validation' | 'train';
}

/** The curves that all of them have that have any: what they are judged by first, training last. */
export function sharedCurves(curves: readonly (readonly EpochRow[])[], primary: string | null): Shared[] {
  const begun = curves.filter((epochs) => epochs.length > 0);
  return (['validation', 'train'] as const).flatMap((of) => {
    const names = begun.map((epochs) => new Set(epochs.flatMap((epoch) => Object.keys(epoch[of]))));
    return [...(names[0] ?? [])]
      .filter((name) => names.every((others) => others.has(name)))
      .sort((a, b) => Number(b === primary) - Number(a === primary) || a.localeCompare(b))
      .map((name) => ({ name, of }));
  });
}

/** Of a share the most is best, of a loss the least; of anything else nobody knows. */
export function bestOf(name: string, values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2 || new Set(known).size < 2) return null;
  if (isShare(name)) return Math.max(...known);
  return /loss/i.test(name) ? Math.min(...known) : null;
}

/** How far it is from the baseline, with its sign: of shares in points of a percent. */
export function delta(name: string, value: number, baseline: number): string {
  const by = value - baseline;
  if (by === 0) return '±0';
  const size = isShare(name) ? measurement(name, Math.abs(by)).replace(' %', ' %p') : significant(Math.abs(by));
  return `${by > 0 ? '+' : '−'}${size}`;
}
