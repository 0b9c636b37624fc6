// Who has a place on the platform, for its operators. The first token of a new tenant is shown once.
import { explain } from '../lib/api';
import type { TenantClosed, TenantList, TenantMade, TenantShown } from '../wire/api';
import { session } from './session.svelte';

export class Tenants {
  rows = $state.raw<readonly TenantShown[] | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  made = $state.raw<TenantMade | null>(null);
  busy = $state(false);

  async read(waitFor: number | null = null): Promise<void> {
    await this.try(async () => {
      this.rows = (await session.api.get<TenantList>('/v1/tenants', { wait_for: waitFor })).tenants;
    });
  }

  /** Whether it is there now. */
  async make(tenant: string): Promise<boolean> {
    this.made = null;
    return this.try(async () => {
      this.made = await session.api.post<TenantMade>('/v1/tenants', { tenant });
      await this.read(this.made.sequence);
    });
  }

  async close({ tenant }: TenantShown): Promise<void> {
    await this.try(async () => {
      const { sequence } = await session.api.delete<TenantClosed>(`/v1/tenants/${encodeURIComponent(tenant)}`);
      await this.read(sequence);
    });
  }

  private async try(doing: () => Promise<void>): Promise<boolean> {
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
