// A conversation: its messages as the log has them, what is being said now, and what could not be said.
import { explain, newKey } from '../lib/api';
import type { ProposalChanges } from '../lib/config';
import { foldChat, messageOf } from '../live/fold/chat';
import type { PublicEvent } from '../live/events';
import type { ChatAnswer } from '../wire/api';
import type { ChatRows } from '../wire/frames';
import type { ChatMessage, ChatRow } from '../wire/rows';
import { session } from './session.svelte';

/** Messages that a conversation begins with, and that are read at a time before those. */
const PAGE_ROWS = 200;

/** Said, and not yet in the log. */
export interface Unsent {
  text: string;
  key: string;
  /** The newest message when it was said. */
  since: number;
  failed: { message: string; nextStep: string } | null;
}

export class Chat {
  row = $state.raw<ChatRow | null>(null);
  messages = $state.raw<readonly ChatMessage[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state('');
  unsent = $state.raw<Unsent | null>(null);
  /** An approval or a rejection is on its way. */
  deciding = $state(false);
  /** There are messages before this one; null when all are here. */
  before = $state<number | null>(null);
  reading = $state(false);

  constructor(readonly id: string) {}

  follow(): () => void {
    return session.socket!.subscribe(`chat:${this.id}`, {
      initial: (rows) => this.begin(rows as ChatRows),
      events: (events) => this.take(events),
      failed: (message) => {
        if (this.state === 'loading') [this.state, this.problem] = ['failed', message];
      },
    });
  }

  private begin({ chat, messages }: ChatRows): void {
    this.row = chat;
    this.messages = messages;
    this.before = messages.length < PAGE_ROWS ? null : messages[0]!.sequence;
    this.state = 'ready';
  }

  /** Reads what was said before the first message that is here. */
  async older(): Promise<void> {
    if (this.before === null || this.reading) return;
    this.reading = true;
    try {
      const query = { before: this.before, limit: PAGE_ROWS };
      const page = await session.api.get<ChatAnswer>(`/v1/chats/${this.id}`, query);
      // Rows that began anew meanwhile have their own beginning.
      if (query.before !== this.before) return;
      this.messages = [...page.messages, ...this.messages];
      this.before = page.next;
    } finally {
      this.reading = false;
    }
  }

  private take(events: PublicEvent[]): void {
    let row = this.row;
    const messages = [...this.messages];
    for (const event of events) {
      row = foldChat(row, event);
      const message = messageOf(event);
      if (message) messages.push(message);
    }
    this.row = row;
    this.messages = messages;
    // Answered: whatever became of the request, the log has both.
    if (this.unsent && this.heard && messages.at(-1)?.who === 'trainyard') this.unsent = null;
  }

  /** The log has no such conversation, and nobody begins it now. */
  get isNothing(): boolean {
    return this.state === 'ready' && this.row === null && this.messages.length === 0 && this.unsent === null;
  }

  /** What is being said is in the log already. */
  get heard(): boolean {
    const since = this.unsent?.since ?? Infinity;
    return this.messages.some((message) => message.sequence > since && message.who === 'user');
  }

  async say(text: string, key: string = newKey()): Promise<void> {
    const since = this.messages.at(-1)?.sequence ?? 0;
    this.unsent = { text, key, since, failed: null };
    try {
      await session.api.post(`/v1/chats/${this.id}/messages`, { text }, key);
      this.unsent = null;
    } catch (error) {
      this.unsent = { text, key, since, failed: explain(error) };
    }
  }

  /** The proposal that comes of it comes as an event; only a failure is told here. */
  async change(fields: ProposalChanges): Promise<void> {
    this.deciding = true;
    try {
      await session.api.patch(`/v1/chats/${this.id}/proposal`, fields);
    } finally {
      this.deciding = false;
    }
  }

  /** The answer comes as an event; only a failure is told here. */
  async decide(what: 'approve' | 'reject', hash: string): Promise<void> {
    this.deciding = true;
    try {
      await session.api.post(`/v1/chats/${this.id}/${what}`, what === 'approve' ? { hash } : {});
    } finally {
      this.deciding = false;
    }
  }
}
