// Why a job waits: its row says what the scheduler decided or how the last attempt ended; until it is dispatched the
// gateway is asked as well, which sees the whole fleet, the whole queue and whether a dispatcher is there.
import { explain } from '../lib/api';
import type { JobAnswer } from '../wire/api';
import { i18n } from '../i18n/i18n.svelte';
import type { JobRow } from '../wire/rows';
import { session } from './session.svelte';

/** A reason is asked for again after this. */
const FRESH_MS = 15_000;
/** Jobs that are asked about at a time. */
const ASKED = 20;

/** As its row says, in the language of the page. */
export function whyItWaits(row: JobRow): string | null {
  return row.waiting_reason && i18n.why(row.waiting_because, row.waiting_reason);
}

class Waiting {
  /** Rows as the gateway told them, by their jobs. */
  private told = $state.raw<ReadonlyMap<string, JobRow>>(new Map());
  private askedAt = new Map<string, number>();
  private asking = false;

  /** In the language of the page. */
  reason(row: JobRow): string | null {
    const told = (row.status === 'requested' ? this.told.get(row.id) : null) ?? row;
    return whyItWaits(told);
  }

  /** Asks about those of the rows that wait to be dispatched. */
  want(rows: readonly JobRow[], now: number): void {
    if (this.asking) return;
    const waiting = rows.filter((row) => row.status === 'requested');
    const due = waiting.filter((row) => now - (this.askedAt.get(row.id) ?? -FRESH_MS) >= FRESH_MS).slice(0, ASKED);
    if (due.length > 0) void this.ask(due, now);
  }

  private async ask(rows: readonly JobRow[], now: number): Promise<void> {
    this.asking = true;
    const told = new Map(this.told);
    for (const { id } of rows) {
      this.askedAt.set(id, now);
      try {
        const { job } = await session.api.get<JobAnswer>(`/v1/jobs/${id}`);
        if (job.waiting_reason) told.set(id, job);
        else told.delete(id);
      } catch (error) {
        // The list is whole without it; it is asked for again soon.
        console.warn('no reason for job', id, explain(error).message);
      }
    }
    this.told = told;
    this.asking = false;
  }
}

export const waiting = new Waiting();
