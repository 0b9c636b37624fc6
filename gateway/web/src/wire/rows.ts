// The rows, and the values in them. Written from the types of Rust by `make wire`; do not edit.

/** A GPU that a worker gives to jobs. */
export interface Accelerator {
  /** Of its machine, from 0, in the order of the bus. */
  index: number;
  /** Its name, such as `NVIDIA H100 80GB HBM3`. */
  kind: string;
  /** Those that have it now. */
  jobs?: string[];
  memory_bytes?: number;
  /** Whether the one that has it has it to itself. */
  whole?: boolean;
}

/** Who caused a fact. Written `user:laptop`, `worker:gpu-3`, `policy:request-approved-job`. */
export type Actor = string;

/** All that is said of a job. Empty is nothing. */
export interface Annotation {
  /** One line. */
  title: string;
  /** Each once, in the order in which they were given. */
  tags: string[];
  /** Plain text on several lines. */
  note: string;
  /** Put away: lists that people read leave it out. */
  archived: boolean;
}

/** Something a trainer left in the store. It is real only once an event names it. */
export interface Artifact {
  /** `weights`, `checkpoint`, `confusion_matrix`, `sample_predictions`, `pr_curve`, `report`, `console`. */
  role: string;
  /** Key in the bucket: `jobs/<job>/<token>/...`. */
  key: string;
  sha256: string;
  bytes: number;
}

export type Augmentation = 'none' | 'light' | 'standard';

/** The boxes of a dataset, counted. */
export interface BoxProfile {
  /** Boxes of one object each. */
  objects: number;
  /** Regions of many objects: neither trained on nor judged. */
  crowds: number;
  /** Objects below 32 x 32 pixels of their image, up to 96 x 96, and above. */
  small: number;
  medium: number;
  large: number;
  /** Objects in an image: smallest, median, largest. */
  per_image: [number, number, number];
  /** Images without an object. */
  background: number;
}

export interface ChatMessage {
  tenant: TenantId;
  chat: string;
  /** Of its event; orders the messages. */
  sequence: number;
  who: Who;
  /** Who has spoken, or is answered. */
  actor: Actor;
  /** The event's, such as `chat.config_proposed`. */
  kind: string;
  text: string;
  /** `text` as data, where it is the platform's own and not part of the talk. */
  because: Reason[];
  /** Sentences of which one may be meant, or said next. */
  choices: Choice[];
  /** What is drawn beside the words of a `chat.reply_given`. */
  shows: Exhibit[];
  /** What was understood, of a `chat.reply_given`. */
  intent: string | null;
  /** What was proposed, of a `chat.config_proposed`. */
  proposal: Proposal | null;
  /** Of the proposal that was made, approved or rejected. */
  hash: string | null;
  /** What was said is erased, and nobody has it any more. */
  erased: boolean;
  at: string;
}

export interface ChatRow {
  tenant: TenantId;
  id: string;
  /** What somebody has called it, or else the first prompt, cut; empty where that is erased. */
  title: string;
  /** That first prompt. */
  first: string;
  /** Put away: the page leaves it out of its list. */
  archived: boolean;
  /** Of the newest prompt. */
  language: Language | null;
  /** The open one: neither approved nor rejected. */
  proposal: Proposal | null;
  messages: number;
  created_at: string;
  last_at: string;
  /** Set while its history has an event that cannot be read. By no fold: the reader of the log knows. */
  quarantine: Quarantined | null;
  sequence: number;
}

/** The newest committed checkpoint, with what was best when it was written: a resume goes back to exactly this. */
export interface CheckpointMark {
  epoch: number;
  step: number;
  best_epoch: number | null;
  best: Record<string, number> | null;
}

/** A place to go on from. */
export interface CheckpointRef {
  /** Whole epochs done. */
  epoch: number;
  /** Optimizer steps done. */
  step: number;
  artifact: Artifact;
}

/** One of several things that may be meant or wanted: a sentence that is read as exactly that. */
export interface Choice {
  say: string;
  /** What comes of it. */
  what: string;
}

export interface ClassProfile {
  name: string;
  images: SplitCounts;
  /** Labelled objects; equal to the images when classifying. */
  objects: number;
}

