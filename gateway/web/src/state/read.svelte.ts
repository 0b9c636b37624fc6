// Something that is read of the gateway once, and again when asked: what was read, or what went wrong.
import { explain } from '../lib/api';
import { session } from './session.svelte';

export class Read<T> {
  value = $state.raw<T | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);

  constructor(private readonly path: string) {}

  /** Whether there is something to be shown, were it only why there is nothing. */
  get told(): boolean {
    return this.value !== null || this.problem !== null;
  }

  async read(waitFor: number | null = null): Promise<void> {
    try {
      this.value = await session.api.get<T>(this.path, { wait_for: waitFor });
      this.problem = null;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}
