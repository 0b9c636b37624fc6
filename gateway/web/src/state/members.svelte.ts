// The people of the tenant: who has logged in, who may not any more, and who is asked to come.
import type {
  InvitationList,
  InvitationMade,
  InvitationShown,
  MemberList,
  MemberRemoved,
  MemberRestored,
  MemberShown,
  NewInvitation,
} from '../wire/api';
import { explain } from '../lib/api';
import { at } from '../lib/base';
import { Attempts } from './attempts.svelte';
import { session } from './session.svelte';

export class Members extends Attempts {
  rows = $state.raw<readonly MemberShown[] | null>(null);
  invitations = $state.raw<readonly InvitationShown[]>([]);
  /** The link of a new invitation, shown once. */
  made = $state.raw<{ name: string; link: string } | null>(null);

  async read(waitFor: number | null = null): Promise<void> {
    await this.try(() => this.take(waitFor));
  }

  /** The same, of itself: what somebody was told of going wrong stays. */
  async renew(waitFor: number | null): Promise<void> {
    await this.take(waitFor).catch((error: unknown) => (this.problem = explain(error)));
  }

  private async take(waitFor: number | null): Promise<void> {
    const [members, invitations] = await Promise.all([
      session.api.get<MemberList>('/v1/members', { wait_for: waitFor }),
      session.api.get<InvitationList>('/v1/invitations'),
    ]);
    this.rows = members.members;
    this.invitations = invitations.invitations;
  }

  async remove(row: MemberShown): Promise<void> {
    await this.try(async () => {
      const { sequence } = await session.api.delete<MemberRemoved>(`/v1/members/${row.id}`);
      await this.read(sequence);
    });
  }

  async restore(row: MemberShown): Promise<void> {
    await this.try(async () => {
      const { sequence } = await session.api.post<MemberRestored>(`/v1/members/${row.id}/restore`);
      await this.read(sequence);
    });
  }

  /** Whether the person is invited. */
  async invite(invitation: NewInvitation): Promise<boolean> {
    this.made = null;
    return this.try(async () => {
      const { path } = await session.api.post<InvitationMade>('/v1/invitations', invitation);
      this.made = { name: invitation.name, link: new URL(at('/'), location.href).href + path };
      await this.read();
    });
  }

  async takeBack(row: InvitationShown): Promise<void> {
    await this.try(async () => {
      await session.api.delete(`/v1/invitations/${row.id}`);
      await this.read();
    });
  }
}
