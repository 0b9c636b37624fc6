// The public form of an event: the envelope that the log holds, with `sequence` beside it.
import type {
  Artifact,
  CheckpointRef,
  DatasetProfile,
  Failure,
  FileProblem,
  Language,
  Measurements,
  Pool,
  Priority,
  Proposal,
  Reason,
  Task,
  TrainingConfig,
} from './rows';

export interface Envelope<Kind extends string, Body> {
  sequence: number;
  event_id: string;
  kind: Kind;
  schema: number;
  tenant: string;
  aggregate: string;
  command_id: string;
  correlation_id: string;
  causation_id: string | null;
  actor: string;
  at: string;
  body: Body;
}

type Empty = Record<string, never>;

export type JobEvent =
  | Envelope<
      'job.requested',
      { config: TrainingConfig; config_hash: string; dataset: string; chat: string | null; approval: string }
    >
  | Envelope<'job.dispatched', { pool: Pool; class: Priority; reason: string; withdrawn?: boolean; because?: Reason[] }>
  | Envelope<
      'job.attempt_started',
      { worker: string; attempt: number; dispatch: number; batch_divisor: number; resume: CheckpointRef | null }
    >
  | Envelope<
      'job.training_started',
      {
        token: number;
        device: string;
        parameters: number;
        train_images: number;
        validation_images: number;
        classes: string[];
        dataset_hash: string;
        resolved: Record<string, string>;
      }
    >
  | Envelope<
      'job.epoch_logged',
      {
        token: number;
        epoch: number;
        train: Measurements;
        validation: Measurements;
        primary: string;
        is_best: boolean;
        learning_rate: number;
        seconds: number;
      }
    >
  | Envelope<'job.checkpoint_committed', { token: number; checkpoint: CheckpointRef }>
  | Envelope<'job.attempt_preempted', { token: number; reason: string; because?: Reason[] }>
  | Envelope<'job.attempt_lost', { token: number }>
  | Envelope<'job.attempt_failed', { token: number; failure: Failure; console?: Artifact }>
  | Envelope<'job.cancel_requested', { reason: string; because?: Reason[] }>
  | Envelope<'job.cancelled', { token: number | null; console?: Artifact }>
  | Envelope<
      'job.finished',
      {
        token: number;
        best_epoch: number;
        measurements: Measurements;
        classes: string[];
        artifacts: Artifact[];
        stopped_early: string | null;
        because?: Reason[];
      }
    >
  | Envelope<'job.failed', { failure: Failure }>;

export type EndpointEvent =
  Envelope<'endpoint.deployed', { weights: Artifact; classes: string[] }> | Envelope<'endpoint.withdrawn', Empty>;

export type ChatEvent =
  | Envelope<'chat.prompt_received', { text: string; language: Language }>
  | Envelope<'chat.config_proposed', { proposal: Proposal; interpreter: unknown; reply: string }>
  | Envelope<'chat.reply_given', { reply: string; intent: string; because?: Reason[] }>
  | Envelope<'chat.proposal_approved', { hash: string; config: TrainingConfig; reply: string }>
  | Envelope<'chat.proposal_rejected', { hash: string; reply: string }>;

export type DatasetEvent =
  | Envelope<'dataset.registered', { path: string; task: Task }>
  | Envelope<'dataset.validated', { inspection: number; profile: DatasetProfile; artifacts?: Artifact[] }>
  | Envelope<
      'dataset.rejected',
      {
        inspection: number;
        problem: string;
        next_step: string;
        report: FileProblem[];
        bad_files: number;
        because?: Reason[];
        advice?: Reason[];
      }
    >;

export type TenantEvent =
  | Envelope<'tenant.created', Empty>
  | Envelope<'tenant.token_issued', { token_id: string; name: string; role: string }>
  | Envelope<'tenant.token_revoked', { token_id: string }>
  | Envelope<'tenant.quota_set', { concurrent_jobs: number | null; gpu_hours: number | null }>
  | Envelope<'tenant.slot_reserved', { job: string; wait: number }>
  | Envelope<'tenant.slot_released', { job: string; wait: number; gpu_ms: number }>;

/** In the history of anything. */
export type LogEvent = Envelope<'log.event_skipped', { sequence: number; sha256: string; reason: string }>;

export type PublicEvent = JobEvent | EndpointEvent | ChatEvent | DatasetEvent | TenantEvent | LogEvent;

/** The id of what the event is about: the part after the slash. */
export function subjectId(event: { aggregate: string }): string {
  return event.aggregate.slice(event.aggregate.indexOf('/') + 1);
}
