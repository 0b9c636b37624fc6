// The console of one job: what was kept of it is read, and what its trainer prints from then on is told by the socket.
import { explain } from '../lib/api';
import { NONE, begun, taken, type Lines } from '../live/console';
import type { ConsoleTold } from '../wire/api';
import type { ConsoleLines } from '../wire/rows';
import { session } from './session.svelte';

export class Console {
  said = $state.raw<Lines>(NONE);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state<{ message: string; nextStep: string } | null>(null);

  constructor(private readonly job: string) {}

  take(lines: ConsoleLines): void {
    this.said = taken(this.said, lines);
  }

  /** `after` is an event that the views must know of first, such as the end of the job. */
  async read(after: number | null = null): Promise<void> {
    try {
      const told = await session.api.get<ConsoleTold>(`/v1/jobs/${this.job}/console`, { wait_for: after });
      this.said = begun(this.said, told);
      [this.state, this.problem] = ['ready', null];
    } catch (error) {
      [this.state, this.problem] = ['failed', explain(error)];
    }
  }
}
