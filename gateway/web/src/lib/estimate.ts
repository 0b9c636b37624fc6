// How long a training may take and what it costs then, by those like it that have ended. Pure.
import { priceOf } from '../live/spending';
import type { Prices } from '../wire/api';
import type { JobRow, TrainingConfig } from '../wire/rows';
import { elapsed } from './format';

/** Trainings that are looked at, the newest first. */
const LIKE_IT = 5;

export interface Estimate {
  ms: number;
  /** So many trainings say so. */
  by: number;
  /** They were on other data: time is taken to grow with the number of images. */
  guess: boolean;
  /** Where the newest of them ran. */
  pool: JobRow['pool'];
  device: string | null;
}

/** Without the version: another one is about as large. */
const named = (dataset: string | null) => (dataset ?? '').replace(/@[^/@]*$/, '');

/** Each epoch goes through the same network, on the same kind of device, with images as large. */
function isLike(row: JobRow, config: TrainingConfig): boolean {
  return (
    row.config.model === config.model &&
    row.config.image_size === config.image_size &&
    (config.device === 'auto' || row.pool === null || row.pool === config.device)
  );
}

/** Null where no training says anything; `images` is how many the dataset trains on, if that is known. */
export function estimated(
  rows: readonly JobRow[],
  config: TrainingConfig,
  images: number | null = null,
): Estimate | null {
  const ended = rows.filter(
    (row) =>
      row.status === 'finished' &&
      row.attempt === 1 &&
      row.epochs_done > row.resumed_epoch &&
      row.started_at !== null &&
      isLike(row, config),
  );
  const same = ended.filter((row) => named(row.config.dataset) === named(config.dataset));
  const guess = same.length === 0;
  const known = guess ? ended.filter((row) => images && row.train_images) : same;
  const looked = known.slice(0, LIKE_IT);
  const newest = looked[0];
  if (!newest) return null;
  const each = looked.map((row) => {
    const epoch = elapsed(row, 0)! / (row.epochs_done - row.resumed_epoch);
    return guess ? (epoch * images!) / row.train_images! : epoch;
  });
  each.sort((a, b) => a - b);
  const left = config.epochs - (config.continues?.checkpoint.epoch ?? 0);
  const ms = each[Math.floor(each.length / 2)]! * Math.max(0, left);
  return { ms, by: looked.length, guess, pool: newest.pool, device: newest.device };
}

/** Millionths, and of what currency; null where nothing has a price. */
export function costOf(estimate: Estimate, prices: Prices['prices']): { cost: number; currency: string } | null {
  const price = estimate.pool && prices[estimate.pool];
  if (!price) return null;
  return { cost: (estimate.ms * priceOf(price, estimate.device)) / 3_600_000, currency: price.currency };
}

/** Jobs that wait, and those that are at work. */
export function queue(rows: readonly JobRow[]): { waiting: number; running: number } {
  const are = (...status: JobRow['status'][]) => rows.filter((row) => status.includes(row.status)).length;
  return { waiting: are('requested', 'queued'), running: are('starting', 'training', 'cancelling') };
}
