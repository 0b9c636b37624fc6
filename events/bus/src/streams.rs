//! The streams, buckets and consumers of the platform, and how they come to be.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use trainyard_events::config::Priority;
use trainyard_events::fleet::{Pool, Work};
use trainyard_events::{limits, subject};

use crate::BusError;
use crate::error::unavailable;
use crate::publish::Backoff;

/// Reads the advisories of messages that were given up. Its name is the consumer's.
pub(crate) const UNDERTAKER: &str = "undertaker";
/// A cluster that has just started takes a while to elect its leaders.
const ENSURE_DEADLINE: Duration = Duration::from_secs(60);
/// The shortest that there is.
const FEED_DUPLICATE_WINDOW: Duration = Duration::from_millis(100);
/// A worker that has not asked for so long is not expected any more: names that are made up anew with each start add up otherwise.
const OWN_QUEUE_UNUSED: Duration = Duration::from_secs(7 * 24 * 3_600);
/// For how long the feed keeps what it has copied, unless the operator says otherwise: three times as long as it takes a consumer that
/// nobody reads to be gone.
pub const FEED_AGE: Duration = Duration::from_secs(90 * 24 * 3_600);
/// An expired key leaves a marker for this long.
const MARKER_AGE: Duration = Duration::from_secs(60);
/// Step measurements kept for one job, newest last; epochs are in the log for ever.
const TELEMETRY_MESSAGES_PER_JOB: i64 = 10_000;
/// And of all jobs, about 1 GB: beyond that the oldest go, whoever's they are. NATS would set a limit in bytes aside at once, and
/// refuse the stream on a disk that has less.
const TELEMETRY_MESSAGES: i64 = 2_000_000;

/// The server's word that it gives a message up, and that a consumer did.
const MAX_DELIVERIES: &str = "MAX_DELIVERIES";
const MSG_TERMINATED: &str = "MSG_TERMINATED";

const POOLS: [Pool; 2] = [Pool::Cpu, Pool::Gpu];

/// Names the stream behind a key-value bucket, as every NATS client does.
pub(crate) const LEASES_STREAM: &str = "KV_leases";
pub(crate) const FLEET_STREAM: &str = "KV_fleet";
pub(crate) const KEYS_STREAM: &str = "KV_keys";
pub(crate) const HOOKS_STREAM: &str = "KV_hooks";
pub(crate) const PREFERENCES_STREAM: &str = "KV_preferences";
pub(crate) const CALLS_STREAM: &str = "KV_calls";
pub(crate) const SEEN_STREAM: &str = "KV_seen";
pub(crate) const SAID_STREAM: &str = "KV_said";

pub(crate) async fn ensure(context: &Context, replicas: usize, feed_age: Duration) -> Result<(), BusError> {
    let mut reason = String::new();
    let mut backoff = Backoff::default();
    let tries = async {
        loop {
            match ensure_once(context, replicas, feed_age).await {
                Err(BusError::Unavailable(why)) => reason = why,
                outcome => return outcome,
            }
            backoff.wait().await;
        }
    };
    match tokio::time::timeout(ENSURE_DEADLINE, tries).await {
        Ok(outcome) => outcome,
        Err(_) => Err(BusError::Unavailable(reason)),
    }
}

/// Whether every stream is there, as soon as the server can say.
pub(crate) async fn are_there(context: &Context) -> Result<bool, BusError> {
    let mut reason = String::new();
    let mut backoff = Backoff::default();
    let ask = async {
        loop {
            match look_for_all(context).await {
                Err(BusError::Unavailable(why)) => reason = why,
                outcome => return outcome,
            }
            backoff.wait().await;
        }
    };
    tokio::time::timeout(ENSURE_DEADLINE, ask).await.unwrap_or(Err(BusError::Unavailable(reason)))
}

/// What every platform has.
fn all() -> Vec<Config> {
    vec![
        events(),
        feed(),
        commands(),
        telemetry(),
        dead(),
        leases(),
        fleet(),
        keys(),
        hooks(),
        calls(),
        preferences(),
        seen(),
        refused(),
        said(),
    ]
}

pub(crate) fn names() -> Vec<String> {
    all().into_iter().map(|config| config.name).collect()
}

