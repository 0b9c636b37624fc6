// Pictures of the images that a job has answered about: from where the dataset has them, else cut out of the page that its
// trainer has drawn of them.
import { ApiError } from '../lib/api';
import type { Shown } from '../lib/gallery';
import type { DatasetAnswer, ImageList } from '../wire/api';
import type { DatasetRow, DatasetVersion, JobRow } from '../wire/rows';
import { Pictures } from './pictures.svelte';
import { session } from './session.svelte';

/** Images whose names have a name as a part. */
const ALIKE = 20;
/** As trainers draw their pages: images in a row and in all, with boxes and without, and pixels between two. */
const PAGE = { boxes: { columns: 4, images: 16 }, squares: { columns: 6, images: 24 } };
const GAP = 8;

export interface Shot {
  url: string;
  /** Of the image. */
  width: number;
  height: number;
  /** Where it lies on a page of that size, with what was answered drawn on it; null where it is an image of its own. */
  page: { width: number; height: number; left: number; top: number } | null;
}

export class Shots {
  private pictures: Pictures | null = null;
  private at = '';
  private began: Promise<void> | null = null;
  private page: Promise<{ url: string; width: number; height: number } | null> | null = null;
  private url = '';
  private readonly form: (typeof PAGE)[keyof typeof PAGE];

  /** Of the page, in its order. */
  private readonly drawnPaths: readonly string[];

  /** `told` are the images that the job tells of, in its order: the first of validation are on its page. */
  constructor(
    private readonly row: JobRow,
    told: readonly Pick<Shown, 'path' | 'split'>[],
  ) {
    const { task } = row.config;
    this.form = task === 'classify' || task === 'anomaly' ? PAGE.squares : PAGE.boxes;
    const ofPage = told.filter(({ split }) => split === 'validation').slice(0, this.form.images);
    this.drawnPaths = ofPage.map(({ path }) => path);
  }

  /** Where something is wrong is only on the page that the trainer has drawn: it comes before the image itself. */
  get isHeated(): boolean {
    return this.row.config.task === 'anomaly';
  }

  /** Null where there is no picture of it. */
  async get(path: string, cancel: AbortSignal): Promise<Shot | null> {
    await (this.began ??= this.begin());
    cancel.throwIfAborted();
    const drawn = this.isHeated ? await this.cut(path) : null;
    return drawn ?? (await this.stored(path, cancel)) ?? this.cut(path);
  }

  close(): void {
    this.pictures?.close();
    if (this.url) URL.revokeObjectURL(this.url);
  }

  private async begin(): Promise<void> {
    const dataset = await this.dataset();
    const version = dataset && trainedOn(this.row, dataset);
    if (!dataset || !version) return;
    this.at = `/v1/datasets/${dataset.id}/versions/${version.number}/images`;
    this.pictures = new Pictures(this.at);
  }

  /** Null where it is gone. */
  private async dataset(): Promise<DatasetRow | null> {
    try {
      return (await session.api.get<DatasetAnswer>(`/v1/datasets/${this.row.dataset}`)).dataset;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** From the store or the folder of the workers; null where it is gone from there, or the folder with its workers is. */
  private async stored(path: string, cancel: AbortSignal): Promise<Shot | null> {
    if (!this.pictures) return null;
    try {
      const { images } = await session.api.get<ImageList>(this.at, { search: path, limit: ALIKE });
      const image = images.find(({ name }) => name === path);
      if (!image) return null;
      const url = await this.pictures.get(image.sha256, cancel);
      return { url, width: image.width, height: image.height, page: null };
    } catch (error) {
      cancel.throwIfAborted();
      if (error instanceof ApiError) return null;
      throw error;
    }
  }

  private async cut(path: string): Promise<Shot | null> {
    const [images, place] = [this.drawnPaths.length, this.drawnPaths.indexOf(path)];
    if (place < 0) return null;
    const page = await (this.page ??= this.drawn());
    if (!page) return null;
    const columns = Math.min(this.form.columns, images);
    const rows = Math.ceil(images / columns);
    const [wide, high] = [(page.width - GAP) / columns, (page.height - GAP) / rows];
    const [left, top] = [GAP + (place % columns) * wide, GAP + Math.floor(place / columns) * high];
    // What is written below an image is told beside it: the square of it is enough.
    const side = Math.min(wide, high) - GAP;
    return { url: page.url, width: side, height: side, page: { ...page, left, top } };
  }

  private async drawn(): Promise<{ url: string; width: number; height: number } | null> {
    const { id, sequence, artifacts } = this.row;
    if (!artifacts.some(({ role }) => role === 'sample_images')) return null;
    const bytes = await session.api.blob(`/v1/jobs/${id}/artifacts/sample_images?wait_for=${sequence}`);
    this.url = URL.createObjectURL(bytes);
    const image = new Image();
    image.src = this.url;
    await image.decode();
    return { url: this.url, width: image.naturalWidth, height: image.naturalHeight };
  }
}

/** The version that a job has named, by number or by tag, else the one of its content, else the newest. */
export function trainedOn(
  { config, dataset_hash }: JobRow,
  { path, versions, tags }: DatasetRow,
): DatasetVersion | null {
  const named = config.dataset?.startsWith(`${path}@`) ? config.dataset.slice(path.length + 1) : null;
  const number = named === null ? null : /^\d+$/.test(named) ? Number(named) : (tags[named] ?? null);
  return (
    versions.find((version) => version.number === number) ??
    versions.find((version) => version.manifest.sha256 === dataset_hash) ??
    versions.at(-1) ??
    null
  );
}
