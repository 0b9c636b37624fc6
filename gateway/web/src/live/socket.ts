// The one socket of the page: says who we are, subscribes, and after a gap asks for exactly what was missed. Each topic
// sees every event once and in order. Knows no framework; the clock, the socket and the frame are given to it.
import { at } from '../lib/base';
import type { PublicEvent } from './events';
import type { ClientFrame, ServerFrame, TopicRows } from '../wire/frames';
import type { ConsoleLines, Language, Telemetry } from '../wire/rows';

/** Between two attempts to connect: doubled each time, up to the second, in milliseconds. */
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;
/** The gateway says something every 5 s; a socket this silent is not believed to be alive. */
export const STALE_MS = 12_000;
const DEAD_MS = 25_000;
/** A topic that the gateway cannot begin now is asked for again after this. */
const TOPIC_RETRY_MS = 2_000;

export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'stale' | 'refused';

export interface Link {
  state: LinkState;
  /** When the next attempt is made, if one is waited for; milliseconds of the clock. */
  retryAt: number | null;
  /** When the gateway was last heard. */
  heardAt: number | null;
}

/** What a topic is told. Events come in batches, once an animation frame. */
export interface Listener {
  initial(rows: TopicRows, sequence: number): void;
  events(events: PublicEvent[]): void;
  telemetry?(job: string, telemetry: Telemetry): void;
  console?(lines: ConsoleLines): void;
  /** The rows cannot be had; the socket keeps trying. */
  failed?(message: string): void;
}

export interface Surroundings {
  open(): WebSocketLike;
  now(): number;
  later(run: () => void, milliseconds: number): () => void;
  frame(run: () => void): void;
  /** What the gateway is to tell errors in. */
  language(): Language;
}

export interface WebSocketLike {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

interface Topic {
  listeners: Set<Listener>;
  /** Everything up to here has been passed on. */
  sequence: number;
  resume: string | null;
  /** Rows were passed on and no `refetch` came since. */
  begun: boolean;
  waiting: PublicEvent[];
}

export class LiveSocket {
  link: Link = { state: 'connecting', retryAt: null, heardAt: null };
  private socket: WebSocketLike | null = null;
  private topics = new Map<string, Topic>();
  private ready = false;
  private attempts = 0;
  private openedAt = 0;
  private flushing = false;
  private cancels = new Set<() => void>();
  private closed = false;

  constructor(
    private readonly token: () => string,
    private readonly around: Surroundings,
    private readonly onLink: (link: Link) => void,
  ) {}

  start(): void {
    this.connect();
    this.watch();
  }

  stop(): void {
    this.closed = true;
    this.cancels.forEach((cancel) => cancel());
    this.hangUp();
  }

  /** Connects now instead of when the time has come. */
  hurry(): void {
    if (!this.socket && !this.closed && this.link.state !== 'refused') this.connect();
  }

  /** Tells `listener` the topic's rows and everything after them, until the returned function is called. */
  subscribe(name: string, listener: Listener): () => void {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = { listeners: new Set(), sequence: 0, resume: null, begun: false, waiting: [] };
      this.topics.set(name, topic);
      topic.listeners.add(listener);
      if (this.ready) this.ask(name, topic);
    } else {
      // A second listener needs the rows as well, and only the gateway has them as they are now.
      topic.listeners.add(listener);
      topic.begun = false;
      topic.resume = null;
      if (this.ready) this.ask(name, topic);
    }
    return () => this.leave(name, listener);
  }

  private leave(name: string, listener: Listener): void {
    const topic = this.topics.get(name);
    if (!topic?.listeners.delete(listener) || topic.listeners.size > 0) return;
    this.topics.delete(name);
    if (this.ready) this.send({ type: 'unsubscribe', topic: name });
  }

  private ask(name: string, topic: Topic): void {
    const resume = topic.begun ? topic.resume : null;
    this.send({ type: 'subscribe', topic: name, ...(resume ? { resume } : {}) });
  }

  private send(frame: ClientFrame): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private tell(state: LinkState, retryAt: number | null = null): void {
    this.link = { ...this.link, state, retryAt };
    this.onLink(this.link);
  }

  private later(run: () => void, milliseconds: number): void {
    const cancel = this.around.later(() => {
      this.cancels.delete(cancel);
      if (!this.closed) run();
    }, milliseconds);
    this.cancels.add(cancel);
  }