async fn look_for_all(context: &Context) -> Result<bool, BusError> {
    for name in names() {
        match context.get_stream(&name).await {
            Ok(_) => {}
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(refusal)
                    if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    return Ok(false);
                }
                _ => return Err(BusError::Unavailable(format!("stream {name}: {error}"))),
            },
        }
    }
    Ok(true)
}

async fn ensure_once(context: &Context, replicas: usize, feed_age: Duration) -> Result<(), BusError> {
    for mut config in all() {
        config.num_replicas = replicas;
        if config.name == subject::FEED {
            config.max_age = feed_age;
        }
        if replicas > 1 {
            // The server does so without replicas only.
            config.persist_mode = None;
        }
        ensure_stream(context, config).await?;
    }
    ensure_consumer(context, subject::DEAD, undertaker()).await?;
    for (work, class, pool) in queues() {
        ensure_consumer(context, subject::COMMANDS, worker(work, class, pool)).await?;
    }
    Ok(())
}

/// The consumers of the work queue, by what each of them delivers.
fn queues() -> impl Iterator<Item = (Work, Priority, Pool)> {
    let works = [Work::Train, Work::Inspect].into_iter();
    let classes = works.flat_map(|work| classes(work).iter().map(move |&class| (work, class)));
    classes.flat_map(|(work, class)| POOLS.map(|pool| (work, class, pool)))
}

/// Whether the consumer is one of the work queue's: what others have made on our streams is theirs to look after.
pub(crate) fn is_queue(stream: &str, consumer: &str) -> bool {
    stream == subject::COMMANDS
        && queues().any(|(work, class, pool)| consumer_name(work, class, pool) == consumer)
}

/// The server's advisories of one kind about the work queue, and about nobody else's consumer.
fn advisories(kind: &str) -> Vec<String> {
    let of = |(work, class, pool)| {
        let consumer = consumer_name(work, class, pool);
        format!("$JS.EVENT.ADVISORY.CONSUMER.{kind}.{}.{consumer}", subject::COMMANDS)
    };
    queues().map(of).collect()
}

/// The classes of one kind of work, most urgent first.
pub(crate) fn classes(work: Work) -> &'static [Priority] {
    match work {
        Work::Train => &[Priority::High, Priority::Normal, Priority::Low],
        Work::Inspect => &[Priority::Normal],
    }
}

pub(crate) fn consumer_name(work: Work, class: Priority, pool: Pool) -> String {
    format!("{work}-{class}-{pool}")
}

async fn ensure_consumer(context: &Context, stream: &str, config: pull::Config) -> Result<(), BusError> {
    context.create_consumer_on_stream(config, stream).await.map(drop).map_err(unavailable)
}

fn worker(work: Work, class: Priority, pool: Pool) -> pull::Config {
    pull::Config {
        durable_name: Some(consumer_name(work, class, pool)),
        filter_subject: subject::command(work, class, pool),
        ack_policy: AckPolicy::Explicit,
        ack_wait: limits::COMMAND_ACK_WAIT,
        max_deliver: limits::COMMAND_DELIVERIES,
        ..pull::Config::default()
    }
}

/// Of one runner, made by whoever has it. Not its deliveries but the dispatcher's deadline ends a message there: only
/// those who can do the work see it.
fn of_runner(class: Priority, pool: Pool, runner: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(format!("{}-{runner}", consumer_name(Work::Train, class, pool))),
        filter_subject: subject::command_of_runner(class, pool, runner),
        max_deliver: -1,
        ..worker(Work::Train, class, pool)
    }
}

/// The consumer of one runner's queue, which is made where it is not there.
pub(crate) async fn queue_of(
    context: &Context,
    class: Priority,
    pool: Pool,
    runner: &str,
) -> Result<PullConsumer, BusError> {
    let config = of_runner(class, pool, runner);
    context.create_consumer_on_stream(config, subject::COMMANDS).await.map_err(unavailable)
}

/// The consumer of one worker's own queue, of all classes, which is made where it is not there, and goes some time after the
/// worker has.
pub(crate) async fn queue_of_worker(
    context: &Context,
    pool: Pool,
    worker: &str,
) -> Result<PullConsumer, BusError> {
    let config = pull::Config {
        durable_name: Some(format!("{}-{pool}-@{worker}", Work::Train)),
        filter_subject: subject::commands_of_worker(pool, worker),
        max_deliver: -1,
        inactive_threshold: OWN_QUEUE_UNUSED,
        ..self::worker(Work::Train, Priority::Normal, pool)
    };
    context.create_consumer_on_stream(config, subject::COMMANDS).await.map_err(unavailable)
}

