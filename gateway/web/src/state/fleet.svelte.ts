// The workers as they last said themselves, and the jobs whose worker has gone silent.
import type { Fleet as Rows } from '../wire/api';
import { remembered, type Traces } from '../lib/devices';
import type { WorkerRecord } from '../wire/rows';
import { session } from './session.svelte';

class Fleet {
  workers = $state.raw<readonly WorkerRecord[]>([]);
  /** Jobs whose lease is late: their worker may come back, or be declared lost. */
  unreachable = $state.raw<ReadonlySet<string>>(new Set());
  /** What each has done since the page was opened, by its name. */
  traces = $state.raw<ReadonlyMap<string, Traces>>(new Map());
  state = $state<'loading' | 'ready'>('loading');

  follow(): () => void {
    return session.socket!.subscribe('workers', {
      initial: (rows) => {
        const { workers, unreachable } = rows as Rows;
        this.workers = workers;
        this.traces = remembered(this.traces, workers);
        this.unreachable = new Set(unreachable);
        this.state = 'ready';
      },
      events: () => {},
    });
  }
}

export const fleet = new Fleet();
