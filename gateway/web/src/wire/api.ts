// What is asked over HTTP, and what is answered. Written from the types of Rust by `make wire`; do not edit.
import type { Aggregate, Form, Month, Pause, PublicEvent } from './events';
import type { Augmentation, ChatMessage, ChatRow, Choice, DatasetRow, Device, EpochRow, JobRow, Language, ModelRow, Optimizer, Pool, Price, Priority, Proposal, Reason, Resize, Role, Schedule, Scope, Share, SplitCounts, StepMeasurement, Task, Telemetry, TenantId, TokenRow, WorkerRecord } from './rows';

export interface Acceptance {
  code: string;
}

export interface ActivityQuery {
  /** In order, and only what comes after this sequence. */
  after?: number | null;
  /** Only what is about this, such as `job/01890a5d-ac96-774b-bcce-b302099a8057`. */
  aggregate?: Aggregate | null;
  /** Newest first: `next` of the page before this one. */
  before?: number | null;
  /** Events at most; 200 are the most there are. */
  limit?: number | null;
}

export interface AliasMoved {
  alias: string;
  /** What it names now, and named before. */
  version: number;
  former: number | null;
  /** Of the event that let the version answer; null where it did already. */
  deployed: number | null;
  /** Of the event that moved the alias; null where it named the version already. */
  sequence: number | null;
  /** Where it answers; without a public URL, below this gateway. */
  url: string;
}

/** How unlike the good images one is. */
export interface Anomaly {
  /** 0 to 1. */
  score: number;
  /** From which score on it is none of them. */
  threshold: number;
  /** Where: a small grey PNG in base64 that covers the image, black where it is as it should be and white where it is not. */
  heat: string;
}

/** The open proposal as it was shown. */
export interface Approval {
  hash: string;
}

export interface Approved {
  job: JobRef;
  sequence: number;
}

export interface ArtifactLink {
  /** Such as `weights`. */
  role: string;
  /** Of the file. */
  name: string;
  sha256: string;
  bytes: number;
  /** Its bytes, below this gateway. */
  url: string;
}

export interface ArtifactList {
  artifacts: ArtifactLink[];
}

export interface ArtifactQuery {
  /** Which one, where a role has several. */
  sha256?: string | null;
}

export interface Audit {
  /** Null where no auditor has ever run. */
  audit: Audited | null;
}

export interface Audited {
  /** The newest event of the platform that was checked, from the first. */
  sequence: number;
  /** When the auditor began, and when it said this: it says so every five seconds. */
  begun: string;
  told: string;
  /** Files of the platform that must be in the store, those of them that nobody has looked at yet, and times that one was read and was what it should be. */
  files: number;
  files_waiting: number;
  files_good: number;
  /** What does not hold of this tenant, the oldest first. */
  findings: Finding[];
}

/** Why an event may be skipped: this stands in the log for ever. */
export interface Because {
  reason: string;
}

export interface BlobQuestion {
  /** SHA-256 of files, 64 hexadecimal digits each. */
  sha256: string[];
  /** The length of each, in the same order, so that what there is no room for is refused before it is sent. */
  bytes?: number[];
}

export interface BlobsMissing {
  /** Those that are not in the store. */
  missing: string[];
}

export interface BlobsStored {
  /** Files, those that were there already among them. */
  stored: number;
}

/** Questions of a few minutes. */
export interface CallsAtTime {
  /** When those minutes began. */
  at: string;
  answered: number;
  refused: number;
  /** From question to answer: all of them together, and the longest, in milliseconds. */
  sum_ms: number;
  most_ms: number;
}

/** A change that was made. */
export interface Changed {
  /** Of the event that it is; null where it was so already. */
  sequence: number | null;
}

/** Fields of the open proposal; what is left out stays */
export interface Changes {
  augmentation?: Augmentation;
  /** Images of one optimizer step. */
  batch_size?: number;
  /** The classes to train on, in order; empty means all that the dataset has. */
  classes?: string[];
  /** Path or URI as the user wrote it; `None` while it is missing. */
  dataset?: string;
  device?: Device;
  /** Whether an exponential moving average of the weights is kept and evaluated. */
  ema?: boolean;
  epochs?: number;
  /** Side of the square the network sees, in pixels. */
  image_size?: number;
  /** What to start from: `pretrained`, or a path, `https://`, `hf://` or `s3://` of a safetensors file; `None` is a random start. */
  initial_weights?: string | null;
  label_smoothing?: number;
  /** Peak learning rate, after warm-up. */
  learning_rate?: number;
  /** The most that the training may cost, in units of the tenant's currency: its attempts together. Then it stops with a checkpoint. */
  max_cost?: number | null;
  /** The same of the hours that its attempts may take. */
  max_hours?: number | null;
  /** Catalog id, such as `resnet18`. */
  model?: string;
  /** SGD's momentum, Adam's first beta. */
  momentum?: number;
  optimizer?: Optimizer;
  /** That runner's own settings; left out are those that have its default. */
  options?: Record<string, never>;
  /** Epochs without strict improvement after which training stops; `None` never stops early. */
  patience?: number | null;
  priority?: Priority;
  resize?: Resize;
  /** What a job asks for besides a pool; what is left out is not asked. GPUs are its own */
  resources?: {
    /** A word or more of the name of each, whatever its case */
    gpu?: string | null;
    gpu_memory_gb?: number | null;
    gpus?: number | null;
    labels?: Record<string, string>;
  } | null;
  /** Who trains it, as its `describe` names itself; left out where it is our own trainer. */
  runner?: string | null;
  schedule?: Schedule;
  seed?: number;
  task?: Task;
  warmup_epochs?: number;
  weight_decay?: number;
}

