// The steps of one upload and how far each is: every file is hashed, and what the store has not is sent.
import { i18n } from '../i18n/i18n.svelte';
import type { Api } from '../lib/api';
import { opened, type Found, type Held } from '../lib/folder';
import { sha256Of } from '../lib/sha256';
import type { Keeper, Stage } from '../lib/unfinished';
import { AT_ONCE, amountOf, each, groups, persistently, type Amount, type Listed, type Part } from '../lib/upload';
import { BadZip } from '../lib/zip';

const NOTHING: Amount = { files: 0, bytes: 0 };

export class Steps {
  stage = $state<Stage>('hashing');
  /** Of the step that it is at. */
  done = $state.raw<Amount>(NOTHING);
  all = $state.raw<Amount>(NOTHING);
  /** Bytes a second of the step; null before anything is done. */
  rate = $state<number | null>(null);
  keeper: Keeper | null = null;
  private began = 0;
  private whole = NOTHING;

  constructor(private readonly signal: AbortSignal) {}

  async hashed(files: readonly Found[]): Promise<Part[]> {
    const parts: Part[] = [];
    this.whole = amountOf(files);
    this.begin('hashing', files);
    await each(files, AT_ONCE, async ({ name, file }) => {
      this.signal.throwIfAborted();
      const sha256 = this.known(name, file) ?? (await this.hash(name, file));
      parts.push({ name, sha256, bytes: file.size, file });
      this.add([{ file }]);
    });
    return parts;
  }

  async store(api: Api, parts: readonly Part[]): Promise<void> {
    this.begin('sending', parts);
    await each(groups(parts), AT_ONCE, async (group) => {
      const whole: (Listed & { file: Blob })[] = [];
      for (const part of group) {
        const { name, file: held } = part;
        const file = held instanceof Blob ? held : await read(name, () => held.open(this.signal));
        // A browser does not say of a file that is gone or has changed that it is the file.
        await read(name, () => file.slice(0, 1).arrayBuffer());
        whole.push({ ...part, file });
      }
      await persistently(() => api.store(whole, this.signal), this.signal);
      this.add(group);
    });
  }

  /** The hash that it had when it was last read, unless it has changed since. */
  private known(name: string, { size, lastModified }: Held): string | null {
    const before = this.keeper?.known.get(name);
    return before?.size === size && before.lastModified === lastModified ? before.sha256 : null;
  }

  private async hash(name: string, file: Held): Promise<string> {
    const { size, lastModified } = file;
    const sha256 = await read(name, async () => sha256Of(await opened(file, this.signal), this.signal));
    this.keeper?.hashed(name, { size, lastModified, sha256 });
    return sha256;
  }

  private begin(stage: Stage, parts: readonly { file: Held }[]): void {
    this.signal.throwIfAborted();
    [this.stage, this.all, this.done] = [stage, amountOf(parts), NOTHING];
    [this.rate, this.began] = [null, performance.now()];
    this.keep(true);
  }

  private add(parts: readonly { file: Held }[]): void {
    // What ends only now may be of an upload that was stopped.
    this.signal.throwIfAborted();
    const { files, bytes } = amountOf(parts);
    this.done = { files: this.done.files + files, bytes: this.done.bytes + bytes };
    this.rate = (this.done.bytes * 1_000) / Math.max(performance.now() - this.began, 1);
    this.keep(false);
  }

  /** Of the whole folder: what the store has already counts as done. */
  private keep(now: boolean): void {
    const { stage, done, all, whole } = this;
    const rest = stage === 'hashing' ? whole : all;
    const reached = {
      files: whole.files - rest.files + done.files,
      bytes: whole.bytes - rest.bytes + done.bytes,
    };
    void this.keeper?.reached(stage, reached, whole, now);
  }
}

async function read<T>(name: string, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    if (error instanceof BadZip || (error instanceof DOMException && error.name === 'AbortError')) throw error;
    throw new Error(i18n.m.datasets.upload.unreadable(name), { cause: error });
  }
}
