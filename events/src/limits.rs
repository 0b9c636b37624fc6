//! Every limit of the platform, with its name and unit in one place.

use std::time::Duration;

pub const TENANT_NAME_CHARS: usize = 32;
pub const PROMPT_CHARS: usize = 4_000;
/// A whole envelope. Room for a profile of [`CLASSES`] classes with the longest names.
pub const EVENT_BYTES: usize = 512 * 1024;
pub const REQUEST_BODY_BYTES: usize = 16 * 1024 * 1024;
/// An upload of files; one of them may fill it.
pub const UPLOAD_BYTES: usize = 2 * 1024 * 1024 * 1024;
pub const IMAGE_BYTES: usize = 8 * 1024 * 1024;
pub const IMAGE_PIXELS: u64 = 50_000_000;
pub const SOCKET_TOPICS: usize = 64;
pub const SOCKET_QUEUED_FRAMES: usize = 256;
pub const PAGE_ROWS: u32 = 200;
pub const CLASSES: usize = 1_000;
pub const CLASS_NAME_CHARS: usize = 100;
pub const PATH_CHARS: usize = 1_024;
pub const DATASET_IMAGES: usize = 2_000_000;
/// A line of a manifest: an image with all that is labelled on it.
pub const MANIFEST_LINE_BYTES: usize = 64 * 1024 * 1024;
/// A file of a dataset that nothing names is kept for this long after it was uploaded, or last asked about by who uploads.
pub const UNNAMED_FILE_AGE: Duration = Duration::from_secs(24 * 3_600);
/// One that is there and was uploaded before this counts as uploaded anew when somebody is about to name it, who then has the
/// other half of [`UNNAMED_FILE_AGE`] to do so.
pub const FILE_RENEWED_AFTER: Duration = Duration::from_secs(12 * 3_600);
/// Tags that one dataset has.
pub const DATASET_TAGS: usize = 64;
/// Versions that one model has had, and aliases that it has.
pub const MODEL_VERSIONS: usize = 500;
pub const MODEL_ALIASES: usize = 16;
/// Images that a model was asked about and that are kept for review, and their bytes; the oldest make room.
pub const SAMPLES: usize = 500;
pub const SAMPLES_BYTES: u64 = 1 << 30;
/// An archive of a dataset, or the objects below a prefix, on the way, and what comes out of it.
pub const ARCHIVE_BYTES: u64 = 20 << 30;
/// Files and folders in an archive, or objects below a prefix.
pub const ARCHIVE_FILES: u64 = 2_000_000;
/// Folders that are listed of one, and entries of the disk that are looked at to count the images below each.
pub const FOLDERS: usize = 500;
pub const FOLDER_ENTRIES: usize = 5_000;
/// An address that a dataset is fetched from.
pub const ADDRESS_CHARS: usize = 2_048;
/// Files named in a validation report; the rest are counted.
pub const REPORTED_FILES: usize = 50;
/// Part of a dataset's files that may be unusable before the dataset is refused; of its boxes as well.
pub const UNREADABLE_SHARE: f64 = 0.05;
/// Files that a look into a dataset leaves in the store, and the largest of them.
pub const DATASET_ARTIFACTS: usize = 8;
pub const DATASET_ARTIFACT_BYTES: u64 = 8 * 1024 * 1024;

pub const EPOCHS: u32 = 10_000;
pub const BATCH_SIZE: u32 = 4_096;
pub const IMAGE_SIZE_MIN: u32 = 8;
pub const IMAGE_SIZE_MAX: u32 = 2_048;
pub const LEARNING_RATE_MAX: f64 = 10.0;
pub const MOMENTUM_MAX: f64 = 0.9999;
pub const WEIGHT_DECAY_MAX: f64 = 1.0;
pub const LABEL_SMOOTHING_MAX: f64 = 0.5;