export interface ChatAnswer {
  /** Null as long as nothing has been said in it. */
  chat: ChatRow | null;
  /** A page of them, in order. */
  messages: ChatMessage[];
  /** The open one. */
  proposal: Proposal | null;
  /** The `before` of the page of older messages; null at the beginning. */
  next: number | null;
}

/** Only an id: a conversation begins with what is said in it. */
export interface ChatBegun {
  id: string;
}

export interface ChatList {
  chats: ChatRow[];
  /** The `before` of the next page; null at the end. */
  next: number | null;
}

/** What a conversation is called from now on: what is left out stays, and an empty title is what was said first. */
export interface ChatPatch {
  /** Put away: the page leaves it out of its list. */
  archived?: boolean | null;
  title?: string | null;
}

export interface ChatsQuery {
  /** Only those that are put away, or only the others. */
  archived?: boolean | null;
  /** `next` of the page before this one. */
  before?: number | null;
  /** Rows at most; 200 are the most there are. */
  limit?: number | null;
  /** Words in the title or in what was said. */
  q?: string | null;
  /** Only those in which somebody has said something, or only those that came of a request for a job. */
  spoken?: boolean | null;
}

export interface CheckpointList {
  /** The newest few, the newest first. */
  checkpoints: KeptCheckpoint[];
}

/** What programs tell refusals apart by. Each has one status. */
export type Code = 'unauthorized' | 'token_expired' | 'forbidden' | 'login_refused' | 'no_group' | 'other_origin' | 'too_many_requests' | 'too_many_connections' | 'too_many_sockets' | 'not_found' | 'no_such_route' | 'no_such_model_version' | 'no_such_method' | 'artifact_gone' | 'checkpoint_gone' | 'bad_request' | 'no_image' | 'bad_image' | 'too_large' | 'too_slow' | 'prompt_empty' | 'prompt_too_long' | 'prompt_unreadable' | 'proposal_incomplete' | 'bad_config' | 'bad_path' | 'bad_tag' | 'bad_annotation' | 'bad_model_name' | 'bad_hook' | 'bad_token_name' | 'expires_in_the_past' | 'model_not_trainable' | 'idempotency_key_reused' | 'refused' | 'no_open_proposal' | 'proposal_changed' | 'proposal_overtaken' | 'already_approved' | 'already_so' | 'already_issued' | 'token_name_taken' | 'job_already_ended' | 'job_still_runs' | 'job_finished' | 'job_not_finished' | 'no_checkpoint' | 'not_deployed' | 'dataset_archived' | 'dataset_pending' | 'dataset_in_use' | 'endpoint_in_use' | 'dataset_bytes_used_up' | 'quarantined' | 'unavailable' | 'views_behind' | 'timed_out' | 'no_worker' | 'no_predictor' | 'predictor_busy' | 'predictor_timed_out' | 'bad_model' | 'internal' | 'bad_frame' | 'frame_too_large' | 'unknown_topic' | 'too_many_topics';

/** A mask of the whole image as COCO has it, and its programs read it. */
export interface CodedMask {
  /** Height and width in pixels. */
  size: [number, number];
  /** Lengths of runs down the columns, outside and inside in turn, in COCO's code. */
  counts: string;
}

/** Where the lines are kept. */
export type ConsoleFrom = 'telemetry' | 'artifact';

/** A line with its number. */
export interface ConsoleLine {
  number: number;
  text: string;
}

export interface ConsoleQuery {
  /** Lines at most. */
  limit?: number | null;
}

/** The newest lines of a console; a number that is missing in between was left out. */
export interface ConsoleTold {
  from: ConsoleFrom;
  /** The attempt's; null where none has said anything. */
  token: number | null;
  /** Which life of the agent has read and numbered them; null of a file. */
  run: string | null;
  lines: ConsoleLine[];
}

/** The leases of a month, added up in three ways, each of which is the total. Money is in millionths of the currency's unit. */
export interface CostReport {
  month: Month;
  /** Where the month begins and ends at midnight. */
  zone: string;
  /** Null while the tenant has had no price. */
  currency: string | null;
  /** For each month, in whole units; null is none. */
  budget: number | null;
  total: Taken;
  /** Leases among them that are still held, counted until now. */
  running: number;
  /** Those that took most first; so are the others. */
  members: MemberCost[];
  jobs: JobCost[];
  kinds: KindCost[];
}

export interface CostsQuery {
  /** Such as `2026-11`; left out, the one that it is. */
  month?: Month | null;
}

/** Points in order of step. */
export interface Curve {
  steps: number[];
  values: number[];
}

