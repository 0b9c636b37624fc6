// The datasets: read once, and folded from the events from then on.
import { explain } from '../lib/api';
import { foldDataset } from '../live/fold/dataset';
import { subjectId, type PublicEvent } from '../live/events';
import type { Changed, DatasetAnswer, DatasetDiff, DatasetList, DatasetRegistered, NewDataset } from '../wire/api';
import type { DatasetRow, DatasetSource, SplitCounts } from '../wire/rows';
import { Activity } from './activity.svelte';
import { session } from './session.svelte';

/** What one version has. */
export interface VersionParts {
  images: SplitCounts;
  /** In the order of the dataset. */
  classes: readonly string[];
}

export class Datasets {
  rows = $state.raw<ReadonlyMap<string, DatasetRow>>(new Map());
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state<{ message: string; nextStep: string } | null>(null);
  next = $state<number | null>(null);
  private early: PublicEvent[] = [];
  private activity = new Activity((event) => this.take(event));

  /** Most recently changed first. */
  readonly list = $derived(
    [...this.rows.values()]
      .filter((row) => row.status !== 'deleted' && !row.archived)
      .sort((a, b) => b.sequence - a.sequence),
  );

  follow(): () => void {
    void this.read();
    return this.activity.follow();
  }

  async read(before: number | null = null): Promise<void> {
    this.problem = null;
    try {
      const page = await session.api.get<DatasetList>('/v1/datasets', {
        before,
        limit: 100,
      });
      const rows = new Map(this.rows);
      page.datasets.forEach((row) => rows.set(row.id, row));
      this.rows = rows;
      this.next = page.next;
      this.state = 'ready';
      this.early.splice(0).forEach((event) => this.take(event));
    } catch (error) {
      this.problem = explain(error);
      if (this.state === 'loading') this.state = 'failed';
    }
  }

  /** One that the list has not come to. */
  async fetch(id: string): Promise<DatasetRow> {
    const { dataset } = await session.api.get<DatasetAnswer>(`/v1/datasets/${id}`);
    this.rows = new Map(this.rows).set(id, dataset);
    return dataset;
  }

  private take(event: PublicEvent): void {
    if (!event.kind.startsWith('dataset.')) return;
    if (this.state === 'loading') {
      this.early.push(event);
      return;
    }
    const id = subjectId(event);
    const before = this.rows.get(id) ?? null;
    const after = foldDataset(before, event);
    if (after && after !== before) this.rows = new Map(this.rows).set(id, after);
  }
}

/** Asks the fleet to look, for whatever the labels can serve; the result comes as an event. */
export async function look(path: string, source: DatasetSource = { from: 'path' }): Promise<string> {
  const body: NewDataset = { path, ...placeOf(source) };
  const { dataset } = await session.api.post<DatasetRegistered>('/v1/datasets', body);
  return dataset.id;
}

/** Has a tag name a version, or no version at all. */
export async function tag(id: string, name: string, version: number | null): Promise<void> {
  const path = `/v1/datasets/${id}/tags/${encodeURIComponent(name)}`;
  await (version === null ? session.api.delete<Changed>(path) : session.api.put<Changed>(path, { version }));
}

/** Puts a dataset away, or takes it out again. */
export async function archive(id: string, archived: boolean): Promise<void> {
  await session.api.post<Changed>(`/v1/datasets/${id}/${archived ? 'archive' : 'restore'}`);
}

/** Deletes a dataset, or one version of it, for good. */
export async function remove(id: string, version: number | null): Promise<void> {
  await session.api.delete<Changed>(`/v1/datasets/${id}${version === null ? '' : `/versions/${version}`}`);
}

export function diff(id: string, from: number, to: number): Promise<DatasetDiff> {
  return session.api.get<DatasetDiff>(`/v1/datasets/${id}/diff`, { from, to });
}

/** The images and classes of one version: nothing is other in it than in itself, and both sides of that are told. */
export async function partsOf(id: string, number: number): Promise<VersionParts> {
  const { to, classes } = await diff(id, number, number);
  return { images: to.images, classes: classes.map(({ name }) => name) };
}

/** Where it comes from, as it is asked for: without that, a name would be looked for as a folder. */
function placeOf(source: DatasetSource): Pick<NewDataset, 'files' | 'url' | 'sha256'> {
  switch (source.from) {
    case 'path':
      return { files: null };
    case 'files':
      return { files: source.list.sha256 };
    case 'archive':
      return { url: source.url, sha256: source.sha256 ?? null };
    case 'bucket':
      return { url: `s3://${source.bucket}/${source.prefix ?? ''}`, sha256: source.sha256 ?? null };
  }
}
