// Folds events into the curve of a job, as the projections do.
import { subjectId, type PublicEvent } from '../events';
import type { EpochRow } from '../../wire/rows';

/** The curve after an event that counted for its job, in order of epoch; the same array if nothing changed. */
export function foldEpochs(curve: readonly EpochRow[], event: PublicEvent): readonly EpochRow[] {
  const next = [...curve];
  return foldInto(next, event) ? next : curve;
}

/** The same in place, for who owns the curve; says whether anything changed. */
export function foldInto(curve: EpochRow[], event: PublicEvent): boolean {
  if (event.kind === 'job.attempt_started') return cut(curve, event.body.resume?.epoch ?? 0).length > 0;
  if (event.kind !== 'job.epoch_logged') return false;
  const { epoch, token, train, validation, is_best, learning_rate, seconds } = event.body;
  const { tenant, at, sequence } = event;
  const job = subjectId(event);
  const row = { tenant, job, epoch, token, train, validation, is_best, learning_rate, seconds, at, sequence };
  // Nearly always the next one; else what it replaces goes, and what is later stays.
  const later = cut(curve, epoch - 1).filter((other) => other.epoch !== epoch);
  curve.push(row, ...later);
  return true;
}

/** Takes away the epochs after `epoch`, and gives them back. */
function cut(curve: EpochRow[], epoch: number): EpochRow[] {
  let length = curve.length;
  while (length > 0 && curve[length - 1]!.epoch > epoch) length -= 1;
  return curve.splice(length);
}