/** Some of the newest lines of an attempt's console. Readers keep lines by number: a message may bring some again, and a number that no message brings is a line that was left out. */
export interface ConsoleLines {
  token: number;
  /** The life of the agent that read them. Another one reads the console anew, so its lines replace these. */
  run: string;
  /** The number of the first of `lines`; the attempt's first one is 1. */
  first: number;
  lines: string[];
}

/** Where a training goes on from: a checkpoint that an attempt at another job of the same tenant has left. Only the gateway writes it, from the log. */
export interface Continuation {
  job: string;
  checkpoint: CheckpointRef;
  /** The best epoch by then, and its validation measurements. */
  best_epoch: number | null;
  best: Record<string, number> | null;
  /** [`TrainingConfig::hash`] of what the checkpoint was trained [as](TrainingConfig::as_trained), where values have changed since. */
  trained_as?: string;
}

/** What was found in a dataset, measured once over every file. */
export interface DatasetProfile {
  format: LabelFormat;
  /** The first of `kinds`. */
  task: Task;
  images: SplitCounts;
  /** Whether the dataset brings its own validation split. */
  split: boolean;
  /** In the dataset's order, which is the order of the model's outputs. */
  classes: ClassProfile[];
  /** Width and height in pixels after EXIF rotation: smallest, median, largest of each. */
  width: [number, number, number];
  height: [number, number, number];
  grey: boolean;
  bytes: number;
  /** SHA-256 over the sorted relative paths and the content of every file: the dataset's version. */
  content_hash: string;
  /** In English; unusual, but no reason to refuse. */
  warnings: string[];
  /** Files that were left out, with the reason: the first of `skipped_files`. */
  skipped: FileProblem[];
  /** Of a dataset with boxes. */
  boxes?: BoxProfile;
  /** `warnings` as data, one each. */
  cautions?: Reason[];
  /** What older inspectors did not count. */
  histograms?: Histograms;
  /** Every task that its labels can serve; of an older inspector, which looked for one task, nothing. */
  kinds?: Task[];
  /** Files that are used all the same, with what a person should know of them. */
  noted?: FileProblem[];
  noted_files?: number;
  skipped_files?: number;
}

export interface DatasetRow {
  tenant: TenantId;
  id: string;
  /** Where it is, or its name. */
  path: string;
  source: DatasetSource;
  task: Task;
  status: DatasetStatus;
  /** Sequence of the newest registration; an answer to an older one changes nothing. */
  inspection: number;
  /** When valid. */
  profile: DatasetProfile | null;
  /** What the look at it has left in the store: a page of its images, and their labels. */
  artifacts: Artifact[];
  /** Each good look that found something new, the oldest first. They stay until they are deleted, whatever is found later. */
  versions: DatasetVersion[];
  /** The version that each names. */
  tags: Record<string, number>;
  /** Put away: no job can be asked for on it, and lists leave it out. */
  archived: boolean;
  /** When rejected. */
  problem: string | null;
  next_step: string | null;
  /** `problem` as data, and `next_step`. */
  because: Reason[];
  advice: Reason[];
  /** The first of `bad_files`. */
  report: FileProblem[];
  bad_files: number;
  /** The first time. */
  registered_at: string;
  /** Of the last change. */
  at: string;
  /** Set while its history has an event that cannot be read. By no fold: the reader of the log knows. */
  quarantine: Quarantined | null;
  sequence: number;
}

