// Every job the page knows: the newest from the socket, older ones page by page, all folded from the same events.
import { isEndpointEvent, isJobEvent, subjectId, type PublicEvent } from '../live/events';
import { foldEpochs } from '../live/fold/epochs';
import { foldJob, isTerminal } from '../live/fold/job';
import type { JobAnswer, JobList } from '../wire/api';
import type { JobsRows } from '../wire/frames';
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

/** What ends a job. */
const ENDINGS = ['job.finished', 'job.failed', 'job.cancelled'];
const runs = (row: JobRow | undefined) => row !== undefined && !isTerminal(row.status);

export const inGroup = (row: JobRow, group: Group) => group === 'all' || GROUPS[group].includes(row.status);

export interface Narrowed {
  /** Only those that were put away. */
  archived?: boolean;
  /** As the gateway calls the order; empty is the newest first. */
  sort?: string;
}

class Jobs {
  /** Newest first; a new array whenever a row has changed. */
  list = $state.raw<readonly JobRow[]>([]);
  ready = $state(false);
  /** How often the list has begun anew, and forgotten what was not in it. */
  begun = $state(0);
  problem = $state<string | null>(null);
  /** The smallest number that the unfiltered list reaches without a gap; 0 when it has the first job. */
  private floor = $state(Infinity);
  curves = $state.raw<ReadonlyMap<string, readonly EpochRow[]>>(new Map());
  /** Why a curve that was asked for is not here; null when the last one came. */
  curvesProblem = $state.raw<{ message: string; nextStep: string } | null>(null);
  /** The rows of `list` by id: kept beside it, since thousands of rows are not to be copied in every frame. */
  private byId = new Map<string, JobRow>();
  private wanted: string[] = [];
  private asking = new Set<string>();

  get(id: string): JobRow | undefined {
    void this.list;
    return this.byId.get(id);
  }

  numbered(number: number): JobRow | undefined {
    const found = this.list[this.place(number)];
    return found?.number === number ? found : undefined;
  }

  follow(): () => void {
    return session.socket!.subscribe('jobs', {
      initial: (rows) => this.begin((rows as JobsRows).jobs),
      events: (events) => this.take(events),
      failed: (message) => (this.problem = message),
    });
  }

  /** Where in the list a job of this number is, or would be. */
  private place(number: number): number {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle]!.number > number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private begin(newest: JobRow[]): void {
    // Rows further down may have changed while nobody listened: they are read again when they are looked at.
    const before = this.byId;
    if (this.ready) [this.list, this.byId] = [[], new Map()];
    this.put(newest);
    // Those that came to an end while nobody listened.
    newest.filter((row) => isTerminal(row.status) && runs(before.get(row.id))).forEach((row) => toasts.ended(row));
    this.floor = newest.length < PAGE_ROWS ? 0 : newest.at(-1)!.number;
    this.curves = new Map();
    this.problem = null;
    this.ready = true;
    this.begun += 1;
  }

  /** Takes rows in that are newer than those known. */
  private put(rows: Iterable<JobRow>): void {
    const list = [...this.list];
    let grown = false;
    for (const row of rows) {
      const known = this.byId.get(row.id);
      if (known && known.sequence >= row.sequence) continue;
      this.byId.set(row.id, row);
      if (known) list[this.place(row.number)] = row;
      else {
        list.push(row);
        grown = true;
      }
    }
    // The list is in order but for the new ones, which cost a sort; the others are where they were.
    this.list = grown ? list.sort((a, b) => b.number - a.number) : list;
  }

  private take(events: PublicEvent[]): void {
    const changed = new Map<string, JobRow>();
    let curves: Map<string, readonly EpochRow[]> | null = null;
    let number = this.list[0]?.number ?? 0;
    for (const event of events) {
      if (!isJobEvent(event) && !isEndpointEvent(event)) continue;
      const id = subjectId(event);
      const before = changed.get(id) ?? this.byId.get(id) ?? null;
      const after = foldJob(before, event, number + 1);
      if (!after) void this.missed(id, event);
      if (!after || after === before) continue;
      if (!before) number += 1;
      changed.set(id, after);
      if (event.kind === 'job.epoch_logged' || event.kind === 'job.attempt_started') {
        const curve = this.curves.get(id);
        if (curve) (curves ??= new Map(this.curves)).set(id, foldEpochs(curves.get(id) ?? curve, event));
      }
      if (before && !isTerminal(before.status) && isTerminal(after.status)) toasts.ended(after);
    }
    this.put(changed.values());
    if (curves) this.curves = curves;
  }

  /** A job that is older than what the page has, and has just changed: read as it is after that. */
  private async missed(id: string, { sequence, kind }: PublicEvent): Promise<void> {
    try {
      const { job } = await this.read(id, sequence);
      this.put([job]);
      if (ENDINGS.includes(kind)) toasts.ended(job);
    } catch (error) {
      console.warn('no row for job', id, explain(error).message);
    }
  }

  private read(reference: string | number, waitFor: number | null = null): Promise<JobAnswer> {
    return session.api.get(`/v1/jobs/${reference}`, { wait_for: waitFor });
  }

  /** A job by number or id, from the gateway if it is not here. */
  async fetch(reference: string | number): Promise<JobRow> {
    const known = typeof reference === 'number' ? this.numbered(reference) : this.byId.get(reference);
    if (known) return known;
    const { job } = await this.read(reference);
    this.put([job]);
    return job;
  }

  /** One page of a filtered list after the job `before`; answers what the next one comes after, or null at the end. */
  async page(
    status: readonly JobStatus[],
    search: string,
    before: number | null,
    { archived = false, sort = '' }: Narrowed = {},
  ): Promise<number | null> {
    const query = { status: status.join(','), q: search, before, sort, limit: PAGE_ROWS };
    const { jobs, next } = await session.api.get<JobList>('/v1/jobs', { ...query, archived: archived ? 'true' : null });
    this.put(jobs);
    // Of everything, and where the list ended: now it ends further down.
    const isWhole = status.length === 0 && search === '' && !archived && sort === '';
    if (isWhole && before === this.floor) this.floor = next ?? 0;
    return next;
  }

  /** The jobs of a conversation, however old they are. */
  async ofChat(chat: string): Promise<void> {
    const { jobs } = await session.api.get<JobList>('/v1/jobs', { chat, limit: PAGE_ROWS });
    this.put(jobs);
  }

  /** Where the list ends that has every job down to there; null if it is whole. */
  get end(): number | null {
    return this.floor === 0 || this.floor === Infinity ? null : this.floor;
  }

  /** Asks for the curves of rows in sight, a few at a time; what is not in sight any more is not asked for. */
  want(ids: string[]): void {
    this.wanted = ids.filter(
      (id) => !this.curves.has(id) && !this.asking.has(id) && (this.byId.get(id)?.epochs_done ?? 0) > 0,
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
      const { job, epochs } = await this.read(id);
      this.put([job]);
      this.curvesProblem = null;
      // One that has changed meanwhile is asked for again, as long as it is in sight.
      if (this.byId.get(id)?.sequence === job.sequence) this.curves = new Map(this.curves).set(id, epochs);
    } catch (error) {
      // In a list the rows are whole without it; where curves are all there is, it is told of.
      this.curvesProblem = explain(error);
      console.warn('no curve for job', id, this.curvesProblem.message);
    } finally {
      this.asking.delete(id);
      this.askNext();
    }
  }
}

export const jobs = new Jobs();
