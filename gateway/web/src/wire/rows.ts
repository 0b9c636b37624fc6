// The rows and values that the gateway sends, as its Rust types serialise them. `tests/unit/fold.test.ts` compares them
// with rows that Rust itself has written.

export type Task = 'classify' | 'detect' | 'segment' | 'pose';
export type Priority = 'low' | 'normal' | 'high';
export type Device = 'cpu' | 'gpu' | 'auto';
export type Pool = 'cpu' | 'gpu';
export type Language = 'korean' | 'english';
export type Measurements = Record<string, number>;

/** A checkpoint of another job that a training goes on from. */
export interface Continuation {
  job: string;
  checkpoint: CheckpointRef;
  best_epoch: number | null;
  best: Measurements | null;
}

export interface TrainingConfig {
  task: Task;
  model: string;
  dataset: string | null;
  classes: string[];
  epochs: number;
  image_size: number;
  batch_size: number;
  learning_rate: number;
  optimizer: 'sgd' | 'adam' | 'adamw';
  momentum: number;
  weight_decay: number;
  schedule: 'cosine' | 'one_cycle' | 'linear' | 'constant';
  warmup_epochs: number;
  label_smoothing: number;
  ema: boolean;
  augmentation: 'none' | 'light' | 'standard';
  resize: 'letterbox' | 'stretch' | 'crop';
  patience: number | null;
  seed: number;
  device: Device;
  priority: Priority;
  initial_weights: string | null;
  /** Absent where it begins at the beginning. */
  continues?: Continuation;
}

export type Source = { from: 'said' } | { from: 'implied' | 'recommended'; because: string };

export interface Proposal {
  config: TrainingConfig;
  hash: string;
  missing: string[];
  sources: Record<string, Source>;
  warnings: string[];
}

export interface Artifact {
  role: string;
  key: string;
  sha256: string;
  bytes: number;
}

/** Why something is as it is, as data. */
export interface Reason {
  code: string;
  [value: string]: unknown;
}

export interface Failure {
  class: 'config' | 'dataset' | 'out_of_memory' | 'diverged' | 'device' | 'internal';
  message: string;
  next_step: string;
  console: string[];
  /** `message` as data, and `next_step`. Absent where only sentences were given. */
  because?: Reason[];
  advice?: Reason[];
}

export interface CheckpointRef {
  epoch: number;
  step: number;
  artifact: Artifact;
}

export type JobStatus =
  'requested' | 'queued' | 'starting' | 'training' | 'cancelling' | 'finished' | 'failed' | 'cancelled';

export interface CheckpointMark {
  epoch: number;
  step: number;
  best_epoch: number | null;
  best: Measurements | null;
}

/** The first event of an aggregate that the platform cannot read. The row is as of before it. */
export interface Quarantined {
  sequence: number;
  /** As the event calls itself. */
  kind: string | null;
  reason: string;
}

export interface JobRow {
  tenant: string;
  id: string;
  number: number;
  status: JobStatus;
  config: TrainingConfig;
  config_hash: string;
  dataset: string;
  chat: string | null;
  pool: Pool | null;
  waiting_reason: string | null;
  waiting_because: Reason[];
  worker: string | null;
  attempt: number;
  token: number | null;
  batch_divisor: number;
  resumed_epoch: number;
  device: string | null;
  parameters: number | null;
  train_images: number | null;
  validation_images: number | null;
  dataset_hash: string | null;
  classes: string[];
  resolved: Record<string, string>;
  epochs_done: number;
  progress: number;
  primary: string | null;
  best_epoch: number | null;
  best: Measurements | null;
  last: Measurements | null;
  checkpoint: CheckpointMark | null;
  failed_attempts: number;
  failure: Failure | null;
  cancel_reason: string | null;
  cancel_because: Reason[];
  artifacts: Artifact[];
  stopped_early: string | null;
  stopped_because: Reason[];
  deployed: boolean;
  requested_at: string;
  started_at: string | null;
  finished_at: string | null;
  quarantine: Quarantined | null;
  sequence: number;
}

