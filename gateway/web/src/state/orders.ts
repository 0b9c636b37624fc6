// What is asked for a job from more than one place.
import type { JobPatch, Ordered } from '../wire/api';
import type { JobRow } from '../wire/rows';
import { router } from './router.svelte';
import { session } from './session.svelte';

/** A stopped job goes on from its checkpoint, as a new one, whose page is shown. */
export async function resume(row: JobRow): Promise<void> {
  const made = await session.api.post<Ordered>(`/v1/jobs/${row.id}/resume`);
  router.go(`/jobs/${made.job.number ?? made.job.id}`);
}

/** Whether there is something to go on from. */
export const mayResume = (row: JobRow): boolean =>
  (row.status === 'failed' || row.status === 'cancelled') && row.checkpoint !== null;

/** Its model answers from now on. */
export const deploy = (job: string): Promise<unknown> => session.api.post(`/v1/jobs/${job}/deploy`);

/** And no more. */
export const withdraw = (job: string): Promise<unknown> => session.api.delete(`/v1/jobs/${job}/deploy`);

/** Says something of a job; what is left out stays. The socket tells of it. */
export const annotate = (row: JobRow, patch: JobPatch): Promise<unknown> =>
  session.api.patch(`/v1/jobs/${row.id}`, patch);
