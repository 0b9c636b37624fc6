//! One batch of the log into every view, with the position, in one transaction. The live projector and a rebuild
//! both come through here.

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use trainyard_bus::{EventLog, LogError};
use trainyard_events::{Entry, Recorded};

use crate::table::bigint;
use crate::views::NAME;
use crate::{ViewError, activity, chats, datasets, endpoints, epochs, held, jobs, models, tenants};

/// As many as are ready, up to this many, go into one transaction.
const BATCH_EVENTS: usize = 1_000;
/// Small batches begin no sooner one after another: what comes meanwhile goes into the next, and a transaction costs the same with
/// one event as with ten. The first after a quiet time does not wait, and neither do those of a log that is caught up with.
const PACE: Duration = Duration::from_millis(8);
const SMALL: usize = 100;
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
            let (next, is_small) = (Instant::now() + PACE, batch.entries.len() < SMALL);
            if sender.send(batch).await.is_err() {
                return;
            }
            if is_small {
                tokio::time::sleep_until(next).await;
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

#[cfg(test)]
mod tests {
    use trainyard_bus::MemoryLog;
    use trainyard_events::Aggregate;
    use uuid::Uuid;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_comes_one_by_one_is_written_in_few_batches_and_the_first_at_once() {
        let (log, begun) = (MemoryLog::default(), Instant::now());
        let push = |log: &MemoryLog| {
            log.push(&"ours".parse().unwrap(), &Aggregate::Job(Uuid::nil()), b"anything");
        };
        push(&log);
        let mut batches = batches(&log, 0).await.unwrap();
        assert_eq!(batches.next().await.unwrap().entries.len(), 1);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let writer = log.clone();
        tokio::spawn(async move {
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                push(&writer);
            }
        });
        let mut sizes = Vec::new();
        while sizes.iter().sum::<usize>() < 100 {
            sizes.push(batches.next().await.unwrap().entries.len());
        }
        assert!(sizes.len() <= 14, "{sizes:?}");
        tokio::time::sleep(PACE).await;
        let quiet = Instant::now();
        push(&log);
        assert_eq!(batches.next().await.unwrap().entries.len(), 1);
        assert_eq!(quiet.elapsed(), Duration::ZERO);
    }
}
