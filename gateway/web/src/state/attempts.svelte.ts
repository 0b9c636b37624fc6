// What is tried one after another: whether something is on its way, and what went wrong last.
import { explain } from '../lib/api';

export class Attempts {
  problem = $state<{ message: string; nextStep: string } | null>(null);
  busy = $state(false);

  /** Whether it is done now. */
  protected async try(doing: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    try {
      this.problem = null;
      await doing();
      return this.problem === null;
    } catch (error) {
      this.problem = explain(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