export interface DatasetAnswer {
  dataset: DatasetRow;
}

/** What is other in `to` than in `from`. An image that was moved and labelled anew counts as both. */
export interface DatasetDiff {
  from: DiffSide;
  to: DiffSide;
  /** Of no content and no name that was there. */
  added: DiffImages;
  removed: DiffImages;
  /** Into another split. */
  moved: DiffImages;
  /** Of other labels, by the names of their classes. */
  relabelled: DiffImages;
  /** Another content under the same name. */
  replaced: DiffImages;
  /** The same content under another name, in the same split. */
  renamed: DiffImages;
  /** Classes of either, in the order of `to`; images that have a label of each. */
  classes: DiffClass[];
}

export interface DatasetList {
  datasets: DatasetRow[];
  /** The `before` of the next page; null at the end. */
  next: number | null;
}

export interface DatasetRef {
  id: string;
}

export interface DatasetRegistered {
  dataset: DatasetRef;
  /** Of the registration; null where the fleet is looking already. */
  sequence: number | null;
}

export interface Deployed {
  endpoint: Endpoint;
  /** Of the event that it is; null where it was deployed already. */
  sequence: number | null;
}

export interface DiffClass {
  name: string;
  from: SplitCounts;
  to: SplitCounts;
}

export interface DiffImage {
  name: string;
  /** What it was called, if otherwise. */
  before?: string;
  /** Of one that was moved: out of which split, and into which. */
  splits?: [Split, Split];
}

export interface DiffImages {
  count: number;
  /** The first of them by name. */
  first: DiffImage[];
}

export interface DiffSide {
  /** Of the version. */
  number: number;
  images: SplitCounts;
  labels: number;
}

/** A worker that gets nothing new. */
export interface DrainedWorker {
  worker: string;
  /** The name of the token that said so first. */
  who: string;
  since: string;
  /** Whether what runs there is told to stop. */
  now: boolean;
  note?: string;
}

export interface Endpoint {
  job: string;
  /** Where the model answers; without a public URL, below this gateway. */
  url: string;
}

/** What was said is gone, with the keys that it was sealed with. */
export interface Erased {
  /** Conversations in which nothing of it is left. */
  chats: string[];
  /** Of the newest event that says so; null where all of it was erased before. */
  sequence: number | null;
}

/** The one form of every refusal. */
export interface ErrorAnswer {
  error: ErrorBody;
}

export interface ErrorBody {
  code: Code;
  /** What happened, in the language that the request prefers. */
  message: string;
  next_step: string;
}

export interface Estimate {
  ms: number;
  /** So many trainings say so, [`LIKE_IT`] at most. */
  by: number;
  /** They were on other data: time is taken to grow with the number of images. */
  guess: boolean;
  /** Where the newest of them ran, on what, and in which currency that has a price. */
  pool: Pool | null;
  device: string | null;
  currency: string | null;
  /** What the time costs, in millionths; 0 where it has no price. */
  cost: number;
}

export interface EventPage {
  events: PublicEvent[];
  /** The `before` of the next page, or the `after` of one in order; null at the end. */
  next: number | null;
}

/** A page of one job's events, in order. */
export interface EventsQuery {
  /** `next` of the page before this one. */
  after?: number | null;
  /** Events at most; 200 are the most there are. */
  limit?: number | null;
}

/** What a client of NATS has to be told, beside its address: the password is the token, whatever the user's name. */
export interface FeedAnswer {
  /** False where the servers let nobody log in with a token. */
  open: boolean;
  /** The JetStream domain of every request. */
  domain: string;
  /** Inboxes are below it. */
  inbox_prefix: string;
  /** Consumers that the tenant's readers may have, of each stream. */
  consumers: string[];
  streams: FeedStream[];
  /** Sequence of the first event that is still there to be read, of whichever tenant: who has read less far asks `/v1/activity?after=` for what is missing. */
  begins: number;
}

export interface FeedStream {
  stream: string;
  /** The subjects of the tenant that a consumer may be filtered by; each is a filter, and so is whatever is narrower. */
  filters: string[];
}

export interface Finding {
  /** `whole`, `once`, `token`, `life`, `order`, `outcome`, `answered`, `gpu_time`, `sealed`, `file_there`, `file_same`; more may come. */
  rule: string;
  /** Of the event that shows it. */
  sequence: number;
  aggregate: Aggregate;
  /** In English, for whoever looks into it. */
  said: string;
}

/** The fleet as a tenant may see it. */
export interface Fleet {
  /** Of the jobs that each runs, only the tenant's own. */
  workers: WorkerRecord[];
  /** The tenant's jobs whose attempt has not renewed its lease in time. */
  unreachable: string[];
  /** Workers that get nothing new, by name; also those that are not there now. */
  drained: DrainedWorker[];
  /** Null while jobs are dispatched. */
  paused: PausedQueue | null;
}

export interface Folder {
  name: string;
  path: string;
  images: number;
  more_images: boolean;
}

