// The events, with their place in the log beside them. Written from the types of Rust by `make wire`; do not edit.
import type { Actor, Annotation, Artifact, CheckpointRef, Choice, DatasetProfile, DatasetVersion, Exhibit, Failure, FileProblem, Language, Member, ModelCard, Pool, Price, Priority, Proposal, Reason, Role, Scope, Share, Task, TenantId, TrainingConfig } from './rows';

/** What a fact is about. An endpoint shares the id of the job whose model it serves. Written `job/<uuid>`. */
export type Aggregate = string;

export type ChatEvent = {
  kind: 'chat.prompt_received';
  body: {
    text: string;
    language: Language;
  };
} | {
  kind: 'chat.config_proposed';
  body: {
    proposal: Proposal;
    interpreter: Interpreter;
    reply: string;
    /** What may be said next. */
    choices?: Choice[];
  };
} | {
  kind: 'chat.reply_given';
  body: {
    reply: string;
    intent: string;
    /** `reply` as data, where it is the platform's own and not part of the talk. */
    because?: Reason[];
    /** What may be meant, or said next. */
    choices?: Choice[];
    /** The path of the dataset that it speaks of, which "that dataset" then means. */
    dataset?: string;
    /** Left out where it is the grammar. */
    interpreter?: Interpreter;
    /** The job that it speaks of, which "that one" then means. */
    job?: string;
    /** What is drawn beside the reply, which says all by itself. */
    shows?: Exhibit[];
  };
} | {
  kind: 'chat.proposal_approved';
  body: {
    hash: string;
    config: TrainingConfig;
    reply: string;
  };
} | {
  kind: 'chat.proposal_rejected';
  body: {
    hash: string;
    reply: string;
  };
} | {
  kind: 'chat.annotated';
  body: {
    title: string;
    archived: boolean;
  };
} | {
  kind: 'chat.prompts_erased';
  body: {
    of?: string;
  };
};

export type DatasetEvent = {
  kind: 'dataset.registered';
  body: {
    /** Where it is, or its name. */
    path: string;
    /** What it is wanted for. A look finds everything that it can serve. */
    task: Task;
    /** Where it is fetched from, if it is. */
    remote?: Remote;
    source?: Place;
  };
} | {
  kind: 'dataset.validated';
  body: {
    inspection: number;
    profile: DatasetProfile;
    /** Of the store, below `datasets/<dataset>/<inspection>/`: `sample_images`, a page of the dataset's images, `sample_labels`, what is on it, and `problems`, what is wrong with single files, and `augmented_labels` with the pages that it names, what augmentation would do. */
    artifacts?: Artifact[];
    /** The newest before it, where nothing has changed. Older inspectors made none. */
    version?: DatasetVersion;
  };
} | {
  kind: 'dataset.rejected';
  body: {
    inspection: number;
    problem: string;
    next_step: string;
    /** The first [`crate::limits::REPORTED_FILES`] of `bad_files`. */
    report: FileProblem[];
    bad_files: number;
    advice?: Reason[];
    /** `problem` as data, and `next_step`. */
    because?: Reason[];
  };
} | {
  kind: 'dataset.tagged';
  body: {
    tag: string;
    version: number;
  };
} | {
  kind: 'dataset.untagged';
  body: {
    tag: string;
  };
} | {
  kind: 'dataset.archived';
  body: Record<string, never>;
} | {
  kind: 'dataset.restored';
  body: Record<string, never>;
} | {
  kind: 'dataset.deleted';
  body: {
    versions: number[];
    whole?: boolean;
  };
};

export type EndpointEvent = {
  kind: 'endpoint.deployed';
  body: {
    weights: Artifact;
    classes: string[];
  };
} | {
  kind: 'endpoint.withdrawn';
  body: Record<string, never>;
};

/** What every event says beside its `kind` and `body`. */
export interface Envelope {
  /** Its place in the log. */
  sequence: number;
  event_id: string;
  /** Of its kind's body. */
  schema: number;
  tenant: TenantId;
  /** What it is about. */
  aggregate: Aggregate;
  command_id: string;
  /** Shared by everything that one request of a user set going. */
  correlation_id: string;
  /** The event that it answers, if any: of a turn of talk what was said, else what a policy or a worker has acted on. */
  causation_id: string | null;
  actor: Actor;
  at: string;
}

/** How an event looks to whom it is sent. */
export type Form = 'slack' | 'discord' | 'teams' | 'kakaowork' | 'json' | 'mail';

