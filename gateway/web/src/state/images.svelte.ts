// The images of one version of a dataset: a list that grows page by page, as far as somebody looks.
import { explain } from '../lib/api';
import type { ImageList, ImageRow, ProblemCount, ProblemKind, ProblemsFrom, Split } from '../wire/api';
import { session } from './session.svelte';

const PAGE = 100;

export interface Wanted {
  split: Split | '';
  class: string;
  problem: ProblemKind | '';
  search: string;
}

export class Images {
  rows = $state.raw<readonly ImageRow[]>([]);
  matching = $state(0);
  /** How many the version has; null until it was asked for all of them. */
  total = $state<number | null>(null);
  problems = $state.raw<readonly ProblemCount[]>([]);
  /** Who has found them; null until that is known. */
  problemsFrom = $state<ProblemsFrom | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  trouble = $state<{ message: string; nextStep: string } | null>(null);
  next = $state<string | null>(null);
  /** The newest question: answers to others come too late. */
  private asked = 0;
  private isAsking = false;
  /** Whether the rows are those of the newest question. */
  private isBegun = false;
  private wanted: Wanted = { split: '', class: '', problem: '', search: '' };

  constructor(
    private readonly at: string,
    /** Which the views must show. */
    private readonly sequence: number,
  ) {}

  /** Begins anew. What was there stays until the answer comes. */
  async open(wanted: Wanted): Promise<void> {
    [this.wanted, this.isBegun] = [wanted, false];
    const page = await this.ask(null);
    if (!page) return;
    [this.rows, this.state, this.isBegun] = [page.images, 'ready', true];
  }

  /** The next page, if there is one and nobody has asked for it. */
  async more(): Promise<void> {
    if (this.next === null || this.isAsking || !this.isBegun) return;
    const page = await this.ask(this.next);
    if (page) this.rows = [...this.rows, ...page.images];
  }

  /** The image of this name, wherever it is in the list; null: the version has none. */
  async named(name: string): Promise<ImageRow | null> {
    const query = { search: name, limit: PAGE, wait_for: this.sequence };
    const { images } = await session.api.get<ImageList>(this.at, query);
    return images.find((one) => one.name === name) ?? null;
  }

  /** After trouble: what was asked for last. */
  retry(): Promise<void> {
    return this.isBegun ? this.more() : this.open(this.wanted);
  }

  private async ask(after: string | null): Promise<ImageList | null> {
    const number = ++this.asked;
    this.isAsking = true;
    this.trouble = null;
    const query = { ...this.wanted, after, limit: PAGE, wait_for: this.sequence };
    try {
      const page = await session.api.get<ImageList>(this.at, query);
      if (number !== this.asked) return null;
      [this.matching, this.problems, this.next] = [page.matching, page.problems, page.next];
      this.problemsFrom = page.problems_from;
      if (!Object.values(this.wanted).some(Boolean)) this.total = page.matching;
      return page;
    } catch (error) {
      if (number !== this.asked) return null;
      this.trouble = explain(error);
      if (this.state === 'loading') this.state = 'failed';
      return null;
    } finally {
      if (number === this.asked) this.isAsking = false;
    }
  }
}