/** What is in a folder of the workers, or which there are. */
export interface FolderAnswer {
  /** Without links in it; null where these are the folders that all others lie in. */
  path: string | null;
  /** The folder that it lies in; null where that is one of those. */
  parent: string | null;
  /** Files that look like images, in it and below. */
  images: number;
  /** Whether there may be more than that: no folder is counted for long. */
  more_images: boolean;
  /** By name. What lies there by chance, such as hidden folders, is none. */
  folders: Folder[];
  /** Folders that are not listed: there are too many, or no path can be written that names them. */
  left_out: number;
}

export interface FolderQuery {
  /** One of them, or one below. Left out, the folders that all others lie in. */
  path?: string | null;
}

/** A new job from a checkpoint of another, and what is different about it. Without a place it is the newest that is kept; of both places both have to hold. */
export interface Fork {
  /** From the first checkpoint after so many whole epochs. */
  epoch?: number | null;
  /** Other values of its configuration; what is left out stays. The name of an option may stand beside those of fields. */
  set?: Changes;
  /** From the checkpoint of this step. */
  step?: number | null;
}

/** One aggregate, and the first event of it that cannot be read. */
export interface Held {
  aggregate: Aggregate;
  sequence: number;
  /** As the event calls itself. */
  kind: string | null;
  /** Why it cannot be read, in English. */
  reason: string;
}

export interface HookAdded {
  hook_id: string;
  /** Signs what is sent (HMAC-SHA256), and is shown only now; null for letters. */
  secret: string | null;
  sequence: number;
}

/** What was asked for, as an event. */
export interface HookAsked {
  hook_id: string;
  /** Null where it was so already. */
  sequence: number | null;
}

/** What is left out stays as it is. */
export interface HookChange {
  address?: string | null;
  language?: Language | null;
  on?: string[] | null;
}

export interface HookList {
  /** Oldest first. */
  hooks: HookRow[];
}

export interface HookMiss {
  english: string;
  korean: string;
}

export interface HookPause {
  why: Pause;
  english: string;
  korean: string;
}

export interface HookRow {
  hook_id: string;
  form: Form;
  /** The host alone, or who gets letters; null where it was given under another key. */
  address: string | null;
  on: string[];
  language: Language;
  added_at: string;
  /** Why nothing is sent until it is replayed, if so. */
  paused: HookPause | null;
  /** Events that its receiver has taken since it was added, that wait for it, and that were given up and can be replayed. */
  taken: number;
  waiting: number;
  dead: number;
  /** The last try, and that of the last test. */
  last: HookTry | null;
  test: HookTry | null;
  /** Sequence of the last test that is done; 0 before. */
  tested: number;
}

/** Something was sent once. */
export interface HookTry {
  at: string;
  /** Why it was not taken; null where it was. */
  miss: HookMiss | null;
}

/** One object; with nothing but a class, the image itself. */
export interface ImageLabel {
  class: string;
  /** Left, top, width, height in pixels of the upright image. */
  box: [number, number, number, number] | null;
  /** One or more outlines, each x, y, x, y, ... */
  polygon: number[][] | null;
  /** Whether it has a mask. */
  mask: boolean;
  /** Of its mask: lengths of runs, outside and inside in turns, down the columns from the left; null where they are too many to be told. The manifest has them all. */
  runs: number[] | null;
  /** x, y and whether it is visible: 0 not labelled, 1 hidden, 2 visible. */
  keypoints: ([number, number, number])[] | null;
  /** A region of many objects. */
  crowd: boolean;
  difficult: boolean;
}

export interface ImageList {
  images: ImageRow[];
  /** The `after` of the next page; null at the end. */
  next: string | null;
  /** How many there are on all pages together. */
  matching: number;
  /** How many images have each kind of problem, without regard to what was asked for. */
  problems: ProblemCount[];
  problems_from: ProblemsFrom;
}

/** One file with one kind of problem. */
export interface ImageProblem {
  kind: ProblemKind;
  /** Relative to the dataset's root. */
  path: string;
  problem: string;
  /** `problem` as data. */
  flaws?: Reason[];
}

/** Which images, in the order of their names. */
export interface ImageQuery {
  /** `next` of the page before this one. */
  after?: string | null;
  /** With an object of this class, or of it. */
  class?: string | null;
  /** Images at most; 200 are the most there are. */
  limit?: number | null;
  /** With such a problem. */
  problem?: ProblemKind | null;
  /** A part of the name, whatever its case. */
  search?: string | null;
  split?: Split | null;
}

export interface ImageRow {
  /** Its path below the dataset's root. */
  name: string;
  sha256: string;
  bytes: number;
  /** In pixels, upright by its EXIF orientation. */
  width: number;
  height: number;
  split: Split;
  labels: ImageLabel[];
  /** Labels that are not told here; the manifest has them. */
  more_labels: number;
  problems: ImageProblem[];
}

export interface InvitationList {
  /** Those that can still be taken up. */
  invitations: InvitationShown[];
}

export interface InvitationMade {
  id: string;
  /** What the person shows; shown only now, and good once. */
  code: string;
  /** The page that shows it, below this gateway's address. */
  path: string;
  expires_at: string;
  sequence: number;
}

export interface InvitationShown {
  id: string;
  name: string;
  role: Role;
  expires_at: string;
}