/// GPUs that a job may have to itself, and the memory that it may ask of each, in GB.
pub const GPUS_OF_JOB: u32 = 8;
pub const GPU_MEMORY_GB: u32 = 1_024;
/// Labels of a worker, and those that a job may ask for; characters of a name or a value of one.
pub const WORKER_LABELS: usize = 32;
pub const LABEL_CHARS: usize = 63;
/// GPUs that one worker gives to jobs.
pub const WORKER_DEVICES: usize = 64;

/// What people call a job or a conversation.
pub const TITLE_CHARS: usize = 80;
/// What they say of a job besides.
pub const JOB_TAGS: usize = 20;
pub const JOB_TAG_CHARS: usize = 32;
pub const JOB_NOTE_CHARS: usize = 4_000;

/// What a training may be capped at, in units of money and in hours.
pub const CAP_COST_MAX: f64 = 1e9;
pub const CAP_HOURS_MAX: f64 = 100_000.0;
/// Millionths of a unit of money for an hour on one worker.
pub const HOUR_PRICE: u64 = 1_000_000_000_000;
/// Devices of one pool that have a price of their own, and the length of what they are known by.
pub const PRICED_DEVICES: usize = 64;
pub const PRICED_DEVICE_CHARS: usize = 64;
/// Whole units of money for a month: as much as can be counted in millionths.
pub const MONTH_BUDGET: u64 = 9_000_000_000;
/// Of which at least so much is gone when a tenant is told that it nears its end.
pub const BUDGET_NEARED_PERCENT: u64 = 80;
/// Months that one lease is counted in; what a clock that is wrong by years says of those after is left in the last.
pub const LEASE_MONTHS: usize = 1_200;

/// Infrastructure failures after which a job is not tried again.
pub const RETRY_BUDGET: u32 = 3;
/// Attempts that may be lost one after the other, none of which got a job further, before it is given up.
pub const LOSS_BUDGET: usize = 5;
/// What a job waits after an attempt that got it no further, four times as long after each that follows, and at most.
pub const SETBACK_PAUSE: Duration = Duration::from_secs(2);
pub const SETBACK_PAUSE_MAX: Duration = Duration::from_secs(600);
/// Deliveries of a training command that a worker leaves to others, if others are free, because it lost the job last.
pub const DECLINED_DELIVERIES: u64 = 5;
/// Console lines of a trainer that are kept; the last ones go into a failure.
pub const CONSOLE_LINES: usize = 2_000;
pub const FAILURE_CONSOLE_LINES: usize = 40;
/// The longest console line kept, in characters; the rest is cut.
pub const CONSOLE_LINE_CHARS: usize = 400;
/// Console lines in one message while a trainer runs, and all of them together as JSON; the rest is left out.
pub const CONSOLE_SENT_LINES: usize = 200;
pub const CONSOLE_SENT_BYTES: usize = 16 * 1024;
/// The lines of a console that are kept for those who come later, together as JSON.
pub const CONSOLE_KEPT_BYTES: usize = 256 * 1024;

/// A job that nobody has taken from the work queue is put there again after this long, twice as long after each time,
/// and at most. Longer than [`COMMAND_ACK_WAIT`], so that the queue has tried another worker by then.
pub const DISPATCH_DEADLINE: Duration = Duration::from_secs(45);
pub const DISPATCH_DEADLINE_MAX: Duration = Duration::from_secs(600);
/// A pool counts as gone when it has had no worker for this long.
pub const POOL_GONE: Duration = Duration::from_secs(30);
/// A slot of a quota that a job has reserved and not been dispatched under goes back after this long.
pub const RESERVATION_DEADLINE: Duration = Duration::from_secs(45);
/// From the start of an attempt to the first word of its trainer: data are checked and weights fetched meanwhile.
pub const STARTING_DEADLINE: Duration = Duration::from_secs(2 * 3_600);
/// Between two facts of an attempt that trains, epochs and checkpoints among them.
pub const TRAINING_DEADLINE: Duration = Duration::from_secs(24 * 3_600);
/// Within this long a worker has seen the trainer of a cancelled job end.
pub const CANCEL_DEADLINE: Duration = Duration::from_secs(120);
/// A trainer that prints nothing at all for this long hangs. Steps come every second, but validating may take long.
pub const TRAINER_SILENCE: Duration = Duration::from_secs(3_600);
/// A look into a dataset is asked for again after this long, twice as long after each time, and so often in all.
pub const INSPECTION_DEADLINE: Duration = Duration::from_secs(300);
pub const INSPECTION_ROUNDS: u32 = 4;
/// Datasets that one worker looks at at once, beside its trainings.
/// Why operators take a worker or the queue out of work, for people.
pub const MAINTENANCE_NOTE_CHARS: usize = 200;
/// A job that has given way to one of a higher class is not asked to again for this long.
pub const PREEMPTION_PAUSE: Duration = Duration::from_secs(10 * 60);
pub const INSPECTIONS_OF_WORKER: usize = 2;

