// Whom the tenant has told of its events. Nobody keeps a view of how far a hook is, so the page asks again while it is looked at.
import { ApiError, explain } from '../lib/api';
import type { HookAdded, HookAsked, HookChange, HookList, HookRow, NewHook } from '../wire/api';
import { session } from './session.svelte';

/** How often it is asked how far they are, and while a test is on its way. */
const AGAIN_MS = 5_000;
const TESTED_MS = 700;

/** What can be wrong with a hook, by the field that it belongs to. */
export type HookField = 'address' | 'on';

export class Hooks {
  rows = $state.raw<readonly HookRow[] | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** The secret that signs, of the one that was just added. */
  made = $state.raw<{ address: string; secret: string } | null>(null);
  /** Sequences of tests that have been asked for, by hook. */
  tests = $state<Record<string, number>>({});
  private timer: ReturnType<typeof setTimeout> | null = null;
  private followed = false;

  follow(): () => void {
    this.followed = true;
    void this.read();
    return () => {
      this.followed = false;
      if (this.timer !== null) clearTimeout(this.timer);
    };
  }

  /** Whether a test that was asked for has not been done yet. */
  isTesting(row: HookRow): boolean {
    return row.tested < (this.tests[row.hook_id] ?? 0);
  }

  async read(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      this.rows = (await session.api.get<HookList>('/v1/hooks')).hooks;
      this.problem = null;
    } catch (error) {
      this.problem = explain(error);
    }
    const soon = this.rows?.some((row) => this.isTesting(row)) ?? false;
    if (this.followed) this.timer = setTimeout(() => void this.read(), soon ? TESTED_MS : AGAIN_MS);
  }

  /** What is wrong with it, by its field; null once it is added. */
  add(hook: NewHook): Promise<Partial<Record<HookField, string>> | null> {
    return this.put(async () => {
      const { secret } = await session.api.post<HookAdded>('/v1/hooks', hook);
      this.made = secret === null ? null : { address: hook.address, secret };
    });
  }

  change(row: HookRow, change: HookChange): Promise<Partial<Record<HookField, string>> | null> {
    return this.put(() => session.api.patch<HookAsked>(`/v1/hooks/${row.hook_id}`, change));
  }

  private async put(ask: () => Promise<unknown>): Promise<Partial<Record<HookField, string>> | null> {
    try {
      await ask();
      await this.read();
      return null;
    } catch (error) {
      const { message, nextStep } = explain(error);
      // The kinds were checked before: what is left to be wrong is where it leads.
      if (error instanceof ApiError && error.code === 'bad_hook') return { address: `${message} ${nextStep}` };
      this.problem = { message, nextStep };
      return {};
    }
  }

  test(row: HookRow): Promise<void> {
    return this.act(async () => {
      const { sequence } = await session.api.post<HookAsked>(`/v1/hooks/${row.hook_id}/test`);
      if (sequence !== null) this.tests[row.hook_id] = sequence;
    });
  }

  replay(row: HookRow): Promise<void> {
    return this.act(() => session.api.post<HookAsked>(`/v1/hooks/${row.hook_id}/replay`));
  }

  remove(row: HookRow): Promise<void> {
    return this.act(() => session.api.delete<HookAsked>(`/v1/hooks/${row.hook_id}`));
  }

  private async act(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
      await this.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }
}
