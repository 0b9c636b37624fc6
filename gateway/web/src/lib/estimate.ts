// How long a training may take, by those like it that have ended. Pure.
import type { JobRow, TrainingConfig } from '../wire/rows';
import { elapsed } from './format';

/** Trainings that are looked at, the newest first. */
const LIKE_IT = 5;

/** Without the version: another one is about as large. */
const named = (dataset: string | null) => (dataset ?? '').replace(/@[^/@]*$/, '');

/** Each epoch is of the same images, as large, through the same network. */
function isLike(row: JobRow, config: TrainingConfig): boolean {
  return (
    row.config.model === config.model &&
    named(row.config.dataset) === named(config.dataset) &&
    row.config.image_size === config.image_size
  );
}

/** Milliseconds, and how many trainings say so; null where none does. */
export function estimated(rows: readonly JobRow[], config: TrainingConfig): { ms: number; by: number } | null {
  const each: number[] = [];
  for (const row of rows) {
    const done = row.epochs_done - row.resumed_epoch;
    if (row.status !== 'finished' || row.attempt > 1 || done <= 0 || !isLike(row, config)) continue;
    each.push(elapsed(row, 0)! / done);
    if (each.length === LIKE_IT) break;
  }
  if (each.length === 0) return null;
  each.sort((a, b) => a - b);
  const left = config.epochs - (config.continues?.checkpoint.epoch ?? 0);
  return { ms: each[Math.floor(each.length / 2)]! * Math.max(0, left), by: each.length };
}

/** Jobs that wait, and those that are at work. */
export function queue(rows: readonly JobRow[]): { waiting: number; running: number } {
  const are = (...status: JobRow['status'][]) => rows.filter((row) => status.includes(row.status)).length;
  return { waiting: are('requested', 'queued'), running: are('starting', 'training', 'cancelling') };
}