export interface JobAnswer {
  job: JobRow;
  /** In order. */
  epochs: EpochRow[];
  /** Its worker has not been heard of in time. It may come back, or the attempt is declared lost. */
  unreachable: boolean;
}

/** Something asked of a job. */
export interface JobChanged {
  job: JobNamed;
  /** Of the event that it is; null where it was so already. */
  sequence: number | null;
}

export interface JobCost {
  job: string;
  number: number;
  member: string | null;
  taken: Taken;
}

export interface JobList {
  jobs: JobRow[];
  /** The `before` of the next page; null at the end. */
  next: number | null;
}

/** A job by both its names. */
export interface JobNamed {
  id: string;
  number: number;
}

/** What is said of a job from now on: what is left out stays, and what is empty is taken away. */
export interface JobPatch {
  /** Put away: the page leaves it out of its lists. */
  archived?: boolean | null;
  /** Plain text. */
  note?: string | null;
  /** All of them. */
  tags?: string[] | null;
  title?: string | null;
}

/** A job that a request has led to. */
export interface JobRef {
  id: string;
  /** Null where the views do not know it yet. */
  number: number | null;
}

export interface JobsQuery {
  /** Only those that are put away, or only the others. */
  archived?: boolean | null;
  /** `next` of the page before this one. */
  before?: number | null;
  /** The conversation that they were approved in. */
  chat?: string | null;
  /** Rows at most; 200 are the most there are. */
  limit?: number | null;
  /** The name of the token that asked for them. */
  owner?: string | null;
  /** Words in the number, title, tags, note, model, task, dataset, owner, worker or status. */
  q?: string | null;
  /** A column (`number`, `title`, `tags`, `owner`, `model`, `dataset`, `version`, `status`, `progress`, `result`, `test`, `best_epoch`, `requested`, `started`, `took`, `cost`, `worker`, `device_used`, `failure`), a measurement or a field of the configuration; with `-` before it the largest come first. Jobs without it come last. Without any, the newest first. */
  sort?: string | null;
  status?: Statuses | null;
  tag?: string | null;
}

/** A checkpoint that is in the store. */
export interface KeptCheckpoint {
  /** Whole epochs done. */
  epoch: number;
  /** Optimizer steps done. */
  step: number;
  bytes: number;
}

/** By pool and device, as its trainer names it; null before it has. */
export interface KindCost {
  pool: Pool | null;
  device: string | null;
  taken: Taken;
}

/** When a token was shown last, within a minute, and from which address. */
export interface LastUse {
  at: string;
  address: string;
}

export interface LoggedOut {
  /** Whether the token was a session, which opens nothing any more; any other goes on. */
  revoked: boolean;
  token_id: string;
  /** Null where nothing had to be done. */
  sequence: number | null;
  /** Where the browser goes to log out at the provider too; null where it has no such place, and of a token that is no session. */
  provider: string | null;
}

/** How people come in here. */
export interface LoginWays {
  /** Whether `/v1/login/company` leads to a provider of identities. A token opens the platform in any case. */
  company: boolean;
}

/** How far the look at a dataset is; null where nobody looks or nothing was told yet. */
export interface LookAnswer {
  looked: Looked | null;
}

export type LookStage = 'fetch' | 'read' | 'keep';

/** How far a look at a dataset has come: lines of an inspector before its verdict, and what is told of them. */
export interface Looked {
  stage: LookStage;
  /** Images that are done, of those there are; 0 of 0 where nobody counts. */
  images: number;
  of: number;
}

/** What a member's jobs have taken; null where an older release did not say whose they are. */
export interface MemberCost {
  member: string | null;
  taken: Taken;
}

export interface MemberList {
  /** By name. */
  members: MemberShown[];
}

export interface MemberRemoved {
  /** Their sessions that were revoked now. */
  sessions: number;
  /** Of the newest event that it took; null where nothing had to be done. */
  sequence: number | null;
}

export interface MemberRestored {
  /** Null where nothing had to be done. */
  sequence: number | null;
}

/** Somebody who has logged in. */
export interface MemberShown {
  id: string;
  /** As the provider called them when they last logged in, and what it calls them for good. */
  name: string;
  subject: string;
  /** By their groups, when they last logged in. */
  role: Role;
  last_login: string;
  /** They may not log in any more. */
  removed: boolean;
}

/** Something said. */
export interface Message {
  text: string;
}

/** One model, and whether it can be trained now. */
export interface Model {
  id: string;
  family: string;
  task: Task;
  /** As published; null where no count is certain. */
  parameters: number | null;
  /** Default side in pixels. */
  image_size: number;
  licence: string;
  /** Whether Trainyard's own trainer trains it today. */
  native: boolean;
  /** Who trains it: `native`, `native_planned`, `none`, or the name of a runner. */
  runner: string;
  trainable: boolean;
  /** What to choose instead. */
  note: string | null;
  /** Other ways to write it; absent from lists, which are found by them all the same. */
  aliases?: string[];
}

export interface ModelAnswer {
  model: Model;
}

/** Questions to the versions of a model that gateways have had in the last days, all of them together. */
export interface ModelCalls {
  /** Nothing before this is counted. */
  since: string;
  /** Those that were asked, by number. */
  versions: VersionCalls[];
}