/** Where the images and labels of a dataset come from. */
export type DatasetSource = {
  from: 'path';
} | {
  from: 'files';
  list: Artifact;
} | {
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

export type DatasetStatus = 'valid' | 'rejected' | 'pending' | 'deleted';

/** A state of a dataset that never changes: exactly these images with exactly these labels. */
export interface DatasetVersion {
  /** From 1. */
  number: number;
  /** Every task that it can serve. */
  kinds: Task[];
  /** The lines of every image and its labels, in the store. Its hash is the version. */
  manifest: Artifact;
  /** What the look that found it has listed as wrong with single files. Older looks left it to the dataset's artifacts. */
  problems?: Artifact;
  /** Whether its images are in the store, too; else each worker has to see them where they were looked at. */
  stored?: boolean;
}

export type Device = 'cpu' | 'gpu' | 'auto';

export interface EpochRow {
  tenant: TenantId;
  job: string;
  /** From 1. */
  epoch: number;
  /** Of the attempt that ran it. */
  token: number;
  train: Record<string, number>;
  validation: Record<string, number>;
  is_best: boolean;
  learning_rate: number;
  seconds: number;
  at: string;
  sequence: number;
}

/** What an answer shows beside its words. Each names what it is about: who draws it has the rows, which may have gone on since. */
export type Exhibit = {
  show: 'job';
  job: string;
} | {
  show: 'results';
  job: string;
} | {
  show: 'jobs';
  jobs: string[];
} | {
  show: 'comparison';
  jobs: string[];
} | {
  show: 'dataset';
  path: string;
};

export interface Failure {
  class: FailureClass;
  /** What happened, in one sentence. */
  message: string;
  /** What the reader can do now. */
  next_step: string;
  /** The trainer's last lines, newest last. */
  console: string[];
  advice?: Reason[];
  /** `message` as data, and `next_step`. Absent where only sentences were given. */
  because?: Reason[];
}

/** Why an attempt or a job failed: the class decides what happens next. */
export type FailureClass = 'config' | 'dataset' | 'out_of_memory' | 'diverged' | 'device' | 'internal';

/** What is wrong with one file. */
export interface FileProblem {
  /** Relative to the dataset's root. */
  path: string;
  problem: string;
  /** `problem` as data. */
  flaws?: Reason[];
}

/** A GPU as its driver has last told of it; what the driver does not tell is absent. */
export interface Gpu {
  /** Of its machine, from 0. */
  index: number;
  name: string;
  celsius?: number;
  memory_bytes?: number;
  memory_used_bytes?: number;
  /** How much of the last moment it computed. */
  use_percent?: number;
  watts?: number;
}

/** Of the attempt that runs. */
export interface HeldLease {
  token: number;
  began_at: string;
  /** As the trainer names it, once it has. */
  device: string | null;
  /** Millionths for an hour; null where nothing is asked for. */
  hour: number | null;
}

/** Counts in a few bins, from the first to the last that holds anything. */
export interface Histogram {
  /** Where each bin begins, ascending, and where the last one ends, which is not in it any more. */
  edges: number[];
  /** One less than the edges. */
  counts: SplitCounts[];
}

/** How the sizes in a dataset are spread, by split. */
export interface Histograms {
  /** Images by pixels of their sides, after EXIF rotation. */
  width: Histogram;
  height: Histogram;
  /** The objects by their size beside their image: the root of their part of its area, in percent. */
  object_size?: Histogram;
  /** Of a dataset with boxes: images by how many objects are in them, crowds left out. */
  objects?: Histogram;
}

/** A trainer of somebody else's that a worker has. */
export interface InstalledRunner {
  runner: string;
  /** Of the framework behind it. */
  version: string;
  /** SHA-256 of what it says of itself ([`crate::card::Description`]); the store has that below [`crate::card::shelf`]. */
  description: string;
}

export interface JobRow {
  tenant: TenantId;
  id: string;
  /** The tenant's jobs counted from 1 in order of request: how people refer to a job. */
  number: number;
  status: JobStatus;
  config: TrainingConfig;
  config_hash: string;
  dataset: string;
  chat: string | null;
  /** The name of the token that asked for it; `None` where an older release did not say. */
  owner: string | null;
  /** What people say of it. */
  annotation: Annotation;
  pool: Pool | null;
  /** Why it does not run yet: the scheduler's reason, or how the last attempt ended. `None` while one runs. */
  waiting_reason: string | null;
  /** The same as data, each part by itself. */
  waiting_because: Reason[];
  /** The worker of the current attempt, or of the last one once the job has ended. */
  worker: string | null;
  /** 0 before the first. */
  attempt: number;
  /** Of the current attempt. `None` between attempts; kept once the job has ended. */
  token: number | null;
  batch_divisor: number;
  /** Whole epochs that the current attempt took over. */
  resumed_epoch: number;
  /** As the trainer names it. */
  device: string | null;
  /** Trainable ones. */
  parameters: number | null;
  train_images: number | null;
  validation_images: number | null;
  dataset_hash: string | null;
  /** In the order of the model's outputs; empty until the trainer has said. */
  classes: string[];
  resolved: Record<string, string>;
  epochs_done: number;
  /** 0 to 1, by epochs. */
  progress: number;
  /** The validation measurement that decides which epoch is best. */
  primary: string | null;
  best_epoch: number | null;
  /** Validation measurements of the best epoch. */
  best: Record<string, number> | null;
  /** Validation measurements of the newest epoch. */
  last: Record<string, number> | null;
  checkpoint: CheckpointMark | null;
  /** Attempts that failed by themselves; lost and preempted ones are not among them. */
  failed_attempts: number;
  /** Of the job, or of its newest failed attempt while it still goes on. */
  failure: Failure | null;
  cancel_reason: string | null;
  cancel_because: Reason[];
  /** The results; then the consoles of attempts without any, the newest first. */
  artifacts: Artifact[];
  /** The reason, if not all epochs were run. */
  stopped_early: string | null;
  stopped_because: Reason[];
  /** Whether its endpoint answers. */
  deployed: boolean;
  requested_at: string;
  /** Of the first attempt. */
  started_at: string | null;
  finished_at: string | null;
  /** What its attempts have held their leases for, and what that costs. */
  spending: Spending;
  /** Set while its history has an event that cannot be read. By no fold: the reader of the log knows. */
  quarantine: Quarantined | null;
  /** Of the last event that changed it. */
  sequence: number;
}

/** Folded, never set. `unreachable` is not among them: it is a late lease, which is not in the log. */
export type JobStatus = 'training' | 'finished' | 'failed' | 'cancelled' | 'requested' | 'queued' | 'starting' | 'cancelling';

/** A format that is read. */
export type LabelFormat = 'yolo' | 'coco' | 'pascal_voc' | 'cvat_images' | 'label_studio' | 'labelme' | 'create_ml' | 'csv' | 'image_folder' | 'masks';

export type Language = 'korean' | 'english';

/** How much of a machine is in use, neighbours of the worker included. */
export interface Machine {
  /** Of all its processors together, since the record before. */
  busy_percent: number;
  memory_used_bytes: number;
}

/** A person who has logged in, as the provider of identities tells of them. */
export interface Member {
  /** Derived from who vouches for them and what they are called there, so that it stays when a name changes. */
  id: string;
  /** What they are called there. */
  subject: string;
}

/** What a version is, as it was when it was registered. It never changes. */
export interface ModelCard {
  /** Whose model it is: its endpoint is the one that answers. */
  job: string;
  /** The artifact of the job that answers, `onnx` or of older jobs `weights`. Its hash is the version. */
  export: Artifact;
  task: Task;
  /** The architecture, by its catalog id. */
  model: string;
  /** In the order of the outputs. */
  classes: string[];
  config_hash: string;
  /** Of the best epoch, on the validation split. */
  measurements: Record<string, number>;
  /** What it was trained on, as the configuration has it, and the SHA-256 of that. */
  dataset?: string;
  dataset_hash?: string;
  /** Of the program that trained it, by its SPDX name, where it says one. */
  licence?: string;
  output?: Output;
  /** As the card in the export says; absent where the export has none. */
  preprocessing?: Preprocessing;
  /** Who trained it, where it was not our own trainer. */
  runner?: string;
  /** What other trainings can start from, where the job has left any. */
  weights?: Artifact;
}

export interface ModelRow {
  tenant: TenantId;
  id: string;
  name: string;
  /** The oldest first. */
  versions: ModelVersion[];
  aliases: Record<string, Named>;
  /** Of the images that it is asked about by its name, so many are kept for review. */
  sampling: Share;
  /** Those kept until then are deleted. */
  samples_deleted_at: string | null;
  registered_at: string;
  /** Of the last change. */
  at: string;
  /** Set while its history has an event that cannot be read. By no fold: the reader of the log knows. */
  quarantine: Quarantined | null;
  sequence: number;
}

export interface ModelVersion {
  number: number;
  card: ModelCard;
  /** Put away: no alias can name it. */
  archived: boolean;
  registered_at: string;
}

/** What an alias names. */
export interface Named {
  version: number;
  /** The version before, where a roll back goes. */
  former: number | null;
  since: string;
}

export type Optimizer = 'adam' | 'adamw' | 'sgd';

/** The outputs of an ONNX model by their names. Its one input is `images`: floats `[N, 3, S, S]`, RGB, normalised. `N` is free, `C` the number of classes, `S` the side of the square; coordinates are pixels of that square where nothing else is said, and scores are 0 to 1 where they are not called logits. */
export type Output = 'logits' | 'labels' | 'boxes' | 'masks' | 'keypoints' | 'queries' | 'pixels' | 'anomaly';

/** Workers of one kind, which share a queue. */
export type Pool = 'cpu' | 'gpu';

/** What happens to an image between decoding and the network. */
export interface Preprocessing {
  /** Side of the square in pixels. */
  image_size: number;
  resize: Resize;
  /** Of pixels scaled to 0..1, in RGB order. */
  mean: [number, number, number];
  std: [number, number, number];
  /** Bits that the 16-bit images of the dataset use, where that is fewer than 16: decoding scales by that. */
  sample_bits?: number;
}

/** What an hour on a worker of one pool costs; where a job has GPUs to itself, on each of them. */
export interface Price {
  /** ISO 4217, such as `KRW`. */
  currency: string;
  /** Millionths for an hour. */
  hour: number;
  /** The same where the trainer's name of its device has this in it, in whatever case; the longest that fits counts. */
  devices?: Record<string, number>;
}

/** The class of a training command on the work queue. */
export type Priority = 'low' | 'normal' | 'high';

/** A configuration put before the user, with what is missing and why each value is what it is. */
export interface Proposal {
  config: TrainingConfig;
  /** [`TrainingConfig::hash`]: an approval must name exactly this. */
  hash: string;
  /** Slots that the user still has to give; empty means that it can be approved. */
  missing: string[];
  /** By field of the configuration. */
  sources: Record<string, Source>;
  /** What is unusual about it, in the user's language. */
  warnings: string[];
}

/** The first event of an aggregate that this platform cannot read. The row is as of before it. */
export interface Quarantined {
  sequence: number;
  /** As the event calls itself. */
  kind: string | null;
  /** Why it cannot be read, in English. */
  reason: string;
}

/** Why something is so, as data: a code and its values. Where people read it, the sentence stands beside them in both languages. */
export interface Reason {
  code: string;
  en?: string;
  ko?: string;
  [name: string]: unknown;
}

/** How an image of another shape becomes a square. Stored with the model, so that predicting does the same. */
export type Resize = 'letterbox' | 'stretch' | 'crop';

/** What a job asks for besides a pool; what is left out is not asked. Of GPUs it has as many as it asks for to itself: one, where it only says which. */
export interface Resources {
  /** A word or more of the name of each, such as `H100`, whatever its case. */
  gpu?: string;
  /** Memory of each, in GB as its maker counts them. */
  gpu_memory_gb?: number;
  gpus?: number;
  /** Labels that the worker has to have. */
  labels?: Record<string, string>;
}

/** What a token may do. */
export type Role = 'viewer' | 'editor' | 'admin';

export type Schedule = 'cosine' | 'one_cycle' | 'linear' | 'constant';

/** A group of routes that a token may be confined to. */
export type Scope = 'chats' | 'jobs' | 'datasets' | 'models' | 'predict' | 'events' | 'fleet' | 'settings';

/** A part of a whole: from 0, nothing, to 1, all of it. */
export type Share = number;

/** Where a value of a proposal came from. */
export type Source = {
  from: 'said';
} | {
  from: 'implied';
  because: string;
} | {
  from: 'recommended';
  because: string;
};

export interface Spending {
  /** That the newest dispatch states. */
  price: Price | null;
  lease: HeldLease | null;
  /** Of attempts that have ended, in milliseconds. */
  held_ms: number;
  /** Of the same, in millionths of `currency`. */
  cost: number;
  /** Null while nothing has had a price. */
  currency: string | null;
}

/** Images by split. For a dataset that is not split, all are under `train` and `split` is false. */
export interface SplitCounts {
  train: number;
  validation: number;
  test: number;
}

/** Numbers of a moment in training; at most two a second leave the trainer. */
export interface StepMeasurement {
  /** From 1. */
  epoch: number;
  /** Optimizer steps since the job began, from 1. */
  step: number;
  /** Optimizer steps of the whole job. */
  steps: number;
  losses: Record<string, number>;
  learning_rate: number;
  images_per_second: number;
  /** Time the last step waited for images. */
  data_wait_ms: number;
  gpu_mib: number | null;
  /** Main memory that the trainer holds; unknown of older trainers. */
  memory_mib: number | null;
}

/** What a model does with an image. */
export type Task = 'classify' | 'detect' | 'segment' | 'pose' | 'anomaly';

/** A step measurement on the telemetry stream, under the attempt that took it. */
export interface Telemetry {
  token: number;
  step: StepMeasurement;
}

/** A tenant's name: 1 to 32 of `a-z`, `0-9` and `-`, so that it is safe in a subject and in a path. */
export type TenantId = string;

/** A token as its tenant may see it. */
export interface TokenRow {
  tenant: TenantId;
  token_id: string;
  name: string;
  role: Role;
  issued_at: string;
  revoked_at: string | null;
  /** From then on it opens nothing; absent is never. */
  expires_at: string | null;
  /** What it opens; empty is everything that its role may. */
  scope: Scope[];
  /** Whose session it is; null for any other token. */
  member: Member | null;
  /** The token that has taken its place. */
  replaced_by: string | null;
  sequence: number;
}

/** Every value that decides a training. What the hash covers is exactly this. */
export interface TrainingConfig {
  task: Task;
  /** Catalog id, such as `resnet18`. */
  model: string;
  /** Path or URI as the user wrote it; `None` while it is missing. */
  dataset: string | null;
  /** The classes to train on, in order; empty means all that the dataset has. */
  classes: string[];
  epochs: number;
  /** Side of the square the network sees, in pixels. */
  image_size: number;
  /** Images of one optimizer step. */
  batch_size: number;
  /** Peak learning rate, after warm-up. */
  learning_rate: number;
  optimizer: Optimizer;
  /** SGD's momentum, Adam's first beta. */
  momentum: number;
  weight_decay: number;
  schedule: Schedule;
  warmup_epochs: number;
  label_smoothing: number;
  /** Whether an exponential moving average of the weights is kept and evaluated. */
  ema: boolean;
  augmentation: Augmentation;
  resize: Resize;
  /** Epochs without strict improvement after which training stops; `None` never stops early. */
  patience: number | null;
  seed: number;
  device: Device;
  priority: Priority;
  /** What to start from: `pretrained`, or a path, `https://`, `hf://` or `s3://` of a safetensors file; `None` is a random start. */
  initial_weights: string | null;
  /** Left out where it begins at the beginning. */
  continues?: Continuation;
  /** The most that the training may cost, in units of the tenant's currency: its attempts together. Then it stops with a checkpoint. */
  max_cost?: number;
  /** The same of the hours that its attempts may take. */
  max_hours?: number;
  /** That runner's own settings; left out are those that have its default. */
  options?: Record<string, never>;
  /** Left out where any worker of its pool will do. */
  resources?: Resources;
  /** Who trains it, as its `describe` names itself; left out where it is our own trainer. */
  runner?: string;
}

export type Who = 'user' | 'trainyard';

/** The value under a worker's key in the `fleet` bucket: what it is and is doing. */
export interface WorkerRecord {
  worker: string;
  pool: Pool;
  /** As the trainer names it, such as `cpu (2 threads)`. */
  device: string;
  host: string;
  version: string;
  started_at: string;
  seen_at: string;
  /** Jobs it runs now. At most `slots`. */
  jobs: string[];
  slots: number;
  /** Told to stop: takes nothing new. */
  draining: boolean;
  /** Of its machine: processors, and memory in bytes. */
  cores?: number;
  /** What it gives to the jobs that it runs: the GPUs of its machine, or those that its settings name. */
  devices?: Accelerator[];
  /** The GPUs of its machine, neighbours' use of them included. */
  gpus?: Gpu[];
  /** As its settings say, such as `zone` and `a`. */
  labels?: Record<string, string>;
  /** What its machine was doing a moment ago. */
  machine?: Machine;
  memory_bytes?: number;
  /** What trains here besides our own trainer. */
  runners?: InstalledRunner[];
  /** Whether it has a queue of its own, on which jobs come that were decided for it. */
  takes_own?: boolean;
}
