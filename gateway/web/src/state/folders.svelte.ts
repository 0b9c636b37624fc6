// The folders that workers may read for the tenant, one after the other as somebody goes through them.
import { explain } from '../lib/api';
import type { FolderAnswer } from '../wire/api';
import { session } from './session.svelte';

export class Folders {
  /** The one that is shown. */
  here = $state.raw<FolderAnswer | null>(null);
  reading = $state(false);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** Only the newest question is answered. */
  private asked = 0;

  /** `null` is where all others lie in; where that is only one, it is gone into. */
  async open(path: string | null): Promise<void> {
    const mine = (this.asked += 1);
    this.reading = true;
    this.problem = null;
    try {
      let found = await session.api.get<FolderAnswer>('/v1/roots', { path });
      const only = path === null && this.here === null && found.folders.length === 1 ? found.folders[0] : undefined;
      if (only && mine === this.asked) found = await session.api.get<FolderAnswer>('/v1/roots', { path: only.path });
      if (mine === this.asked) this.here = found;
    } catch (error) {
      if (mine === this.asked) this.problem = explain(error);
    } finally {
      if (mine === this.asked) this.reading = false;
    }
  }
}
