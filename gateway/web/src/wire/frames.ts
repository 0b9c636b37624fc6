// The frames of `/v1/live`, as the gateway sends them.
import type { PublicEvent } from './events';
import type { ConsoleLines, Telemetry } from './rows';

export type ServerFrame =
  | { type: 'ready'; tenant: string }
  | { type: 'initial'; topic: string; sequence: number; rows: unknown; resume?: string }
  | { type: 'event'; topic: string; event: PublicEvent; resume: string }
  | { type: 'telemetry'; topic: string; job: string; telemetry: Telemetry }
  | { type: 'console'; topic: string; job: string; console: ConsoleLines }
  | { type: 'watermark'; sequence: number; resume?: Record<string, string> }
  | { type: 'refetch'; topic: string; reason: string }
  | { type: 'error'; code: string; message: string; topic?: string };
