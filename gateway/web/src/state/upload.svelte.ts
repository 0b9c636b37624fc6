// One dataset on its way from a folder into the store. It goes on while other pages are looked at.
import { i18n } from '../i18n/i18n.svelte';
import { explain, newKey, type Api } from '../lib/api';
import { chosen, dropped, fileOf, opened, type Folder, type Found, type Held } from '../lib/folder';
import { sha256Of } from '../lib/sha256';
import {
  AT_ONCE,
  amountOf,
  each,
  groups,
  isName,
  missing,
  nameOf,
  persistently,
  storeList,
  type Amount,
  type Listed,
  type Part,
} from '../lib/upload';
import { BadZip, isOtherArchive, isZip, unzipped } from '../lib/zip';
import type { DatasetRegistered, NewDataset } from '../wire/api';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const NOTHING: Amount = { files: 0, bytes: 0 };
/** The browser asks before the page goes. */
const stay = (event: BeforeUnloadEvent) => event.preventDefault();

class Upload {
  /** What it does: nothing, waits for a name, or one of the steps. */
  stage = $state<'idle' | 'looking' | 'named' | 'hashing' | 'sending'>('idle');
  folder = $state.raw<Folder | null>(null);
  name = $state('');
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** Of the step that it is at. */
  done = $state.raw<Amount>(NOTHING);
  all = $state.raw<Amount>(NOTHING);
  /** Bytes a second of the step; null before anything is done. */
  rate = $state<number | null>(null);
  private began = 0;
  private stop = new AbortController();

  readonly busy = $derived(this.stage === 'hashing' || this.stage === 'sending');
  readonly nameFits = $derived(isName(this.name.trim().normalize('NFC')));

  choose(files: Iterable<File>): Promise<void> {
    const [only, more] = files;
    if (only && !more && !only.webkitRelativePath && isArchive(only.name))
      return this.take((signal) => archive(only, signal));
    return this.take(async () => chosen(files));
  }

  drop(entries: readonly FileSystemEntry[]): Promise<void> {
    const [only, more] = entries;
    if (only?.isFile && !more && isArchive(only.name))
      return this.take(async (signal) => archive(await fileOf(only as FileSystemFileEntry), signal));
    return this.take((signal) => dropped(entries, signal));
  }

  cancel(): void {
    this.stop.abort();
    this.folder = null;
    this.problem = null;
    this.stage = 'idle';
  }

  private async take(look: (signal: AbortSignal) => Promise<Folder>): Promise<void> {
    this.cancel();
    const { signal } = (this.stop = new AbortController());
    this.stage = 'looking';
    try {
      const folder = await look(signal);
      if (signal.aborted) return;
      const m = i18n.m.datasets.upload;
      if (folder.files.length === 0) throw new Error(m.nothing);
      this.folder = folder;
      this.name = nameOf(folder.name);
      this.all = amountOf(folder.files);
      this.stage = 'named';
    } catch (error) {
      this.failed(error, signal, 'idle');
    }
  }

  async send(): Promise<void> {
    const { folder } = this;
    if (!folder || !this.nameFits || this.busy) return;
    this.problem = null;
    const [{ api }, path] = [session, this.name.trim().normalize('NFC')];
    const { signal } = (this.stop = new AbortController());
    const here = router.path;
    addEventListener('beforeunload', stay);
    try {
      const parts = await this.hashed(folder.files, signal);
      await this.store(api, await missing(api, parts, signal), signal);
      const files = await storeList(api, parts, signal);
      const [body, key]: [NewDataset, string] = [{ path, files }, newKey()];
      const register = () => api.post<DatasetRegistered>('/v1/datasets', body, key);
      const { dataset } = await persistently(register, signal);
      if (signal.aborted) return;
      this.cancel();
      const href = `/datasets/${dataset.id}`;
      if (router.path === here) router.go(href);
      else toasts.show(i18n.m.datasets.upload.sent(path), 'good', href);
    } catch (error) {
      this.failed(error, signal, 'named');
    } finally {
      removeEventListener('beforeunload', stay);
    }
  }

  /** What others of it still do is in vain; what is in the store already is not sent again. */
  private failed(error: unknown, signal: AbortSignal, stage: 'idle' | 'named'): void {
    if (signal.aborted) return;
    this.stop.abort();
    this.stage = stage;
    this.problem = error instanceof BadZip ? { message: said(error), nextStep: '' } : explain(error);
  }

  private async hashed(files: readonly Found[], signal: AbortSignal): Promise<Part[]> {
    const parts: Part[] = [];
    this.begin('hashing', files, signal);
    await each(files, AT_ONCE, async ({ name, file }) => {
      signal.throwIfAborted();
      const sha256 = await read(name, async () => sha256Of(await opened(file, signal), signal));
      parts.push({ name, sha256, bytes: file.size, file });
      this.add([{ file }], signal);
    });
    return parts;
  }

  private async store(api: Api, parts: readonly Part[], signal: AbortSignal): Promise<void> {
    this.begin('sending', parts, signal);
    await each(groups(parts), AT_ONCE, async (group) => {
      const whole: (Listed & { file: Blob })[] = [];
      for (const part of group) {
        const { name, file: held } = part;
        const file = held instanceof Blob ? held : await read(name, () => held.open(signal));
        // A browser does not say of a file that is gone or has changed that it is the file.
        await read(name, () => file.slice(0, 1).arrayBuffer());
        whole.push({ ...part, file });
      }
      await persistently(() => api.store(whole, signal), signal);
      this.add(group, signal);
    });
  }

  private begin(stage: 'hashing' | 'sending', parts: readonly { file: Held }[], signal: AbortSignal): void {
    signal.throwIfAborted();
    [this.stage, this.all, this.done] = [stage, amountOf(parts), NOTHING];
    [this.rate, this.began] = [null, performance.now()];
  }

  private add(parts: readonly { file: Held }[], signal: AbortSignal): void {
    // What ends only now may be of an upload that was stopped, and another may be on its way.
    signal.throwIfAborted();
    const { files, bytes } = amountOf(parts);
    this.done = { files: this.done.files + files, bytes: this.done.bytes + bytes };
    this.rate = (this.done.bytes * 1_000) / Math.max(performance.now() - this.began, 1);
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

const isArchive = (name: string): boolean => isZip(name) || isOtherArchive(name);

async function archive(file: File, signal: AbortSignal): Promise<Folder> {
  if (!isZip(file.name)) throw new Error(i18n.m.datasets.upload.otherArchive);
  return unzipped(file, signal);
}

const said = ({ fault, entry }: BadZip): string => {
  const m = i18n.m.datasets.upload;
  return m.zip[fault](entry || m.theZip);
};

export const upload = new Upload();