export type HookEvent = {
  kind: 'hook.added';
  body: {
    hook_id: string;
    form: Form;
    /** Kinds such as `job.finished`, and families such as `job.*`. */
    on: string[];
    /** Of the sentences. */
    language: Language;
    /** The address, which whoever knows it may write to: encrypted, under a key that no event holds. The secret that signs is made of that key, and stands nowhere. */
    sealed: string;
  };
} | {
  kind: 'hook.changed';
  body: {
    hook_id: string;
    on: string[];
    language: Language;
    sealed: string;
  };
} | {
  kind: 'hook.removed';
  body: {
    hook_id: string;
  };
} | {
  kind: 'hook.paused';
  body: {
    hook_id: string;
    why: Pause;
  };
} | {
  kind: 'hook.replayed';
  body: {
    hook_id: string;
  };
} | {
  kind: 'hook.tested';
  body: {
    hook_id: string;
  };
};

/** Who turned words into a patch of the proposal. */
export type Interpreter = {
  by: 'grammar';
} | {
  by: 'llm';
  model: string;
  prompt: string;
  answer: string;
  /** What the reducer made of the answer, and why. */
  verdict: string;
  /** What of the answer was taken in: `{"intent", "spec"}`. Absent where nothing was and the grammar's reading stands. */
  patch?: unknown;
};

/** `token` is the sequence of the attempt's `attempt_started`: a fact that carries another is refused. */
export type JobEvent = {
  kind: 'job.requested';
  body: {
    config: TrainingConfig;
    config_hash: string;
    dataset: string;
    chat: string | null;
    approval: string;
  };
} | {
  kind: 'job.dispatched';
  body: {
    pool: Pool;
    class: Priority;
    reason: string;
    /** `reason` as data. */
    because?: Reason[];
    /** What an attempt under it costs, whatever becomes of the pool's price; absent is nothing. */
    price?: Price;
    /** Taken back from its queue, where nobody is any more, or from its turn: it waits again. */
    withdrawn?: boolean;
    /** The worker that it was decided for; left out where any of the pool may take it. */
    worker?: string;
  };
} | {
  kind: 'job.attempt_started';
  body: {
    worker: string;
    attempt: number;
    dispatch: number;
    batch_divisor: number;
    resume: CheckpointRef | null;
  };
} | {
  kind: 'job.training_started';
  body: {
    token: number;
    device: string;
    /** Trainable parameters. */
    parameters: number;
    train_images: number;
    validation_images: number;
    classes: string[];
    dataset_hash: string;
    /** What the trainer resolved by itself, as `name: value`. */
    resolved: Record<string, string>;
  };
} | {
  kind: 'job.epoch_logged';
  body: {
    token: number;
    epoch: number;
    train: Record<string, number>;
    validation: Record<string, number>;
    primary: string;
    is_best: boolean;
    learning_rate: number;
    seconds: number;
  };
} | {
  kind: 'job.checkpoint_committed';
  body: {
    token: number;
    checkpoint: CheckpointRef;
  };
} | {
  kind: 'job.preempt_requested';
  body: {
    token: number;
    because?: Reason[];
  };
} | {
  kind: 'job.attempt_preempted';
  body: {
    token: number;
    reason: string;
    /** `reason` as data. */
    because?: Reason[];
  };
} | {
  kind: 'job.attempt_lost';
  body: {
    token: number;
  };
} | {
  kind: 'job.attempt_failed';
  body: {
    token: number;
    failure: Failure;
    /** All that the trainer printed, where the store could take it. */
    console?: Artifact;
  };
} | {
  kind: 'job.cancel_requested';
  body: {
    reason: string;
    /** `reason` as data. */
    because?: Reason[];
  };
} | {
  kind: 'job.cancelled';
  body: {
    token: number | null;
    /** What the trainer printed, where there was one and the store could take it. */
    console?: Artifact;
  };
} | {
  kind: 'job.finished';
  body: {
    token: number;
    best_epoch: number;
    measurements: Record<string, number>;
    /** In the order of the model's outputs. */
    classes: string[];
    /** The `weights` artifact among them is the model. */
    artifacts: Artifact[];
    /** The reason, when it did not run all epochs. */
    stopped_early: string | null;
    /** `stopped_early` as data. */
    because?: Reason[];
  };
} | {
  kind: 'job.failed';
  body: {
    failure: Failure;
  };
} | {
  kind: 'job.annotated';
  body: {
    annotation: Annotation;
  };
};

