//! Builds the views again beside the live ones: to compare them, table by table, or to put the new ones in place.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use trainyard_bus::{EventLog, LogError};
use trainyard_events::Entry;

use crate::views::{LIVE, OLDER, REBUILD, drop_schema, execute, migrate, position};
use crate::write::{batches, write};
use crate::{Position, ProjectorError, ViewError, Views};

/// Every view with its primary key, which orders its rows for the hash.
const TABLES: [(&str, &str); 12] = [
    ("activity", "sequence"),
    ("chat_messages", "tenant, chat, sequence"),
    ("chats", "tenant, id"),
    ("datasets", "tenant, id"),
    ("endpoints", "tenant, job"),
    ("epochs", "tenant, job, epoch"),
    ("held", "sequence"),
    ("jobs", "tenant, id"),
    ("leases", "tenant, job, token"),
    ("models", "tenant, id"),
    ("tenants", "tenant"),
    ("tokens", "tenant, token_id"),
];

/// How long a verification waits for a projector to reach the end of the log.
const CATCH_UP: Duration = Duration::from_secs(10);

/// Of the advisory lock that one rebuild at a time holds.
const LOCK: i64 = 0x7472_6169_6e79_6172;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableReport {
    pub name: String,
    pub live_rows: u64,
    pub rebuilt_rows: u64,
    /// SHA-256 over every row's text in order of primary key, in hex.
    pub live_hash: String,
    pub rebuilt_hash: String,
    pub equal: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RebuildReport {
    /// Events that the rebuilt views were made from.
    pub events: u64,
    /// The position at which they were compared.
    pub sequence: u64,
    pub tables: Vec<TableReport>,
    pub equal: bool,
    /// Whether the rebuilt views are the live ones now.
    pub swapped: bool,
    /// Aggregates with an event that this binary cannot read: their rows are as of before it.
    pub quarantined: u64,
}

/// Builds every view from the whole log. With `verify` it only compares the result with the live views, which it
/// reads as of one moment: nobody waits. Without, the rebuilt views then take the place of the live ones, while a
/// running projector of this version pauses and goes on behind them.
pub async fn rebuild(
    views: &Views,
    log: &impl EventLog,
    stream: &str,
    verify: bool,
) -> Result<RebuildReport, ProjectorError> {
    // A connection of its own, closed at the end: what it sets and locks ends with it.
    let mut connection = views.pool.acquire().await.map_err(ViewError::from)?.detach();
    let indexes = prepare(&mut connection, verify).await?;
    let before = last_sequence(log).await?;
    if verify {
        // What was written before this moment is compared; a projector that runs gets there.
        views.wait_for(before, CATCH_UP).await?;
    }
    let mut snapshot = views
        .pool
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await
        .map_err(ViewError::from)?;
    let live = position(&mut *snapshot).await?;
    // Only now: the log is never behind the views that were made of it.
    let end = last_sequence(log).await?;
    let target = match &live {
        Position { stream: made_from, .. } if verify && !made_from.is_empty() && made_from != stream => {
            return Err(ProjectorError::OtherLog { views: made_from.clone(), log: stream.to_owned() });
        }
        Position { sequence, .. } if verify && *sequence > end => {
            return Err(ProjectorError::AheadOfLog { views: *sequence, log: end });
        }
        Position { sequence, .. } if verify && *sequence < before => {
            return Err(ProjectorError::Behind { views: *sequence, log: before });
        }
        Position { sequence, stream: made_from, .. } if made_from == stream => end.min(*sequence),
        _ if verify => 0,
        _ => end,
    };
    // The live tables are read while the others are written.
    let live_tables = async { hash_live(&mut snapshot).await.map_err(ProjectorError::from) };
    let filled = fill(&mut connection, log, stream, 0, target);
    let (live_tables, events) = tokio::try_join!(live_tables, filled)?;
    snapshot.commit().await.map_err(ViewError::from)?;
    let rebuilt_tables = hash_all(&mut connection, REBUILD).await?;
    let tables: Vec<TableReport> = live_tables.into_iter().zip(rebuilt_tables).map(compare).collect();
    let quarantined = views.quarantine().await?.len() as u64;
    if verify {
        drop_schema(&mut connection, REBUILD).await?;
    } else {
        for index in indexes {
            execute(&mut connection, index).await?;
        }
        swap(&mut connection, log, stream, target).await?;
        for older in OLDER {
            drop_schema(&mut connection, older).await?;
        }
    }
    unlock(connection).await?;
    let equal = tables.iter().all(|table| table.equal);
    Ok(RebuildReport { events, sequence: target, tables, equal, swapped: !verify, quarantined })
}

/// Makes empty tables, and returns how to make those indexes that they have not yet.
async fn prepare(connection: &mut PgConnection, verify: bool) -> Result<Vec<String>, ViewError> {
    sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
    // What is lost with the server is built again; the swap waits for the disk, and with it for all before it.
    sqlx::query("SET synchronous_commit = off").execute(&mut *connection).await?;
    let alone: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut *connection).await?;
    if !alone {
        return Err(ViewError::Unavailable("another rebuild is running; wait for it to end".to_owned()));
    }
    drop_schema(connection, REBUILD).await?;
    migrate(connection, REBUILD).await?;
    if verify {
        // Nobody is ever to read them after a crash.
        for (name, _) in TABLES {
            execute(connection, format!("ALTER TABLE {REBUILD}.{name} SET UNLOGGED")).await?;
        }
    }
    put_off_indexes(connection).await
}