export interface ModelList {
  /** What can be trained now first. */
  models: Model[];
  /** What trains besides our own trainer. */
  runners: RunnerHere[];
}

export interface ModelsQuery {
  /** Part of any of its names. */
  q?: string | null;
  /** All that this runner has, where a worker has it. */
  runner?: string | null;
  task?: Task | null;
}

export interface NewAlias {
  /** What it names from then on. */
  version: number;
}

export interface NewDataset {
  /** A folder that the workers can read, or with `files` or `url` the dataset's name. */
  path: string;
  /** SHA-256 of the list of its files, which was uploaded like them: a line of JSON each, with `name`, `sha256` and `bytes`. */
  files?: string | null;
  /** SHA-256 that the archive at `url` has to have. */
  sha256?: string | null;
  /** What it is for; `classify` where it is not said. */
  task?: Task | null;
  /** Where the workers fetch it: an archive at `https://...`, or `s3://bucket/prefix` with the objects below it or the archive that it is. */
  url?: string | null;
}

/** A worker is to get nothing new. */
export interface NewDrain {
  /** Why, for people. */
  note?: string | null;
  /** Whether what runs there is told to stop with a checkpoint, and goes on elsewhere. */
  now?: boolean;
}

export interface NewHook {
  /** `https://host/path`, or of the form `mail` up to 8 addresses with commas between. It is kept encrypted and not shown again. */
  address: string;
  /** Left out, a CloudEvent in JSON. */
  form?: Form;
  /** Of the sentences in chats and letters. Left out, English. */
  language?: Language;
  /** Kinds such as `job.finished`, and families such as `job.*`. Left out, that a job has finished or failed. */
  on?: string[];
}

export interface NewInvitation {
  /** What is done with the token that comes of it is recorded under this name. */
  name: string;
  role: Role;
  /** Until when it can be taken up; left out a week. */
  expires_at?: string | null;
}

/** Fields of a training configuration; what is left out is recommended */
export interface NewJob {
  /** Catalog id, such as `resnet18`. */
  model: string;
  /** Path or URI as the user wrote it; `None` while it is missing. */
  dataset: string;
  augmentation?: Augmentation;
  /** Images of one optimizer step. */
  batch_size?: number;
  /** The classes to train on, in order; empty means all that the dataset has. */
  classes?: string[];
  device?: Device;
  /** Whether an exponential moving average of the weights is kept and evaluated. */
  ema?: boolean;
  epochs?: number;
  /** Side of the square the network sees, in pixels. */
  image_size?: number;
  /** What to start from: `pretrained`, or a path, `https://`, `hf://` or `s3://` of a safetensors file; `None` is a random start. */
  initial_weights?: string | null;
  label_smoothing?: number;
  /** Peak learning rate, after warm-up. */
  learning_rate?: number;
  /** The most that the training may cost, in units of the tenant's currency: its attempts together. Then it stops with a checkpoint. */
  max_cost?: number | null;
  /** The same of the hours that its attempts may take. */
  max_hours?: number | null;
  /** SGD's momentum, Adam's first beta. */
  momentum?: number;
  optimizer?: Optimizer;
  /** That runner's own settings; left out are those that have its default. */
  options?: Record<string, never>;
  /** Epochs without strict improvement after which training stops; `None` never stops early. */
  patience?: number | null;
  priority?: Priority;
  resize?: Resize;
  /** What a job asks for besides a pool; what is left out is not asked. GPUs are its own */
  resources?: {
    /** A word or more of the name of each, whatever its case */
    gpu?: string | null;
    gpu_memory_gb?: number | null;
    gpus?: number | null;
    labels?: Record<string, string>;
  } | null;
  /** Who trains it, as its `describe` names itself; left out where it is our own trainer. */
  runner?: string | null;
  schedule?: Schedule;
  seed?: number;
  task?: Task;
  warmup_epochs?: number;
  weight_decay?: number;
}

/** Nothing is to be dispatched. */
export interface NewPause {
  /** Why, for people. */
  note?: string | null;
}

/** The price of a pool from now on; null or left out is none. What runs or waits on the queue keeps the price it has. */
export interface NewPrice {
  pool: Pool;
  price?: Price | null;
}

/** All limits as they are to be; one that is left out or null is none. */
export interface NewQuota {
  /** Jobs that run at once or are on the work queue. */
  concurrent_jobs?: number | null;
  /** Of the files of its datasets in the store, each once. */
  dataset_bytes?: number | null;
  /** Hours on the GPU pool, counted since there is a quota. */
  gpu_hours?: number | null;
  /** What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices. */
  month_budget?: number | null;
}

/** How many of the images that a model is asked about by its name are kept for review. */
export interface NewSampling {
  /** 0 keeps none. */
  share: Share;
}

export interface NewTenant {
  tenant: TenantId;
}

export interface NewToken {
  name: string;
  role: Role;
  /** Left out, it lives until it is revoked. */
  expires_at?: string | null;
  /** Its text is the seed of a NATS key (`SU...`), which can sign a challenge there instead of being sent. Over HTTP it is as any other. */
  nkey?: boolean;
  /** What it opens; left out or empty is everything that its role may. */
  scope?: Scope[];
}