fn undertaker() -> pull::Config {
    pull::Config {
        durable_name: Some(UNDERTAKER.to_owned()),
        filter_subjects: advisories(MAX_DELIVERIES),
        ack_policy: AckPolicy::Explicit,
        ack_wait: limits::COMMAND_ACK_WAIT,
        ..pull::Config::default()
    }
}

async fn ensure_stream(context: &Context, config: Config) -> Result<(), BusError> {
    let name = config.name.clone();
    let error = match context.create_stream(config.clone()).await {
        Ok(_) => return Ok(()),
        Err(error) if code(&error) == Some(ErrorCode::STREAM_NAME_EXIST) => error,
        Err(error) => return Err(not_ensured(&name, error)),
    };
    // It is there and differs. What it holds is worth more than its settings: never delete, only update.
    tracing::info!(stream = name, %error, "bringing the stream's settings up to date");
    let existing = match context.get_stream(&name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) => return Err(BusError::Unavailable(format!("stream {name}: {error}"))),
    };
    context
        .update_stream(updated(existing, config))
        .await
        .map(drop)
        .map_err(|error| not_ensured(&name, error))
}

/// Some refusals are for ever; anything else may be a cluster that still finds itself.
fn not_ensured(name: &str, error: CreateStreamError) -> BusError {
    let advice = match code(&error) {
        Some(ErrorCode::STREAM_INVALID_CONFIG | ErrorCode::STREAM_SUBJECT_OVERLAP) => {
            "give Trainyard a NATS account of its own, or move the stream that is in its way"
        }
        Some(ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED) => "one server keeps one copy: set replicas to 1",
        Some(ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT) => {
            "enable JetStream on the server, and for this account"
        }
        _ => return BusError::Unavailable(format!("stream {name}: {error}")),
    };
    BusError::Config(format!("stream {name}: {error}; {advice}"))
}

fn code(error: &CreateStreamError) -> Option<ErrorCode> {
    match error.kind() {
        CreateStreamErrorKind::JetStream(refusal) => Some(refusal.error_code()),
        _ => None,
    }
}

/// What we rely on as we need it; placement, compression and the like stay as the operator set them.
fn updated(existing: Config, ours: Config) -> Config {
    Config {
        // NATS moves no stream between memory and disk.
        storage: existing.storage,
        placement: existing.placement,
        compression: existing.compression,
        metadata: existing.metadata,
        republish: existing.republish,
        consumer_limits: existing.consumer_limits,
        first_sequence: existing.first_sequence,
        persist_mode: existing.persist_mode,
        // And never takes this back.
        deny_purge: existing.deny_purge || ours.deny_purge,
        sources: existing.sources,
        mirror_direct: existing.mirror_direct,
        ..ours
    }
}

