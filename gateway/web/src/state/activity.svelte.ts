// The stream of all events: the newest from the socket, older ones on request.
import { explain } from '../lib/api';
import type { PublicEvent } from '../live/events';
import type { EventPage } from '../wire/api';
import type { EventRows } from '../wire/frames';
import { session } from './session.svelte';

/** Events the page holds; the oldest go first. */
const EVENTS = 5_000;
const PAGE_EVENTS = 200;

export class Activity {
  /** Newest first. */
  events = $state.raw<readonly PublicEvent[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state('');
  next = $state<number | null>(null);
  reading = $state(false);
  /** Called with every event that comes, in order. */
  constructor(private readonly each: (event: PublicEvent) => void = () => {}) {}

  follow(): () => void {
    return session.socket!.subscribe('activity', {
      initial: (rows) => this.begin((rows as EventRows).events),
      events: (events) => {
        events.forEach(this.each);
        this.events = [...events.toReversed(), ...this.events].slice(0, EVENTS);
      },
      failed: (message) => {
        if (this.state === 'loading') [this.state, this.problem] = ['failed', message];
      },
    });
  }

  private begin(newest: PublicEvent[]): void {
    this.events = newest.toReversed();
    this.next = newest.length < PAGE_EVENTS ? null : newest[0]!.sequence;
    this.state = 'ready';
    newest.forEach(this.each);
  }

  async older(): Promise<void> {
    if (this.next === null || this.reading) return;
    this.reading = true;
    try {
      const page = await session.api.get<EventPage>('/v1/activity', {
        before: this.next,
        limit: PAGE_EVENTS,
      });
      this.events = [...this.events, ...page.events];
      this.next = page.next;
      this.problem = '';
    } catch (error) {
      this.problem = explain(error).message;
    } finally {
      this.reading = false;
    }
  }
}