pub const LEASE: Duration = Duration::from_secs(10);
pub const LEASE_RENEWAL: Duration = Duration::from_secs(3);
pub const FLEET_RECORD: Duration = Duration::from_secs(15);
pub const COMMAND_ACK_WAIT: Duration = Duration::from_secs(30);
pub const COMMAND_DELIVERIES: i64 = 20;
pub const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);
pub const TELEMETRY_AGE: Duration = Duration::from_secs(7 * 24 * 3_600);
pub const DEAD_AGE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Step measurements of one job reach the bus at most this often, and so do lines of its console.
pub const TELEMETRY_INTERVAL: Duration = Duration::from_secs(1);

/// What is known of a token's last use is kept for this long after it, and written at most this often.
pub const CALLS_AGE: Duration = Duration::from_secs(8 * 24 * 3_600);
pub const SEEN_AGE: Duration = Duration::from_secs(400 * 24 * 3_600);
pub const SEEN_INTERVAL: Duration = Duration::from_secs(60);
/// Refused attempts are kept for this long, and of one tenant so many, the newest ones.
pub const REFUSED_AGE: Duration = Duration::from_secs(90 * 24 * 3_600);
pub const REFUSED_OF_TENANT: i64 = 10_000;

/// Hooks of one tenant, patterns of kinds that one is for, and its address.
pub const HOOKS: usize = 16;
pub const HOOK_KINDS: usize = 32;
pub const HOOK_ADDRESS_CHARS: usize = 1_024;
/// The same, encrypted and in letters.
pub const HOOK_SEALED_CHARS: usize = 8_192;
/// An event that its receiver does not take is given up after this long, and a hook that nobody has taken anything of for this
/// long is paused.
pub const HOOK_DAY: Duration = Duration::from_secs(24 * 3_600);
/// Events of one hook that wait for its receiver; the rest wait in the feed.
pub const HOOK_WAITING: usize = 500;
/// Events of one hook that were given up and are kept for a replay, the newest ones.
pub const HOOK_DEAD: usize = 1_000;

/// Consumers that all readers of one tenant have together on a stream of theirs, numbered from 1.
pub const READER_CONSUMERS: usize = 16;
/// A reader's consumer that nobody reads for this long is gone.
pub const READER_IDLE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Messages that one consumer of a reader may leave unacknowledged, that it gives at a time, and those who may wait at it.
pub const READER_ACKS_PENDING: i64 = 1_000;
pub const READER_BATCH: i64 = 1_000;
pub const READER_WAITING: i64 = 64;
/// Connections of all readers of one tenant, subscriptions of each, and the longest question.
pub const READER_CONNECTIONS: usize = 64;
pub const READER_SUBSCRIPTIONS: i64 = 64;
pub const READER_MESSAGE_BYTES: i64 = 64 * 1024;
/// A reader whose token was revoked, or has ended, is looked for this often and cut off then.
pub const READER_CHECK: Duration = Duration::from_secs(2);