export type LogEvent = {
  kind: 'log.event_skipped';
  body: {
    sequence: number;
    sha256: string;
    reason: string;
  };
};

export type MaintenanceEvent = {
  kind: 'maintenance.worker_drained';
  body: {
    worker: string;
    now: boolean;
    /** Why, for people. */
    note?: string;
  };
} | {
  kind: 'maintenance.worker_returned';
  body: {
    worker: string;
  };
} | {
  kind: 'maintenance.queue_paused';
  body: {
    /** Why, for people. */
    note?: string;
  };
} | {
  kind: 'maintenance.queue_resumed';
  body: Record<string, never>;
};

export type ModelEvent = {
  kind: 'model.registered';
  body: {
    name: string;
    version: number;
    card: ModelCard;
  };
} | {
  kind: 'model.aliased';
  body: {
    alias: string;
    version: number;
    /** The one that it named before: where a roll back goes. */
    former?: number;
  };
} | {
  kind: 'model.alias_removed';
  body: {
    alias: string;
  };
} | {
  kind: 'model.archived';
  body: {
    version: number;
  };
} | {
  kind: 'model.restored';
  body: {
    version: number;
  };
} | {
  kind: 'model.sampling_set';
  body: {
    share: Share;
  };
} | {
  kind: 'model.samples_deleted';
  body: Record<string, never>;
};

/** A calendar month in Seoul, which is nine hours before UTC all year: what reports and budgets are of. */
export type Month = string;

/** Why a hook was paused. */
export type Pause = 'dead_day' | 'gone';

/** Where a dataset lies, as a registration says it: what readers of every release know. What is fetched says `path`, and beside it from where. */
export type Place = {
  from: 'path';
} | {
  from: 'files';
  list: Artifact;
};

/** The envelope with the event in it. The log of a newer release may hold more kinds. */
export type PublicEvent = Envelope & (ChatEvent | DatasetEvent | JobEvent | EndpointEvent | ModelEvent | HookEvent | MaintenanceEvent | LogEvent | TenantEvent);

/** Where a worker fetches a dataset from when it looks. */
export type Remote = {
  from: 'archive';
  url: string;
  /** What it has to be, where that was said. */
  sha256?: string;
} | {
  from: 'bucket';
  bucket: string;
  prefix?: string;
  /** Of an archive: what it has to be, where that was said. */
  sha256?: string;
};

/** A token that another one takes the place of. */
export interface Replaced {
  token_id: string;
  /** From then on it opens nothing, if it has not ended before. */
  until: string;
}

export type TenantEvent = {
  kind: 'tenant.created';
  body: Record<string, never>;
} | {
  kind: 'tenant.token_issued';
  body: {
    token_id: string;
    name: string;
    role: Role;
    /** From then on it opens nothing; without it, the token lives until it is revoked. */
    expires_at?: string;
  };
} | {
  kind: 'tenant.token_granted';
  body: {
    token_id: string;
    name: string;
    role: Role;
    expires_at?: string;
    /** Whose session it is. */
    member?: Member;
    /** The invitation that it was had for, which is used up by that. */
    offer?: string;
    /** In whose place it is. */
    replaces?: Replaced;
    /** What it opens; empty is everything that its role may. */
    scope?: Scope[];
  };
} | {
  kind: 'tenant.token_offered';
  body: {
    token_id: string;
    name: string;
    role: Role;
    expires_at: string;
  };
} | {
  kind: 'tenant.token_revoked';
  body: {
    token_id: string;
  };
} | {
  kind: 'tenant.member_removed';
  body: {
    member: string;
  };
} | {
  kind: 'tenant.member_restored';
  body: {
    member: string;
  };
} | {
  kind: 'tenant.closed';
  body: Record<string, never>;
} | {
  kind: 'tenant.quota_set';
  body: {
    concurrent_jobs: number | null;
    gpu_hours: number | null;
    /** Of the files of its datasets in the store, each once. */
    dataset_bytes?: number;
    /** What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices. */
    month_budget?: number;
  };
} | {
  kind: 'tenant.slot_reserved';
  body: {
    job: string;
    wait: number;
  };
} | {
  kind: 'tenant.slot_released';
  body: {
    job: string;
    wait: number;
    gpu_ms: number;
  };
} | {
  kind: 'tenant.price_set';
  body: {
    pool: Pool;
    price: Price | null;
  };
} | {
  kind: 'tenant.budget_neared';
  body: {
    month: Month;
    spent: number;
    budget: number;
    currency: string;
  };
};
