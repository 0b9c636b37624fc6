//! What others read: an account of its own on the NATS server, with copies of what happened and of what is told of jobs.
//!
//! Whoever may ask JetStream for anything may name a subject for the answer, and the server sends it there whatever the
//! user's rights say. In the platform's account that could be a subject of the log. So readers have an account to
//! themselves, and the streams in it listen where nobody can guess: on a word that is drawn when the stream is made, and put
//! in order by the server itself (`<word>.feed.acme...` is stored as `trainyard.feed.acme...`).

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{
    Config, ConsumerLimits, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType, Stream,
    SubjectTransform,
};
use trainyard_events::{limits, subject};

use crate::copy::{Source, source_of};
use crate::error::unavailable;
use crate::link::Link;
use crate::streams::{TELEMETRY_MESSAGES_PER_JOB, ensure_stream};
use crate::{Bus, BusError};

/// The platform's own account, and that of readers.
pub const PLATFORM_ACCOUNT: &str = "PLATFORM";
pub const READERS_ACCOUNT: &str = "READERS";
/// The user of the readers' account who may do everything there: the role that copies.
pub const READERS_USER: &str = "readers";

/// The server forgets ids after this long, which is the shortest it can: that nothing is copied twice is the guard's doing,
/// and an id that stands twice in the log is copied twice.
const DUPLICATE_WINDOW: Duration = Duration::from_millis(100);
/// Where a copy says what it is a copy of.
const COPY_OF: &str = "trainyard-copy-of";

/// Where a copy ends.
pub(crate) struct Place {
    /// What its stream listens to.
    pub(crate) prefix: String,
    /// Sequence of its last message.
    pub(crate) last: u64,
    /// Sequence of what that is a copy of.
    pub(crate) source: u64,
}

impl Source {
    /// Where it is read, and which subjects of it.
    pub(crate) fn stream(self) -> (&'static str, &'static str) {
        match self {
            Source::Events => (subject::EVENTS, subject::ALL_EVENTS),
            Source::Telemetry => (subject::TELEMETRY, subject::ALL_TELEMETRY),
        }
    }

    /// The stream of readers that it is copied into.
    pub fn copy(self) -> &'static str {
        match self {
            Source::Events => subject::FEED,
            Source::Telemetry => subject::TELEMETRY,
        }
    }

    fn config(self) -> Config {
        match self {
            Source::Events => Config {
                description: Some("What happened, for others".to_owned()),
                deny_purge: true,
                ..Config::default()
            },
            Source::Telemetry => Config {
                description: Some("Step measurements and console lines, for others".to_owned()),
                max_age: limits::TELEMETRY_AGE,
                max_messages_per_subject: TELEMETRY_MESSAGES_PER_JOB,
                allow_rollup: true,
                ..Config::default()
            },
        }
    }
}

/// Where the copy ends, which is made if it is not there.
pub(crate) async fn place(source: Source, from: &Link, to: &Bus) -> Result<Place, BusError> {
    let (name, context) = (source.copy(), &to.link().context);
    let copy_of = identity(from, source.stream().0).await?;
    let stream = match context.get_stream(name).await {
        Ok(stream) => stream,
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                ensure_stream(context, wanted(source, &unguessable(), &copy_of, to.replicas())).await?;
                context.get_stream(name).await.map_err(unavailable)?
            }
            _ => return Err(unavailable(error)),
        },
    };
    read_place(name, &stream, &copy_of).await
}

/// Brings the settings of a copy that is there up to date.
pub(crate) async fn ensure(source: Source, from: &Link, to: &Bus) -> Result<(), BusError> {
    let place = place(source, from, to).await?;
    let copy_of = identity(from, source.stream().0).await?;
    ensure_stream(&to.link().context, wanted(source, &place.prefix, &copy_of, to.replicas())).await
}

async fn read_place(name: &str, stream: &Stream, copy_of: &str) -> Result<Place, BusError> {
    let info = stream.cached_info();
    if info.config.metadata.get(COPY_OF).is_none_or(|named| named != copy_of) {
        return Err(BusError::Config(format!(
            "the stream {name} of the account {READERS_ACCOUNT} is no copy of this log: remove it, and it is made again"
        )));
    }
    let listens = info.config.subjects.first().and_then(|subject| subject.strip_suffix(".>"));
    let prefix = listens.ok_or_else(|| BusError::Corrupt(format!("{name} listens to nothing")))?.to_owned();
    let last = info.state.last_sequence;
    let source = if last == 0 { Some(0) } else { source_of(stream, last).await? };
    // Old telemetry goes, and what it was a copy of has gone before it.
    Ok(Place { prefix, last, source: source.unwrap_or(0) })
}

/// Names one stream among all that have had its name.
async fn identity(link: &Link, stream: &str) -> Result<String, BusError> {
    let stream = link.context.get_stream(stream).await.map_err(unavailable)?;
    let info = stream.cached_info();
    Ok(format!("{}-{:x}", info.config.name, info.created.unix_timestamp_nanos()))
}

fn wanted(source: Source, prefix: &str, copy_of: &str, replicas: usize) -> Config {
    Config {
        name: source.copy().to_owned(),
        subjects: vec![format!("{prefix}.>")],
        subject_transform: Some(SubjectTransform {
            source: format!("{prefix}.>"),
            destination: format!("{}.>", subject::ROOT),
        }),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        duplicate_window: DUPLICATE_WINDOW,
        deny_delete: true,
        consumer_limits: Some(ConsumerLimits {
            inactive_threshold: limits::READER_IDLE,
            max_ack_pending: limits::READER_ACKS_PENDING,
        }),
        // What a power cut takes from a copy is copied again, byte for byte. The server does so without replicas only.
        persist_mode: (replicas == 1).then_some(PersistenceMode::Async),
        metadata: HashMap::from([(COPY_OF.to_owned(), copy_of.to_owned())]),
        ..source.config()
    }
}

/// A word that is drawn once.
fn unguessable() -> String {
    format!("w{:032x}", rand::random::<u128>())
}
