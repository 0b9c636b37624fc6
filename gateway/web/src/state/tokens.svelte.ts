// The tokens of the tenant: who may come in, as what, and until when. The text of a new one is shown once.
import { explain, ApiError } from '../lib/api';
import type { Erased, LastUse, NewToken, TokenIssued, TokenList, TokenRevoked, TokenRotated } from '../wire/api';
import type { TokenRow } from '../wire/rows';
import { session } from './session.svelte';

/** What can be wrong with a new one, by the field that it belongs to. */
export type TokenField = 'name' | 'expires';
const FIELDS: Partial<Record<ApiError['code'], TokenField>> = {
  bad_token_name: 'name',
  token_name_taken: 'name',
  expires_in_the_past: 'expires',
};

export class Tokens {
  rows = $state.raw<readonly TokenRow[] | null>(null);
  /** When each was shown last, by its id. */
  uses = $state.raw<Record<string, LastUse>>({});
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** What is wrong with what was asked for, where its field is known. */
  wrong = $state<Partial<Record<TokenField, string>>>({});
  made = $state.raw<{ name: string; text: string } | null>(null);
  busy = $state(false);
  /** In how many conversations something was erased last. */
  erasedIn = $state<number | null>(null);

  /** Those that open something, and those that did. */
  readonly open = $derived((this.rows ?? []).filter((row) => !row.revoked_at));
  readonly revoked = $derived((this.rows ?? []).filter((row) => row.revoked_at));

  async read(waitFor: number | null = null): Promise<void> {
    this.problem = null;
    await this.renew(waitFor);
  }

  /** The same, of itself: what somebody was told of going wrong stays. */
  async renew(waitFor: number | null): Promise<void> {
    try {
      const { tokens, last_uses } = await session.api.get<TokenList>('/v1/tokens', { wait_for: waitFor });
      [this.rows, this.uses] = [tokens, last_uses];
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** Whether it was made. */
  async issue(token: NewToken): Promise<boolean> {
    this.busy = true;
    [this.wrong, this.problem, this.made] = [{}, null, null];
    try {
      const { token: text, sequence } = await session.api.post<TokenIssued>('/v1/tokens', token);
      this.made = { name: token.name, text };
      await this.read(sequence);
      return true;
    } catch (error) {
      const field = error instanceof ApiError ? FIELDS[error.code] : undefined;
      const { message, nextStep } = explain(error);
      if (field) this.wrong = { [field]: `${message} ${nextStep}` };
      else this.problem = { message, nextStep };
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** The old text goes on for an hour. */
  async rotate(row: TokenRow): Promise<void> {
    this.made = null;
    try {
      const { token: text, sequence } = await session.api.post<TokenRotated>(`/v1/tokens/${row.token_id}/rotate`);
      this.made = { name: row.name, text };
      await this.read(sequence);
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async revoke(row: TokenRow): Promise<void> {
    try {
      const { sequence } = await session.api.delete<TokenRevoked>(`/v1/tokens/${row.token_id}`);
      await this.read(sequence);
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** What was said with a token leaves every conversation. */
  async erase(row: TokenRow): Promise<void> {
    [this.problem, this.erasedIn] = [null, null];
    try {
      const at = `/v1/members/${encodeURIComponent(row.name)}/said`;
      this.erasedIn = (await session.api.delete<Erased>(at)).chats.length;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}
