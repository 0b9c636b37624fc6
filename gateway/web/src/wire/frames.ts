// The frames of `/v1/live`. Written from the types of Rust by `make wire`; do not edit.
import type { Code, Fleet } from './api';
import type { PublicEvent } from './events';
import type { ChatMessage, ChatRow, ConsoleLines, EpochRow, JobRow, Language, Telemetry, TenantId } from './rows';

/** Of `chat:<id>`. */
export interface ChatRows {
  /** Null as long as nothing has been said in it. */
  chat: ChatRow | null;
  /** The newest, in order. */
  messages: ChatMessage[];
}

/** What a client may say. */
export type ClientFrame = {
  type: 'auth';
  token: string;
  language?: Language | null;
} | {
  type: 'subscribe';
  topic: string;
  resume?: string | null;
} | {
  type: 'unsubscribe';
  topic: string;
};

/** Of `activity`. */
export interface EventRows {
  /** The newest, in order. */
  events: PublicEvent[];
}

/** Of `job:<id>`. */
export interface JobRows {
  /** Null if there is no such job. */
  job: JobRow | null;
  /** In order; a long run is thinned. */
  epochs: EpochRow[];
}

/** Of `jobs`. */
export interface JobsRows {
  /** The newest, newest first. */
  jobs: JobRow[];
}

/** What a gateway says. */
export type ServerFrame = {
  type: 'ready';
  tenant: TenantId;
} | {
  type: 'initial';
  topic: string;
  sequence: number;
  rows: TopicRows;
  resume?: string;
} | {
  type: 'event';
  topic: string;
  event: PublicEvent;
  resume: string;
} | {
  type: 'telemetry';
  topic: string;
  job: string;
  telemetry: Telemetry;
} | {
  type: 'console';
  topic: string;
  job: string;
  console: ConsoleLines;
} | {
  type: 'watermark';
  sequence: number;
  resume: Record<string, string>;
} | {
  type: 'refetch';
  topic: string;
  reason: string;
} | {
  type: 'error';
  code: Code;
  message: string;
  topic?: string;
};

/** The rows that a topic begins with. */
export type TopicRows = JobRows | ChatRows | JobsRows | EventRows | Fleet;
