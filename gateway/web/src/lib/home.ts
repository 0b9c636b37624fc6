// What is worth seeing first: the best job of each dataset, and what went wrong and was not mended since. Pure.
import type { JobRow } from '../wire/rows';
import { isShare, mainMeasurement } from './format';

export interface Best {
  /** Of what it is the best: a dataset's id with the name of a measurement. */
  key: string;
  row: JobRow;
  name: string;
  value: number;
  /** Jobs that it is the best of. */
  jobs: number;
}

/** Of a share the most is best, of a loss the least; of anything else nobody knows. */
export function isBetter(name: string, value: number, than: number): boolean | null {
  if (isShare(name)) return value > than;
  return /loss/i.test(name) ? value < than : null;
}

/** Finished jobs by what they were trained on and judged by, without those that were put away; what was trained on last comes first. */
export function bestByDataset(rows: readonly JobRow[]): Best[] {
  const found = new Map<string, Best>();
  for (const row of rows) {
    const main = row.status === 'finished' && !row.annotation.archived ? mainMeasurement(row) : null;
    if (!main || isBetter(main.name, 0, 0) === null) continue;
    const key = `${row.dataset} ${main.name}`;
    const before = found.get(key);
    if (!before) found.set(key, { key, row, ...main, jobs: 1 });
    else {
      before.jobs += 1;
      if (isBetter(main.name, main.value, before.value)) Object.assign(before, { row, ...main });
    }
  }
  return [...found.values()];
}

/** Failed jobs, the newest first, but for those that were put away, or that the same model on the same dataset has gone past since. */
export function unmended(rows: readonly JobRow[]): JobRow[] {
  const past = new Map<string, number>();
  const key = (row: JobRow) => `${row.dataset} ${row.config.model}`;
  for (const row of rows) {
    if (row.status === 'failed' || row.status === 'cancelled') continue;
    past.set(key(row), Math.max(row.number, past.get(key(row)) ?? 0));
  }
  return rows
    .filter((row) => row.status === 'failed' && !row.annotation.archived && row.number > (past.get(key(row)) ?? 0))
    .sort((a, b) => b.number - a.number);
}
