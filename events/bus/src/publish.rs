//! One acknowledged write to a stream, its possible outcomes, and the pauses between tries.

use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self, Context, ErrorCode};

use crate::BusError;

/// How long a write is tried before the caller hears that it is not possible now.
pub(crate) const WRITE_DEADLINE: Duration = Duration::from_secs(10);
const PAUSE_FIRST: Duration = Duration::from_millis(20);
const PAUSE_LONGEST: Duration = Duration::from_secs(1);

/// The guard failed against a write that is still in flight: a replicated stream's way to say 10071.
const WRONG_LAST_SEQUENCE_IN_FLIGHT: ErrorCode = ErrorCode(10164);

/// Why there is no acknowledgement.
#[derive(Debug)]
pub(crate) enum NotStored {
    /// The guard does not hold, or did not when the server looked.
    Conflict,
    /// Stored or not, nobody knows: no answer, or one that says to ask again.
    Unknown(String),
    /// It never will be.
    TooLarge { limit: usize },
}

/// What the stream says of a message that it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) sequence: u64,
    /// A message with this id was there before, at that sequence. Whether it is the same one is for the caller to see.
    pub(crate) duplicate: bool,
}

/// Publishes once and waits for the answer.
pub(crate) async fn publish(
    context: &Context,
    subject: String,
    message: PublishMessage,
) -> Result<Stored, NotStored> {
    let answer = match context.send_publish(subject, message).await {
        Ok(acknowledgement) => acknowledgement.await,
        Err(error) => Err(error),
    };
    outcome(answer, context.client().max_payload())
}

/// What the server's answer to a write says; it takes messages of up to `limit` bytes.
pub(crate) fn outcome(answer: Result<PublishAck, PublishError>, limit: usize) -> Result<Stored, NotStored> {
    let stored = |acknowledgement: PublishAck| Stored {
        sequence: acknowledgement.sequence,
        duplicate: acknowledgement.duplicate,
    };
    answer.map(stored).map_err(|error| match error.kind() {
        PublishErrorKind::WrongLastSequence => NotStored::Conflict,
        PublishErrorKind::MaxPayloadExceeded => NotStored::TooLarge { limit },
        _ => match server_code(&error) {
            Some(WRONG_LAST_SEQUENCE_IN_FLIGHT) => NotStored::Conflict,
            _ => NotStored::Unknown(error.to_string()),
        },
    })
}

/// The code with which the server refused, if that is what happened.
fn server_code(error: &jetstream::context::PublishError) -> Option<ErrorCode> {
    let source = std::error::Error::source(error)?;
    source.downcast_ref::<jetstream::Error>().map(|error| error.error_code())
}

/// Publishes until it is stored; `message` carries an id, or may be stored twice.
pub(crate) async fn publish_surely(
    context: &Context,
    subject: String,
    message: PublishMessage,
    bytes: usize,
) -> Result<u64, BusError> {
    let mut reason = String::new();
    let mut backoff = Backoff::default();
    let tries = async {
        loop {
            match publish(context, subject.clone(), message.clone()).await {
                Ok(stored) => return Ok(stored.sequence),
                Err(NotStored::TooLarge { limit }) => return Err(BusError::TooLarge { bytes, limit }),
                Err(NotStored::Conflict) => reason = "an unguarded write was refused by a guard".to_owned(),
                Err(NotStored::Unknown(why)) => reason = why,
            }
            backoff.wait().await;
        }
    };
    match tokio::time::timeout(WRITE_DEADLINE, tries).await {
        Ok(outcome) => outcome,
        Err(_) => Err(BusError::Unavailable(reason)),
    }
}

/// Growing pauses with jitter, so that those who failed together do not come back together.
#[derive(Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    pub(crate) async fn wait(&mut self) {
        let pause = PAUSE_FIRST.saturating_mul(1 << self.tries.min(10)).min(PAUSE_LONGEST);
        self.tries += 1;
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
    }
}