  private connect(): void {
    this.tell(this.attempts === 0 ? 'connecting' : 'reconnecting');
    const socket = this.around.open();
    this.socket = socket;
    this.openedAt = this.around.now();
    socket.onopen = () => this.send({ type: 'auth', token: this.token(), language: this.around.language() });
    socket.onmessage = (message) => {
      if (this.socket === socket && typeof message.data === 'string')
        this.hear(JSON.parse(message.data) as ServerFrame);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private hangUp(): void {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    socket?.close();
  }

  private lost(): void {
    this.hangUp();
    if (this.closed || this.link.state === 'refused') return;
    const wait = Math.min(RETRY_MIN_MS * 2 ** this.attempts, RETRY_MAX_MS) * (0.75 + Math.random() / 2);
    this.attempts += 1;
    this.tell('reconnecting', this.around.now() + wait);
    this.later(() => this.hurry(), wait);
  }

  /** A socket can be gone without a word, after sleep or a changed network. */
  private watch(): void {
    this.later(() => {
      const silent = this.around.now() - Math.max(this.link.heardAt ?? 0, this.openedAt);
      if (this.socket && silent > DEAD_MS) this.lost();
      else if (this.ready && silent > STALE_MS && this.link.state === 'live') this.tell('stale');
      this.watch();
    }, 1_000);
  }

  private hear(frame: ServerFrame): void {
    this.link.heardAt = this.around.now();
    if (this.link.state === 'stale') this.tell('live');
    switch (frame.type) {
      case 'ready':
        this.ready = true;
        this.attempts = 0;
        this.tell('live');
        this.topics.forEach((topic, name) => this.ask(name, topic));
        break;
      case 'initial':
        this.begin(frame);
        break;
      case 'event':
        this.take(frame);
        break;
      case 'telemetry':
        this.topics.get(frame.topic)?.listeners.forEach((listener) => listener.telemetry?.(frame.job, frame.telemetry));
        break;
      case 'console':
        this.topics.get(frame.topic)?.listeners.forEach((listener) => listener.console?.(frame.console));
        break;
      case 'watermark':
        this.pass(frame.sequence, frame.resume ?? {});
        break;
      case 'refetch':
        this.again(frame.topic);
        break;
      case 'error':
        this.fail(frame);
        break;
    }
  }

  private begin(frame: Extract<ServerFrame, { type: 'initial' }>): void {
    const topic = this.topics.get(frame.topic);
    if (!topic) return;
    topic.waiting = [];
    topic.sequence = frame.sequence;
    topic.resume = frame.resume ?? null;
    topic.begun = true;
    topic.listeners.forEach((listener) => listener.initial(frame.rows, frame.sequence));
  }

  private take(frame: Extract<ServerFrame, { type: 'event' }>): void {
    const topic = this.topics.get(frame.topic);
    // What was sent before an answer to `refetch`, and what comes twice, is dropped.
    if (!topic?.begun || frame.event.sequence <= topic.sequence) return;
    topic.sequence = frame.event.sequence;
    topic.resume = frame.resume;
    topic.waiting.push(frame.event);
    if (this.flushing) return;
    this.flushing = true;
    this.around.frame(() => this.flush());
  }

  private flush(): void {
    this.flushing = false;
    this.topics.forEach((topic) => {
      const events = topic.waiting;
      topic.waiting = [];
      if (events.length > 0) topic.listeners.forEach((listener) => listener.events(events));
    });
  }

  /** Nothing was missed up to `sequence`: a topic without news can go on from there as well. */
  private pass(sequence: number, resume: Record<string, string>): void {
    for (const [name, token] of Object.entries(resume)) {
      const topic = this.topics.get(name);
      if (topic?.begun && sequence >= topic.sequence) topic.resume = token;
    }
  }

  private again(name: string): void {
    const topic = this.topics.get(name);
    if (!topic) return;
    topic.begun = false;
    topic.resume = null;
    topic.waiting = [];
    this.ask(name, topic);
  }

  private fail(frame: Extract<ServerFrame, { type: 'error' }>): void {
    if (frame.code === 'unauthorized' || frame.code === 'token_expired') {
      this.tell('refused');
      this.hangUp();
      return;
    }
    const topic = frame.topic === undefined ? undefined : this.topics.get(frame.topic);
    if (!topic || frame.topic === undefined) return;
    const name = frame.topic;
    topic.listeners.forEach((listener) => listener.failed?.(frame.message));
    if (frame.code === 'unavailable') {
      this.later(() => {
        if (this.ready && this.topics.get(name) === topic) this.ask(name, topic);
      }, TOPIC_RETRY_MS);
    }
  }
}

/** The browser itself. */
export function browser(language: () => Language): Surroundings {
  return {
    open: () => {
      const url = new URL(at('/v1/live'), location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      return new WebSocket(url) as unknown as WebSocketLike;
    },
    now: () => Date.now(),
    language,
    later: (run, milliseconds) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    // A hidden page has no frames, and must not hoard events until it is seen.
    frame: (run) => (document.hidden ? void setTimeout(run, 50) : void requestAnimationFrame(run)),
  };
}