/// What has ended leaves for the archive: see `Trim`, and who may in `rights`.
fn events() -> Config {
    Config {
        name: subject::EVENTS.to_owned(),
        description: Some("What happened: the one source of truth".to_owned()),
        subjects: vec![subject::ALL_EVENTS.to_owned()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        duplicate_window: limits::DUPLICATE_WINDOW,
        deny_delete: true,
        allow_direct: true,
        ..Config::default()
    }
}

/// The server forgets ids as soon as it can: that nothing is copied twice is the guard's doing, and an id that stands twice
/// in the log is copied twice.
fn feed() -> Config {
    Config {
        name: subject::FEED.to_owned(),
        description: Some("What happened, for others".to_owned()),
        subjects: vec![subject::ALL_FEED.to_owned(), subject::ALL_ADMIN_FEED.to_owned()],
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        duplicate_window: FEED_DUPLICATE_WINDOW,
        max_age: FEED_AGE,
        deny_delete: true,
        deny_purge: true,
        // What a power cut takes from a copy is copied again, byte for byte.
        persist_mode: Some(PersistenceMode::Async),
        ..Config::default()
    }
}

fn commands() -> Config {
    Config {
        name: subject::COMMANDS.to_owned(),
        description: Some("Work to be done".to_owned()),
        subjects: vec![subject::ALL_COMMANDS.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        duplicate_window: limits::DUPLICATE_WINDOW,
        ..Config::default()
    }
}

fn telemetry() -> Config {
    Config {
        name: subject::TELEMETRY.to_owned(),
        description: Some("Step measurements and console lines".to_owned()),
        subjects: vec![subject::ALL_TELEMETRY.to_owned()],
        max_age: limits::TELEMETRY_AGE,
        max_messages_per_subject: TELEMETRY_MESSAGES_PER_JOB,
        max_messages: TELEMETRY_MESSAGES,
        // A console's newest lines take the place of those before them.
        allow_rollup: true,
        storage: StorageType::File,
        ..Config::default()
    }
}

fn dead() -> Config {
    Config {
        name: subject::DEAD.to_owned(),
        description: Some("Messages that could not be read or were given up: each is an alert".to_owned()),
        subjects: [
            vec![subject::ALL_DEAD.to_owned()],
            advisories(MAX_DELIVERIES),
            advisories(MSG_TERMINATED),
        ]
        .concat(),
        duplicate_window: limits::DUPLICATE_WINDOW,
        max_age: limits::DEAD_AGE,
        storage: StorageType::File,
        ..Config::default()
    }
}

fn leases() -> Config {
    bucket(LEASES_STREAM, subject::LEASES, limits::LEASE, StorageType::File)
}

fn fleet() -> Config {
    // Told anew every few seconds, but a single server forgets a stream in memory when it is started anew, and no
    // role has the right to make one.
    bucket(FLEET_STREAM, subject::FLEET, limits::FLEET_RECORD, StorageType::File)
}

/// What is there first stays: nobody may put another in its place.
fn keys() -> Config {
    Config {
        name: KEYS_STREAM.to_owned(),
        description: Some("Keys that processes share".to_owned()),
        subjects: vec![format!("$KV.{}.>", subject::KEYS)],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        storage: StorageType::File,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

/// How far each hook is: the newest word counts, and it stays.
fn hooks() -> Config {
    Config {
        name: HOOKS_STREAM.to_owned(),
        description: Some("How far each hook is".to_owned()),
        subjects: vec![format!("$KV.{}.>", subject::HOOKS)],
        max_messages_per_subject: 1,
        storage: StorageType::File,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

fn calls() -> Config {
    bucket(CALLS_STREAM, subject::CALLS, limits::CALLS_AGE, StorageType::File)
}

/// Of an account that is used no more, some time after it was.
fn preferences() -> Config {
    bucket(PREFERENCES_STREAM, subject::PREFERENCES, limits::SEEN_AGE, StorageType::File)
}

fn seen() -> Config {
    bucket(SEEN_STREAM, subject::SEEN, limits::SEEN_AGE, StorageType::File)
}

fn refused() -> Config {
    Config {
        name: subject::REFUSED.to_owned(),
        description: Some("What people were not let do".to_owned()),
        subjects: vec![subject::ALL_REFUSED.to_owned()],
        max_age: limits::REFUSED_AGE,
        max_messages_per_subject: limits::REFUSED_OF_TENANT,
        storage: StorageType::File,
        deny_delete: true,
        ..Config::default()
    }
}

/// The keys of what people have said. A key is replaced by an empty record when it is destroyed, and then deleted, which overwrites
/// its bytes: for that moment there are two.
fn said() -> Config {
    Config {
        name: SAID_STREAM.to_owned(),
        description: Some("Keys of what people have said".to_owned()),
        subjects: vec![format!("$KV.{}.>", subject::SAID)],
        max_messages_per_subject: 2,
        storage: StorageType::File,
        deny_purge: true,
        ..Config::default()
    }
}

/// A stream that NATS tools recognise as a key-value bucket.
fn bucket(stream: &str, name: &str, max_age: Duration, storage: StorageType) -> Config {
    Config {
        name: stream.to_owned(),
        subjects: vec![format!("$KV.{name}.>")],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        max_age,
        storage,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        allow_message_ttl: true,
        subject_delete_marker_ttl: Some(MARKER_AGE),
        ..Config::default()
    }
}
