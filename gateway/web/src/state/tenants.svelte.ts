// Who has a place on the platform, for its operators. The first token of a new tenant is shown once.
import type { TenantClosed, TenantList, TenantMade, TenantShown } from '../wire/api';
import { Attempts } from './attempts.svelte';
import { session } from './session.svelte';

export class Tenants extends Attempts {
  rows = $state.raw<readonly TenantShown[] | null>(null);
  made = $state.raw<TenantMade | null>(null);

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
}
