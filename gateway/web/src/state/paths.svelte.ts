// The folders that written paths may go on with, as the workers have them: each asked for once, as somebody comes to it.
import { explain } from '../lib/api';
import { folderOf, mayBePath, pathHints, type PathHint } from '../lib/paths';
import type { FolderAnswer } from '../wire/api';
import { session } from './session.svelte';

/** Written on within this time, nothing is asked yet. */
const WAIT_MS = 150;

class Paths {
  /** By their paths with a slash at the end; the empty one is where all others lie in. Null: it is none that may be read. */
  private known = $state.raw<ReadonlyMap<string, FolderAnswer | null>>(new Map());
  private asked = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Somebody writes this path. */
  follow(written: string): void {
    clearTimeout(this.timer);
    if (!mayBePath(written)) return;
    this.timer = setTimeout(() => {
      void this.ask('');
      void this.ask(folderOf(written));
    }, WAIT_MS);
  }

  hints(written: string, known: readonly string[] = []): PathHint[] {
    if (!mayBePath(written)) return [];
    const folder = folderOf(written);
    return pathHints(written, (folder && this.known.get(folder)) || null, this.known.get('') ?? null, known);
  }

  private async ask(folder: string): Promise<void> {
    if (this.asked.has(folder)) return;
    this.asked.add(folder);
    try {
      const found = await session.api.get<FolderAnswer>('/v1/roots', { path: folder || null });
      this.known = new Map(this.known).set(folder, found);
    } catch (error) {
      // A path that leads nowhere yet is no fault of who writes it; where nobody can say, the next one is asked for again.
      console.debug('no folders to go on with', folder, explain(error).message);
      this.known = new Map(this.known).set(folder, null);
      setTimeout(() => this.asked.delete(folder), ASK_AGAIN_MS);
    }
  }
}

/** A folder that could not be shown is asked for again after this. */
const ASK_AGAIN_MS = 10_000;

export const paths = new Paths();
