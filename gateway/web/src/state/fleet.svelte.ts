// The workers as they last said themselves.
import type { WorkerRecord } from '../wire/rows';
import { session } from './session.svelte';

export class Fleet {
  workers = $state.raw<readonly WorkerRecord[]>([]);
  state = $state<'loading' | 'ready'>('loading');

  follow(): () => void {
    return session.socket!.subscribe('workers', {
      initial: (rows) => {
        this.workers = (rows as { workers: WorkerRecord[] }).workers;
        this.state = 'ready';
      },
      events: () => {},
    });
  }
}