export interface NewVersion {
  /** A finished job, by its number or its id. */
  job: string;
}

/** A job that is asked for, and what was proposed and approved for it. */
export interface Ordered {
  job: JobRef;
  proposal: Proposal;
  /** Of the approval. */
  sequence: number;
}

/** What to expect of the open proposal. */
export interface Outlook {
  /** Of the proposal that this is about. */
  hash: string;
  /** Null where nothing like it has finished yet. */
  time: Estimate | null;
  /** The tenant's jobs that wait, and those that workers have. */
  waiting: number;
  running: number;
}

/** One page of a list, the newest rows first. */
export interface PageQuery {
  /** `next` of the page before this one. */
  before?: number | null;
  /** Rows at most; 200 are the most there are. */
  limit?: number | null;
}

/** A queue of which nothing is dispatched. */
export interface PausedQueue {
  who: string;
  since: string;
  note?: string;
}

export interface PredictAnswer {
  /** Most confident first. */
  predictions: Prediction[];
  /** Of the image after EXIF rotation, in pixels. */
  width: number;
  height: number;
  /** From request to answer inside the predictor. */
  milliseconds: number;
  /** Of a model that has seen good images only. */
  anomaly?: Anomaly;
}

/** How sure a model has to be of an object. */
export interface PredictQuery {
  /** Objects less sure than this are not told. Left out, 0.25. Of a class of the whole image, all are told as always. */
  confidence?: number | null;
  /** Whether masks are told as COCO's runs besides polygons. */
  rle?: boolean;
}

/** One class or one object. */
export interface Prediction {
  class: string;
  /** 0 to 1. */
  confidence: number;
  /** `[x1, y1, x2, y2]` in pixels of the uploaded image after EXIF rotation; absent when classifying. */
  bbox: [number, number, number, number] | null;
  /** Of a pose, in the order that it was trained with: `[x, y, confidence]`. */
  keypoints?: ([number, number, number])[];
  /** Of a segmented object or class: rings of `[x, y]` in the same pixels; a ring within another is a hole. */
  polygons?: (([number, number])[])[];
  /** The same as runs of pixels, where they were asked for. */
  rle?: CodedMask;
}

export interface Preferences {
  /** Of the table, from the left, as the page names them; a name that it does not know is left out. */
  columns: string[];
  views: SavedView[];
  /** Jobs that stand above all others. */
  pinned: string[];
}

/** Null where nothing was ever kept. */
export interface PreferencesAnswer {
  preferences: Preferences | null;
}

/** Prices by pool; a pool without one costs nothing. */
export interface Prices {
  prices: {
    cpu?: Price;
    gpu?: Price;
  };
}

export interface ProblemCount {
  kind: ProblemKind;
  /** Files that have such a problem. */
  files: number;
}

/** What a problem is about, the worst first. */
export type ProblemKind = 'left_out' | 'leak' | 'near_duplicate' | 'contradiction' | 'duplicate' | 'label' | 'unlabelled' | 'note';

/** Who has found what is wrong with the files of a version. */
export type ProblemsFrom = 'look' | 'manifest';

export interface ProposalChanged {
  proposal: Proposal;
  sequence: number;
}

export interface Quarantine {
  quarantine: Held[];
}

/** The limits; null is none. */
export interface Quota {
  /** Jobs that run at once or are on the work queue. */
  concurrent_jobs: number | null;
  /** Hours on the GPU pool, counted since there is a quota. */
  gpu_hours: number | null;
  /** Of the files of its datasets in the store, each once. */
  dataset_bytes: number | null;
  /** What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices. */
  month_budget: number | null;
}

export interface QuotaAnswer {
  quota: Quota;
  use: QuotaUse;
}

export interface QuotaSet {
  quota: Quota;
  /** Null where it was so already. */
  sequence: number | null;
}

export interface QuotaUse {
  concurrent_jobs: number;
  /** Which those are. */
  jobs: string[];
  gpu_seconds: number;
  /** Counted in the store, at most a minute ago. */
  dataset_bytes: number;
}

export interface RegistryAnswer {
  model: ModelRow;
  /** By version, in the order of `model.versions`. */
  uses: VersionUse[];
}

export interface RegistryList {
  models: ModelRow[];
  /** The `before` of the next page; null at the end. */
  next: number | null;
}

/** What a job that goes on may take; left out, as much as the one before it. It is counted from the start of the new job. */
export interface Resume {
  /** In units of the tenant's currency. */
  max_cost?: number | null;
  max_hours?: number | null;
}

/** Another text under the name of a token. */
export interface Rotation {
  /** Left out, the new one ends when the old one would have. */
  expires_at?: string | null;
  /** For how long the old text goes on, in seconds; left out an hour, and a week at most. */
  grace_s?: number | null;
}

/** A runner that a worker has. */
export interface RunnerHere {
  runner: string;
  /** Of the framework behind it, and under which licence that is. */
  version: string;
  licence: string;
  models: number;
  /** The settings that it has beyond those of every configuration, by name. */
  options: Record<string, TrainerOption>;
}

