// The workers as they last said themselves, and the jobs whose worker has gone silent.
import type { Changed, DrainedWorker, Fleet as Rows, NewDrain, NewPause, PausedQueue } from '../wire/api';
import { remembered, type Traces } from '../lib/devices';
import type { WorkerRecord } from '../wire/rows';
import { session } from './session.svelte';

class Fleet {
  workers = $state.raw<readonly WorkerRecord[]>([]);
  /** Jobs whose lease is late: their worker may come back, or be declared lost. */
  unreachable = $state.raw<ReadonlySet<string>>(new Set());
  /** What each has done since the page was opened, by its name. */
  traces = $state.raw<ReadonlyMap<string, Traces>>(new Map());
  /** Those that are given nothing new, also where they are not there now, by their names. */
  drained = $state.raw<ReadonlyMap<string, DrainedWorker>>(new Map());
  /** While nothing new begins anywhere. */
  paused = $state.raw<PausedQueue | null>(null);
  state = $state<'loading' | 'ready'>('loading');

  follow(): () => void {
    return session.socket!.subscribe('workers', {
      initial: (rows) => {
        const { workers, unreachable, drained = [], paused = null } = rows as Rows;
        this.workers = workers;
        this.traces = remembered(this.traces, workers);
        this.unreachable = new Set(unreachable);
        this.drained = new Map(drained.map((one) => [one.worker, one]));
        this.paused = paused;
        this.state = 'ready';
      },
      events: () => {},
    });
  }

  /** Gives it nothing new; with `now`, its jobs are told to stop and to go on elsewhere. The topic tells of it. */
  drain(worker: string, drain: NewDrain): Promise<Changed> {
    return session.api.put(`/v1/workers/${encodeURIComponent(worker)}/drain`, drain);
  }

  giveBack(worker: string): Promise<Changed> {
    return session.api.delete(`/v1/workers/${encodeURIComponent(worker)}/drain`);
  }

  pause(pause: NewPause): Promise<Changed> {
    return session.api.put('/v1/queue/pause', pause);
  }

  resume(): Promise<Changed> {
    return session.api.delete('/v1/queue/pause');
  }
}

export const fleet = new Fleet();
