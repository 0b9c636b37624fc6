// The jobs that a filter asks for, in the order that is wanted: read page by page, and kept so while they change.
import { explain } from '../lib/api';
import { column, sorted } from '../lib/job-columns';
import { isAsked, narrowed, parse, type Term } from '../lib/job-filter';
import type { JobRow, JobStatus } from '../wire/rows';
import { clock } from './clock.svelte';
import { GROUPS, inGroup, jobs, type Group } from './jobs.svelte';

/** Jobs that are read to be sorted or searched. */
export const ROWS_MAX = 10_000;
/** An order of thousands is not made anew for each epoch that one of them logs. */
const ORDER_MS = 400;

export interface Asked {
  group: Group;
  text: string;
  /** A column's id, with `-` before it where the largest comes first; empty is the newest first. */
  order: string;
}

export class AskedJobs {
  reading = $state(false);
  problem = $state.raw<{ message: string; nextStep: string } | null>(null);
  /** Where the next page of this filter begins, below what is known of everything; null when it is whole. */
  private next = $state<number | null>(Infinity);
  /** The list as of the last order. */
  private slow = $state.raw<readonly JobRow[]>(jobs.list);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private question = 0;

  readonly terms: Term[] = $derived.by(() => parse(this.asked().text));
  private readonly plain = $derived.by(() => this.asked().group === 'all' && this.terms.length === 0);
  private readonly floor = $derived.by(() =>
    this.next === null || jobs.end === null ? null : Math.min(this.next, jobs.end),
  );
  /** All of them are known, or as many as are read. */
  readonly isWhole = $derived.by(() => typeof this.floor !== 'number' || jobs.list.length >= ROWS_MAX);
  readonly isCut = $derived.by(() => typeof this.floor === 'number' && jobs.list.length >= ROWS_MAX);
  readonly rows: readonly JobRow[] = $derived.by(() => this.inOrder());

  constructor(private readonly asked: () => Asked) {
    $effect(() => {
      void [this.asked().group, this.asked().text, jobs.begun];
      [this.next, this.problem, this.reading] = [Infinity, null, false];
      this.question += 1;
    });
    $effect(() => {
      void jobs.list;
      if (this.timer !== null) return;
      this.timer = setTimeout(() => {
        this.timer = null;
        this.slow = jobs.list;
      }, ORDER_MS);
    });
    $effect(() => {
      void this.asked();
      this.slow = jobs.list;
    });
    $effect(() => () => this.timer !== null && clearTimeout(this.timer));
  }

  private inOrder(): readonly JobRow[] {
    const { group, order } = this.asked();
    const by = column(order.replace(/^-/, ''));
    const { floor } = this;
    const all = this.plain && !by ? jobs.list : this.slow;
    const now = this.plain && !by ? 0 : clock.now;
    const found = all.filter(
      (row) =>
        (typeof floor !== 'number' || row.number >= floor) && inGroup(row, group) && isAsked(row, this.terms, now),
    );
    return by ? sorted(found, by, order.startsWith('-'), now) : found;
  }

  /** Reads on where rows down to `until` are wanted, or where the order needs all of them. */
  want(until: number): void {
    const wanted = until >= this.rows.length || this.asked().order !== '';
    if (wanted && !this.isWhole && !this.reading && !this.problem && jobs.ready) void this.more(this.floor!);
  }

  again(): void {
    this.problem = null;
    if (typeof this.floor === 'number') void this.more(this.floor);
  }

  private async more(before: number): Promise<void> {
    const mine = (this.question += 1);
    const { q, status } = narrowed(this.terms);
    this.reading = true;
    try {
      const found = await jobs.page(within(GROUPS[this.asked().group], status), q, before);
      if (mine === this.question) this.next = found;
    } catch (error) {
      if (mine === this.question) this.problem = explain(error);
    } finally {
      if (mine === this.question) this.reading = false;
    }
  }
}

/** What both ask for; nothing asked for is everything. */
function within(group: readonly JobStatus[], status: readonly JobStatus[]): readonly JobStatus[] {
  if (group.length === 0 || status.length === 0) return group.length === 0 ? status : group;
  const both = group.filter((one) => status.includes(one));
  return both.length ? both : group;
}