/** An image that a model was asked about, and what it answered. */
export interface Sample {
  /** Of the image, whose bytes are at `/v1/registry/{name}/samples/{sha256}`. */
  sha256: string;
  bytes: number;
  /** Which version has answered, when it was asked last. */
  version: number;
  at: string;
  answer: PredictAnswer;
}

export interface SampleList {
  /** The newest first. */
  samples: Sample[];
  /** How many are kept, with those that are not in this list. */
  kept: number;
}

/** A filter with its order, as the address of the page has them, and columns. */
export interface SavedView {
  name: string;
  search: string;
  columns: string[];
}

export interface Skipped {
  aggregate: Aggregate;
  /** Of the event that says so. */
  sequence: number;
}

/** What an image of a version is for. */
export type Split = 'train' | 'validation' | 'test';

/** What a turn is answered with. */
export interface Spoken {
  reply: string;
  /** What was understood, such as `train`. */
  intent: string;
  language: Language;
  /** The open proposal after this turn. */
  proposal: Proposal | null;
  /** Sentences of which one may be meant, or said next. */
  choices: Choice[];
  /** What the open proposal still misses. */
  missing: string[];
  /** The job that an approval leads to. */
  job: JobRef | null;
  sequence: number;
}

/** States of jobs, with commas between; without any, all of them. */
export type Statuses = string;

/** The curves of the steps, as wide as they were asked for. */
export interface StepCurves {
  curves: Record<string, Curve>;
  /** That were read. */
  measurements: number;
  /** Not every point is here. */
  thinned: boolean;
  newest: StepMeasurement | null;
}

/** The newest measurements, oldest first. */
export interface Steps {
  telemetry: Telemetry[];
}

/** Time that leases were held, and what it costs. */
export interface Taken {
  held_ms: number;
  /** Millionths. */
  cost: number;
}

export interface TelemetryQuery {
  /** The first step of the curves. */
  from?: number | null;
  /** Measurements at most, where no curves are asked for. */
  limit?: number | null;
  /** Points of a curve at most: asks for curves. */
  points?: number | null;
  /** The last step of the curves. */
  to?: number | null;
}

export interface TenantClosed {
  tenant: TenantId;
  /** Tokens that were revoked now. */
  tokens: number;
  /** Of the newest event that it took; null where nothing had to be done. */
  sequence: number | null;
}

export interface TenantList {
  /** By name. */
  tenants: TenantShown[];
}

export interface TenantMade {
  tenant: TenantId;
  /** Its first, of an admin; shown only now. */
  token: string;
  token_id: string;
  sequence: number;
}

export interface TenantShown {
  tenant: TenantId;
  created_at: string;
  /** Null while people may come in. */
  closed_at: string | null;
}

export interface TokenIssued {
  /** Shown only now. */
  token: string;
  token_id: string;
  sequence: number;
}

export interface TokenList {
  /** Newest first, revoked ones too. */
  tokens: TokenRow[];
  /** By the ids of those that are valid: when each was shown last, within a minute. */
  last_uses: Record<string, LastUse>;
}

export interface TokenNamed {
  id: string;
  name: string;
  /** From then on it opens nothing; null is never. */
  expires_at: string | null;
  /** What it opens; empty is everything that its role may. */
  scope: Scope[];
  /** Whether it was had by logging in, and is given back by logging out. */
  session: boolean;
}

export interface TokenRevoked {
  token_id: string;
  /** Null where it was revoked already. */
  sequence: number | null;
}

export interface TokenRotated {
  /** Shown only now. */
  token: string;
  token_id: string;
  /** From then on the old one opens nothing. */
  old_until: string;
  sequence: number;
}

/** A setting that one runner has. */
export type TrainerOption = ({
  type: 'integer';
  low: number;
  high: number;
  default: number;
} | {
  type: 'number';
  low: number;
  high: number;
  default: number;
} | {
  type: 'boolean';
  default: boolean;
} | {
  type: 'choice';
  choices: string[];
  default: string;
}) & {
  /** One line. */
  about: string;
};

export interface VersionCalls {
  version: number;
  answered: number;
  /** Questions that had no answer. */
  refused: number;
  last_at: string;
  /** From question to answer of the last ones of each gateway, the newest last, in milliseconds. */
  last_ms: number[];
  /** By five minutes of the last day, the newest last; those in which nobody asked are left out. */
  history: CallsAtTime[];
}

export interface VersionRegistered {
  id: string;
  name: string;
  version: number;
  /** Of the registration; null where the same export is a version of it already. */
  sequence: number | null;
}

/** Who uses a version. */
export interface VersionUse {
  version: number;
  /** The number of the job that it comes from. */
  job: number | null;
  /** Whether it answers now. */
  deployed: boolean;
  /** Where it answers if it is deployed; without a public URL, below this gateway. */
  url: string;
  aliases: string[];
  /** The numbers of jobs that have started from its weights: the first 200. */
  started: number[];
}

export interface Whoami {
  tenant: TenantId;
  token: TokenNamed;
  role: Role;
  /** Whether it may do what concerns every tenant, such as making one. */
  operator?: boolean;
}