/// Drops the indexes of activity that only its readers need: to make them of all rows at the end takes a fraction of what it
/// takes to keep them up row by row.
async fn put_off_indexes(connection: &mut PgConnection) -> Result<Vec<String>, ViewError> {
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = 'activity'::regclass AND NOT indisunique",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (name, _) in &indexes {
        execute(connection, format!("DROP INDEX {name}")).await?;
    }
    Ok(indexes.into_iter().map(|(_, definition)| definition).collect())
}

/// The lock would end with the connection, but only once the server has noticed that.
async fn unlock(mut connection: PgConnection) -> Result<(), ViewError> {
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// The hash of every live table, all as of when the transaction began.
async fn hash_live(snapshot: &mut PgConnection) -> Result<Vec<TableHash>, ViewError> {
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *snapshot).await?;
    hash_all(snapshot, LIVE).await
}

async fn last_sequence(log: &impl EventLog) -> Result<u64, ViewError> {
    log.last_sequence().await.map_err(|error| ViewError::Unavailable(error.to_string()))
}

/// Writes every event after `from` up to `to` and returns how many they were.
async fn fill(
    connection: &mut PgConnection,
    log: &impl EventLog,
    stream: &str,
    from: u64,
    to: u64,
) -> Result<u64, ProjectorError> {
    let (mut position, mut count) = (from, 0);
    if from >= to {
        return Ok(0);
    }
    let away = |error: LogError| ViewError::Unavailable(error.to_string());
    let mut batches = batches(log, from).await.map_err(away)?;
    while position < to {
        let Some(mut batch) = batches.next().await else {
            return Err(ViewError::Unavailable("the event log ended early; try again".to_owned()).into());
        };
        batch.entries.retain(|entry| entry.sequence() <= to);
        if !write(connection, stream, position, &batch.entries).await? {
            return Err(ProjectorError::AnotherOwner { at: position });
        }
        position = batch.entries.last().map_or(position, Entry::sequence);
        count += batch.entries.len() as u64;
        if let Some(error) = batch.end
            && position < to
        {
            return Err(away(error).into());
        }
    }
    Ok(count)
}

struct TableHash {
    name: &'static str,
    rows: u64,
    hash: String,
}

async fn hash_all(connection: &mut PgConnection, schema: &str) -> Result<Vec<TableHash>, ViewError> {
    let mut hashes = Vec::new();
    for (name, key) in TABLES {
        let sql = format!("SELECT row_::text FROM {schema}.{name} AS row_ ORDER BY {key}");
        let mut texts = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch(&mut *connection);
        let (mut rows, mut digest) = (0, Sha256::new());
        while let Some(text) = texts.try_next().await? {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
            rows += 1;
        }
        drop(texts);
        hashes.push(TableHash { name, rows, hash: hex::encode(digest.finalize()) });
    }
    Ok(hashes)
}

fn compare((live, rebuilt): (TableHash, TableHash)) -> TableReport {
    TableReport {
        name: live.name.to_owned(),
        live_rows: live.rows,
        rebuilt_rows: rebuilt.rows,
        equal: live.hash == rebuilt.hash && live.rows == rebuilt.rows,
        live_hash: live.hash,
        rebuilt_hash: rebuilt.hash,
    }
}

/// Puts the rebuilt tables in the place of the live ones. Whoever writes or takes a snapshot touches `position`
/// first, so that the lock on it keeps them out from before the last events until the names have changed.
async fn swap(
    connection: &mut PgConnection,
    log: &impl EventLog,
    stream: &str,
    at: u64,
) -> Result<(), ProjectorError> {
    let mut transaction = connection.begin().await.map_err(ViewError::from)?;
    execute(&mut transaction, "SET LOCAL synchronous_commit = on".to_owned()).await?;
    execute(&mut transaction, format!("LOCK TABLE {LIVE}.position IN ACCESS EXCLUSIVE MODE")).await?;
    let live: (i64, String) =
        sqlx::query_as(AssertSqlSafe(format!("SELECT sequence, stream FROM {LIVE}.position")))
            .fetch_one(&mut *transaction)
            .await
            .map_err(ViewError::from)?;
    if live.1 == stream {
        let end = last_sequence(log).await?;
        fill(&mut transaction, log, stream, at, end.min(live.0.unsigned_abs())).await?;
    }
    execute(&mut transaction, format!("DROP SCHEMA {LIVE} CASCADE")).await?;
    execute(&mut transaction, format!("ALTER SCHEMA {REBUILD} RENAME TO {LIVE}")).await?;
    transaction.commit().await.map_err(ViewError::from)?;
    Ok(())
}
