// Every job the page knows: the newest from the socket, older ones page by page, all folded from the same events.
import { foldEpochs, foldJob, isEndpointEvent, isJobEvent, isTerminal } from '../live/fold';
import type { PublicEvent } from '../wire/events';
import { subjectId } from '../wire/events';
import type { EpochRow, JobRow, JobStatus } from '../wire/rows';
import { explain } from '../lib/api';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const PAGE_ROWS = 200;
/** Curves that are read at a time for the sparklines in sight. */
const CURVES_AT_ONCE = 3;

export type Group = 'all' | 'running' | 'waiting' | 'finished' | 'failed' | 'cancelled';
export const GROUPS: Record<Group, JobStatus[]> = {
  all: [],
  running: ['starting', 'training', 'cancelling'],
  waiting: ['requested', 'queued'],
  finished: ['finished'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

/** The words that the gateway searches, put together as it does. */
function words(row: JobRow): string {
  const { task, model, dataset } = row.config;
  return [`#${row.number}`, row.status, row.worker, task, model, dataset].filter((word) => word !== null).join(' ');
}

export function matches(row: JobRow, group: Group, search: string): boolean {
  const inGroup = group === 'all' || GROUPS[group].includes(row.status);
  return inGroup && (search === '' || words(row).toLowerCase().includes(search.toLowerCase()));
}

class Jobs {
  rows = $state.raw<ReadonlyMap<string, JobRow>>(new Map());
  ready = $state(false);
  problem = $state<string | null>(null);
  /** The smallest number that the unfiltered list reaches without a gap; 0 when it has the first job. */
  private floor = $state(Infinity);
  curves = $state.raw<ReadonlyMap<string, readonly EpochRow[]>>(new Map());
  private wanted: string[] = [];
  private asking = new Set<string>();
  private missing = new Set<string>();

  /** Newest first. */
  readonly list = $derived([...this.rows.values()].sort((a, b) => b.number - a.number));
  readonly byNumber = $derived(new Map(this.list.map((row) => [row.number, row])));

  follow(): () => void {
    return session.socket!.subscribe('jobs', {
      initial: (rows) => this.begin((rows as { jobs: JobRow[] }).jobs),
      events: (events) => this.take(events),
      failed: (message) => (this.problem = message),
    });
  }

  private begin(newest: JobRow[]): void {
    const rows = new Map(this.rows);
    // Rows further down may have changed while nobody listened: they are read again when they are looked at.
    if (this.ready) rows.clear();
    newest.forEach((row) => rows.set(row.id, row));
    this.rows = rows;
    this.floor = newest.length < PAGE_ROWS ? 0 : newest.at(-1)!.number;
    this.curves = new Map();
    this.problem = null;
    this.ready = true;
  }

  private take(events: PublicEvent[]): void {
    const rows = new Map(this.rows);
    let curves: Map<string, readonly EpochRow[]> | null = null;
    let number = this.list[0]?.number ?? 0;
    for (const event of events) {
      if (!isJobEvent(event) && !isEndpointEvent(event)) continue;
      const id = subjectId(event);
      const before = rows.get(id) ?? null;
      const after = foldJob(before, event, number + 1);
      if (after === before) {
        if (!before) this.missing.add(id);
        continue;
      }
      if (!before) number += 1;
      rows.set(id, after!);
      if (event.kind === 'job.epoch_logged') {
        curves ??= new Map(this.curves);
        const curve = curves.get(id);
        if (curve) curves.set(id, foldEpochs(curve, event));
      } else if (event.kind === 'job.attempt_started') {
        curves ??= new Map(this.curves);
        curves.delete(id);
      }
      if (before && !isTerminal(before.status) && isTerminal(after!.status)) toasts.ended(after!);
    }
    this.rows = rows;
    if (curves) this.curves = curves;
    this.missing.forEach((id) => void this.fetch(id));
    this.missing.clear();
  }

  /** A job by number or id, from the gateway if it is not here. */
  async fetch(reference: string | number): Promise<JobRow | null> {
    const known = typeof reference === 'number' ? this.byNumber.get(reference) : this.rows.get(reference);
    if (known) return known;
    const answer = await session.api.get<{ job: JobRow }>(`/v1/jobs/${reference}`);
    this.merge([answer.job]);
    return answer.job;
  }

  private merge(found: JobRow[]): void {
    const rows = new Map(this.rows);
    for (const row of found) {
      const known = rows.get(row.id);
      if (!known || known.sequence < row.sequence) rows.set(row.id, row);
    }
    this.rows = rows;
  }

  /** One page of a filtered list below `before`; answers where the next one begins, or null at the end. */
  async page(group: Group, search: string, before: number | null): Promise<number | null> {
    const query = { status: GROUPS[group].join(','), q: search, before, limit: PAGE_ROWS };
    const { jobs, next } = await session.api.get<{ jobs: JobRow[]; next: number | null }>('/v1/jobs', query);
    this.merge(jobs);
    return next;
  }

  /** Where the list from the socket ends; null if it is whole. */
  get end(): number | null {
    return this.floor === 0 || this.floor === Infinity ? null : this.floor;
  }

  /** Asks for the curves of rows in sight, a few at a time; what is not in sight any more is not asked for. */
  want(ids: string[]): void {
    this.wanted = ids.filter(
      (id) => !this.curves.has(id) && !this.asking.has(id) && (this.rows.get(id)?.epochs_done ?? 0) > 0,
    );
    this.askNext();
  }

  private askNext(): void {
    while (this.asking.size < CURVES_AT_ONCE) {
      const id = this.wanted.shift();
      if (id === undefined) return;
      this.asking.add(id);
      void this.askCurve(id);
    }
  }

  private async askCurve(id: string): Promise<void> {
    try {
      const { job, epochs } = await session.api.get<{ job: JobRow; epochs: EpochRow[] }>(`/v1/jobs/${id}`);
      this.merge([job]);
      this.curves = new Map(this.curves).set(id, epochs);
    } catch (error) {
      // A sparkline that is missing is not worth a message; the row itself is whole.
      console.warn('no curve for job', id, explain(error).message);
    } finally {
      this.asking.delete(id);
      this.askNext();
    }
  }
}

export const jobs = new Jobs();
