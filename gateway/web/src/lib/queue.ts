// Who waits, and who is at work. Pure.
import type { JobRow } from '../wire/rows';

/** Jobs that wait, and those that are at work. */
export function queue(rows: readonly JobRow[]): { waiting: number; running: number } {
  const are = (...status: JobRow['status'][]) => rows.filter((row) => status.includes(row.status)).length;
  return { waiting: are('requested', 'queued'), running: are('starting', 'training', 'cancelling') };
}
