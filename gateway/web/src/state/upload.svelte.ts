// One dataset on its way from a folder into the store. It goes on while other pages are looked at, and after a reload.
import { i18n } from '../i18n/i18n.svelte';
import { ifAlone, onceAlone } from '../lib/alone';
import { explain, newKey } from '../lib/api';
import type { Folder } from '../lib/folder';
import { allowed, mayRead, picked, type Handle, type Pick } from '../lib/handles';
import { browserShelf } from '../lib/shelf';
import { Keeper, unfinished, type Memory, type Unfinished } from '../lib/unfinished';
import { amountOf, isName, missing, nameOf, persistently, storeList } from '../lib/upload';
import type { DatasetRegistered, NewDataset } from '../wire/api';
import { ofEntries, ofFiles, ofHandle, told } from './choice';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { Steps } from './steps.svelte';
import { toasts } from './toasts.svelte';

export class Upload {
  /** What it does: nothing, waits for a name, or is on its way. */
  stage = $state<'idle' | 'looking' | 'named' | 'busy'>('idle');
  folder = $state.raw<Folder | null>(null);
  name = $state('');
  problem = $state<{ message: string; nextStep: string } | null>(null);
  steps = $state.raw<Steps | null>(null);
  /** One that a page which is gone has left behind. */
  halted = $state.raw<(Unfinished & Memory) | null>(null);
  private handle: Handle | null = null;
  private keeper: Keeper | null = null;
  private stop = new AbortController();
  /** The browser asks before the page goes, unless the next one goes on by itself. */
  private readonly stay = (event: BeforeUnloadEvent) => {
    if (this.busy && !this.keeper?.returns) event.preventDefault();
  };

  readonly busy = $derived(this.stage === 'busy');
  readonly all = $derived(amountOf(this.folder?.files ?? []));
  readonly nameFits = $derived(isName(this.name.trim().normalize('NFC')));

  constructor(private readonly shelf = browserShelf()) {}

  choose(files: Iterable<File>): Promise<void> {
    return this.take((signal) => ofFiles(files, signal));
  }

  drop(entries: readonly FileSystemEntry[], handle: Promise<Handle | null> = Promise.resolve(null)): Promise<void> {
    return this.take((signal) => ofEntries(entries, signal), handle);
  }

  /** As `choose`, where the browser can come back to what is chosen. */
  async pick(what: Pick): Promise<void> {
    try {
      const handle = await picked(what);
      if (handle) await this.take((signal) => ofHandle(handle, signal), Promise.resolve(handle));
    } catch (error) {
      this.problem = explain(error);
    }
  }

  cancel(): void {
    this.stop.abort();
    void this.keeper?.erase();
    [this.folder, this.handle, this.keeper, this.steps] = [null, null, null, null];
    this.problem = null;
    this.stage = 'idle';
  }

  send(): Promise<void> {
    return ifAlone((alone) => this.run(alone));
  }

  /** Looks whether an upload was left behind, and goes on with it where nobody need be asked. */
  async restore(signal: AbortSignal): Promise<void> {
    await onceAlone(signal, async () => {
      if (this.stage !== 'idle') return;
      // What was shown may have been another account's.
      this.halted = null;
      try {
        this.halted = await unfinished(this.shelf, session.account);
      } catch (error) {
        // A browser that keeps nothing has left nothing behind.
        console.warn('nothing is remembered', error);
      }
      const { handle } = this.halted ?? {};
      if (handle && !signal.aborted && (await mayRead(handle))) await this.resume(handle, () => this.run(true));
    });
  }

  /** Asks for what was left behind, and goes on with it; only in answer to a click. */
  async goOn(): Promise<void> {
    const { handle } = this.halted ?? {};
    if (!handle) return;
    if (await allowed(handle)) return this.resume(handle, () => this.send());
    this.lost();
    this.problem = { message: i18n.m.datasets.upload.notAllowed, nextStep: '' };
  }

  async discard(): Promise<void> {
    try {
      await this.shelf.clear();
      [this.halted, this.problem] = [null, null];
    } catch (error) {
      this.problem = explain(error);
    }
  }

  private resume(handle: Handle, send: () => Promise<void>): Promise<void> {
    const look = (signal: AbortSignal) =>
      ofHandle(handle, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (!(error instanceof DOMException)) throw error;
        this.lost();
        throw new Error(i18n.m.datasets.upload.gone(handle.name), { cause: error });
      });
    return this.take(look, Promise.resolve(handle), send);
  }

  /** What cannot be come back to has to be chosen again. */
  private lost(): void {
    this.halted &&= { ...this.halted, handle: null };
  }

  private async take(
    look: (signal: AbortSignal) => Promise<Folder>,
    from: Promise<Handle | null> = Promise.resolve(null),
    send = () => this.send(),
  ): Promise<void> {
    this.cancel();
    const { signal } = (this.stop = new AbortController());
    this.stage = 'looking';
    try {
      const [folder, handle] = await Promise.all([look(signal), from]);
      if (signal.aborted) return;
      if (folder.files.length === 0) throw new Error(i18n.m.datasets.upload.nothing);
      [this.folder, this.handle, this.name] = [folder, handle, nameOf(folder.name)];
      this.stage = 'named';
    } catch (error) {
      this.failed(error, signal, 'idle');
    }
    if (!this.folder || !this.before(this.folder)) return;
    this.name = this.halted!.name;
    await send();
  }

  /** What is known of a folder from the last time. */
  private before({ name }: Folder): Memory | null {
    return this.keeper ?? (name !== '' && this.halted?.folder === name ? this.halted : null);
  }

  /** `alone`: no other page of this browser keeps an upload. */
  private async run(alone: boolean): Promise<void> {
    const { folder, handle } = this;
    if (!folder || !this.nameFits || this.busy) return;
    const [{ api }, name] = [session, this.name.trim().normalize('NFC')];
    const { signal } = (this.stop = new AbortController());
    const here = router.path;
    const steps = (this.steps = new Steps(signal));
    [this.stage, this.problem] = ['busy', null];
    addEventListener('beforeunload', this.stay);
    try {
      // Loose files have no name by which they could be chosen again.
      if (alone && folder.name !== '' && session.account !== '') {
        const about = {
          owner: session.account,
          name,
          folder: folder.name,
          handle,
          done: { files: 0, bytes: 0 },
          all: this.all,
        };
        this.keeper = new Keeper(this.shelf, { ...about, stage: 'hashing' }, this.before(folder) ?? undefined);
        this.halted = null;
        await this.keeper.begin();
        steps.keeper = this.keeper;
      }
      const parts = await steps.hashed(folder.files);
      await steps.store(api, await missing(api, parts, signal));
      const files = await storeList(api, parts, signal);
      const [body, key]: [NewDataset, string] = [{ path: name, files }, newKey()];
      const register = () => api.post<DatasetRegistered>('/v1/datasets', body, key);
      const { dataset } = await persistently(register, signal);
      if (signal.aborted) return;
      await this.keeper?.erase();
      this.cancel();
      const href = `/datasets/${dataset.id}`;
      if (router.path === here) router.go(href);
      else toasts.show(i18n.m.datasets.upload.sent(name), 'good', href);
    } catch (error) {
      this.failed(error, signal, 'named');
    } finally {
      removeEventListener('beforeunload', this.stay);
    }
  }

  /** What others of it still do is in vain; what is in the store already is not sent again. */
  private failed(error: unknown, signal: AbortSignal, stage: 'idle' | 'named'): void {
    if (signal.aborted) return;
    this.stop.abort();
    this.stage = stage;
    this.problem = told(error);
  }
}

export const upload = new Upload();
