//! One batch of the log into every view, with the position, in one transaction. The live projector and a rebuild
//! both come through here.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use trainyard_bus::{EventLog, LogError};
use trainyard_events::{Entry, Recorded};

use crate::table::bigint;
use crate::views::NAME;
use crate::{ViewError, activity, chats, datasets, endpoints, epochs, held, jobs, models, tenants};

/// As many as are ready, up to this many, go into one transaction.
const BATCH_EVENTS: usize = 1_000;
/// Batches that are read and understood while the one before them is written.
const AHEAD: usize = 2;

/// Some entries that follow one another, and what ended the batch early, if anything did.
pub(crate) struct Batch {
    pub entries: Vec<Entry>,
    pub end: Option<LogError>,
}

pub(crate) type Batches = Pin<Box<dyn Stream<Item = Batch> + Send>>;

/// The log after `position`, in batches.
pub(crate) async fn batches(log: &impl EventLog, position: u64) -> Result<Batches, LogError> {
    let mut last = position;
    let mut batches = log.follow(position).await?.ready_chunks(BATCH_EVENTS).map(move |chunk| {
        let mut batch = Batch { entries: Vec::new(), end: None };
        for item in chunk {
            match item {
                // A follower that had to start again may repeat itself.
                Ok(entry) if entry.sequence() <= last => {}
                Ok(entry) => {
                    last = entry.sequence();
                    batch.entries.push(entry);
                }
                Err(error) => {
                    batch.end = Some(error);
                    break;
                }
            }
        }
        batch
    });
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reading = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(batch) = batches.next().await {
            if sender.send(batch).await.is_err() {
                return;
            }
        }
    }));
    let read = |(mut receiver, reading): (mpsc::Receiver<Batch>, _)| async move {
        receiver.recv().await.map(|batch| (batch, (receiver, reading)))
    };
    Ok(Box::pin(stream::unfold((receiver, reading), read)))
}

/// Moves the position from `from` past `entries` and folds them into every view, all or nothing. False, and nothing is
/// written, if the position is not at `from`, or of another log.
pub(crate) async fn write(
    connection: &mut PgConnection,
    stream: &str,
    from: u64,
    entries: &[Entry],
) -> Result<bool, ViewError> {
    let Some(last) = entries.last() else { return Ok(true) };
    let mut transaction = connection.begin().await?;
    let moved = sqlx::query(
        "UPDATE position SET sequence = $1, stream = $2
         WHERE name = $3 AND sequence = $4 AND stream IN ('', $2)",
    )
    .bind(bigint(last.sequence()))
    .bind(stream)
    .bind(NAME)
    .bind(bigint(from))
    .execute(&mut *transaction)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(false);
    }
    // Rows are looked up by their keys. A plan that was made while there were few would go through all of them.
    sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *transaction).await?;
    apply(&mut transaction, entries).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn apply(connection: &mut PgConnection, entries: &[Entry]) -> Result<(), ViewError> {
    let readable: Vec<&Recorded> = entries.iter().filter_map(Entry::as_event).collect();
    activity::apply(connection, &readable).await?;
    let sorted = held::sort(connection, entries).await?;
    let events = &sorted.admitted;
    let counted = jobs::apply(connection, events).await?;
    epochs::apply(connection, &counted).await?;
    chats::apply(connection, events).await?;
    datasets::apply(connection, events).await?;
    endpoints::apply(connection, events).await?;
    models::apply(connection, events).await?;
    tenants::apply(connection, events).await?;
    held::keep(connection, &sorted).await
}
