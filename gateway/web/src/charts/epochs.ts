// The curves of a job's epochs, and which of its measurements belong on one chart. Pure.
import { isShare } from '../lib/format';
import type { EpochRow } from '../wire/rows';
import type { Curve } from './chart-data';

export type ValueOf = (epoch: EpochRow) => number | undefined;

/** A point for each epoch that has the value. */
export function epochCurve(
  epochs: readonly EpochRow[],
  label: string,
  tone: number,
  value: ValueOf,
  style: Curve['style'] = 'line',
): Curve {
  const found = epochs.filter((epoch) => value(epoch) !== undefined);
  const points = { xs: found.map((epoch) => epoch.epoch), ys: found.map((epoch) => value(epoch)!) };
  return { label, tone, style, points };
}

export interface SortedOut {
  /** What the job is judged by, first, and what is like it: shares, or what are none. */
  scores: string[];
  /** What is not like it: on one axis with it, one of them would be a line along the edge. */
  others: string[];
  /** Parts of the loss. */
  parts: string[];
  /** By the size of objects. */
  sizes: string[];
  /** Of a detector they hold at one confidence, and jump where few answers reach it. */
  apart: string[];
}

export function sortedOut(names: readonly string[], primary: string | null): SortedOut {
  const sizes = names.filter((name) => /^ap_(small|medium|large)$/.test(name));
  const apart = names.includes('ap50') ? names.filter((name) => /^(precision|recall)$/.test(name)) : [];
  const [first, ...rest] = names
    .filter((name) => !name.endsWith('loss') && !sizes.includes(name) && !apart.includes(name))
    .sort((a, b) => Number(b === primary) - Number(a === primary));
  const isAlike = (name: string) => isShare(name) === isShare(first ?? '');
  const scores = first === undefined ? [] : [first, ...rest.filter(isAlike)];
  return {
    scores,
    others: rest.filter((name) => !isAlike(name)),
    sizes,
    apart,
    parts: names.filter((name) => name.endsWith('_loss')),
  };
}
