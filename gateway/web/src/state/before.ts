// The epochs that a job goes on from: those of the job that it continues, and of the one before that.
import type { JobAnswer } from '../wire/api';
import type { EpochRow, JobRow } from '../wire/rows';
import { session } from './session.svelte';

/** Jobs that are read, one after the other. */
const JOBS = 10;

/** Up to the checkpoint that the job began at, in order. */
export async function epochsBefore(row: JobRow): Promise<EpochRow[]> {
  const found: EpochRow[] = [];
  let from = row.config.continues;
  for (let read = 0; from && read < JOBS; read += 1) {
    const { job, epochs } = await session.api.get<JobAnswer>(`/v1/jobs/${from.job}`);
    const begun = job.config.continues?.checkpoint.epoch ?? 0;
    const last = from.checkpoint.epoch;
    found.unshift(...epochs.filter(({ epoch }) => epoch > begun && epoch <= last));
    from = job.config.continues;
  }
  return found;
}
