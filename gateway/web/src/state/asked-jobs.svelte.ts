// The jobs that a filter asks for, in the order that is wanted: read page by page, and kept so while they change.
import { explain } from '../lib/api';
import { column, serverOrder, sorted } from '../lib/job-columns';
import { asksArchived, fieldOf, isAsked, narrowed, parse, type Term } from '../lib/job-filter';
import type { JobRow, JobStatus } from '../wire/rows';
import { clock } from './clock.svelte';
import { GROUPS, inGroup, jobs, type Group } from './jobs.svelte';
import { table } from './table.svelte';

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
  /** The last job of the pages that were read of this question, which the next page comes after; null when it is whole. */
  private next = $state<number | null>(Infinity);
  /** The list as of the last order. */
  private slow = $state.raw<readonly JobRow[]>(jobs.list);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private question = 0;

  readonly terms: Term[] = $derived.by(() => parse(this.asked().text));
  private readonly archived = $derived.by(() => asksArchived(this.terms));
  private readonly by = $derived.by(() => column(this.asked().order.replace(/^-/, '')));
  /** Every job there is, or every one that is asked for, is known. */
  private readonly isKnown = $derived.by(() => this.next === null || jobs.end === null);
  /** In order of number, every one down to here is known. */
  private readonly floor = $derived.by(() => (this.isKnown ? null : Math.min(this.next!, jobs.end!)));
  /** All of them are known, or as many as are read. */
  readonly isWhole = $derived.by(() => this.isKnown || jobs.list.length >= ROWS_MAX);
  readonly isCut = $derived.by(() => !this.isKnown && jobs.list.length >= ROWS_MAX);
  readonly rows: readonly JobRow[] = $derived.by(() => this.inOrder());

  constructor(private readonly asked: () => Asked) {
    $effect(() => {
      void [this.asked().group, this.asked().text, this.asked().order, jobs.begun];
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

  /** Those that were pinned come first, in the same order. */
  private inOrder(): readonly JobRow[] {
    const { by, terms } = this;
    const { group } = this.asked();
    const isLive = !by && group === 'all' && terms.length === 0;
    // Ten thousand rows are not put in order anew each second for what no clock changes.
    const isTimed = by?.id === 'took' || terms.some(({ field }) => field !== null && fieldOf(field) === 'took');
    const now = isTimed ? clock.now : 0;
    const pinned = new Set(table.pinned);
    const known = this.known(isLive ? jobs.list : this.slow, now, pinned);
    const found = known.filter((row) => inGroup(row, group) && isAsked(row, terms, now));
    if (pinned.size === 0) return found;
    const isFirst = (row: JobRow) => pinned.has(row.id);
    return [...found.filter(isFirst), ...found.filter((row) => !isFirst(row))];
  }

  /** Of all rows in order those before which none is missing: a page may have told of one that is further down. */
  private known(all: readonly JobRow[], now: number, pinned: ReadonlySet<string>): readonly JobRow[] {
    const { by, floor, next } = this;
    if (!by) return floor === null ? all : all.filter((row) => row.number >= floor || pinned.has(row.id));
    const rows = sorted(all, by, this.asked().order.startsWith('-'), now);
    const last = floor === null ? -1 : rows.findIndex((row) => row.number === next);
    return last < 0 ? rows : rows.filter((row, at) => at <= last || pinned.has(row.id));
  }

  /** Reads on where rows down to `until` are wanted; `all` are where rows are put together. */
  want(until: number, all = false): void {
    const isWanted = all || until >= this.rows.length || (this.by !== null && this.next === Infinity);
    if (isWanted && !this.isWhole && !this.reading && !this.problem && jobs.ready) void this.more();
  }

  again(): void {
    this.problem = null;
    if (!this.isKnown) void this.more();
  }

  private async more(): Promise<void> {
    const mine = (this.question += 1);
    const { q, status } = narrowed(this.terms);
    const sort = this.by ? serverOrder(this.asked().order) : '';
    const before = this.by ? (this.next === Infinity ? null : this.next) : this.floor;
    this.reading = true;
    try {
      const archived = this.archived;
      const found = await jobs.page(within(GROUPS[this.asked().group], status), q, before, { archived, sort });
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