export interface EpochRow {
  tenant: string;
  job: string;
  epoch: number;
  token: number;
  train: Measurements;
  validation: Measurements;
  is_best: boolean;
  learning_rate: number;
  seconds: number;
  at: string;
  sequence: number;
}

export interface ChatRow {
  tenant: string;
  id: string;
  title: string;
  language: Language | null;
  proposal: Proposal | null;
  messages: number;
  created_at: string;
  last_at: string;
  quarantine: Quarantined | null;
  sequence: number;
}

export interface ChatMessage {
  tenant: string;
  chat: string;
  sequence: number;
  who: 'user' | 'trainyard';
  kind: string;
  text: string;
  because: Reason[];
  intent: string | null;
  proposal: Proposal | null;
  hash: string | null;
  at: string;
}

export interface SplitCounts {
  train: number;
  validation: number;
  test: number;
}

export interface FileProblem {
  path: string;
  problem: string;
}

/** The boxes of a dataset, counted. */
export interface BoxProfile {
  objects: number;
  crowds: number;
  small: number;
  medium: number;
  large: number;
  per_image: [number, number, number];
  background: number;
}

/** Counts in bins: each holds values from its edge up to, not including, the next. */
export interface Histogram {
  edges: number[];
  counts: SplitCounts[];
}

export interface Histograms {
  width: Histogram;
  height: Histogram;
  objects?: Histogram;
  /** In percent of the image's side. */
  object_size?: Histogram;
}

export interface DatasetProfile {
  format: 'image_folder' | 'yolo' | 'coco' | 'pascal_voc';
  task: Task;
  images: SplitCounts;
  split: boolean;
  classes: { name: string; images: SplitCounts; objects: number }[];
  width: [number, number, number];
  height: [number, number, number];
  grey: boolean;
  bytes: number;
  content_hash: string;
  warnings: string[];
  skipped: FileProblem[];
  /** Used all the same. */
  noted?: FileProblem[];
  boxes?: BoxProfile;
  histograms?: Histograms;
}

export interface DatasetRow {
  tenant: string;
  id: string;
  path: string;
  task: Task;
  status: 'pending' | 'valid' | 'rejected';
  inspection: number;
  profile: DatasetProfile | null;
  artifacts: Artifact[];
  problem: string | null;
  next_step: string | null;
  because: Reason[];
  advice: Reason[];
  report: FileProblem[];
  bad_files: number;
  registered_at: string;
  at: string;
  quarantine: Quarantined | null;
  sequence: number;
}

export interface WorkerRecord {
  worker: string;
  pool: Pool;
  device: string;
  host: string;
  version: string;
  started_at: string;
  seen_at: string;
  jobs: string[];
  slots: number;
  draining: boolean;
}

export interface Telemetry {
  token: number;
  step: {
    epoch: number;
    step: number;
    steps: number;
    losses: Measurements;
    learning_rate: number;
    images_per_second: number;
    data_wait_ms: number;
    gpu_mib: number | null;
    memory_mib: number | null;
  };
}

/** Lines of a console as they come, numbered from `first`. */
export interface ConsoleLines {
  token: number;
  /** Which life of the agent has read and numbered them. */
  run: string;
  first: number;
  lines: string[];
}

/** The newest lines of a console; a number that is missing in between was left out. */
export interface ConsoleTold {
  from: 'telemetry' | 'artifact';
  token: number | null;
  run: string | null;
  lines: { number: number; text: string }[];
}

/** The curves of the steps, as wide as they were asked for. */
export interface StepCurves {
  curves: Record<string, { steps: number[]; values: number[] }>;
  measurements: number;
  /** Not every point is here. */
  thinned: boolean;
  newest: Telemetry['step'] | null;
}

export interface Prediction {
  class: string;
  confidence: number;
  bbox: [number, number, number, number] | null;
}

export interface PredictAnswer {
  predictions: Prediction[];
  width: number;
  height: number;
  milliseconds: number;
}

export interface Model {
  id: string;
  family: string;
  task: Task;
  parameters: number | null;
  image_size: number;
  licence: string;
  trainable: boolean;
  note: string | null;
}

export interface ArtifactLink {
  role: string;
  name: string;
  sha256: string;
  bytes: number;
  url: string;
}
