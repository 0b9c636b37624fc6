//! What the views keep back: the entries of every history that has one which this binary cannot read.
//!
//! The rows of such an aggregate stay as they were before it, and say so in `quarantine`, until it is skipped.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};
use trainyard_events::{Admitted, Aggregate, Entry, Quarantine, Recorded, TenantId, subject};
use trainyard_views::Quarantined;

use crate::table::bigint;
use crate::{ViewError, Views};

type Whose = (TenantId, Aggregate);

/// A batch, parted into what is folded now and what waits.
pub(crate) struct Sorted {
    pub(crate) admitted: Vec<Recorded>,
    /// Aggregates whose histories are held now, or were until now.
    touched: BTreeSet<Whose>,
    quarantine: Quarantine,
    waiting: Vec<Entry>,
}

/// Lets each entry through the quarantine as the rows know it.
pub(crate) async fn sort(connection: &mut PgConnection, entries: &[Entry]) -> Result<Sorted, ViewError> {
    let mut sorted = Sorted {
        admitted: Vec::with_capacity(entries.len()),
        touched: BTreeSet::new(),
        quarantine: load(of_these(&mut *connection, entries).await?),
        waiting: Vec::new(),
    };
    for entry in entries {
        match sorted.quarantine.admit(entry.clone()) {
            Admitted::Event(event) => sorted.admitted.push(*event),
            Admitted::Released { of, events } => {
                sorted.touched.insert(of);
                sorted.admitted.extend(events);
            }
            Admitted::Held { of, .. } => {
                sorted.touched.insert(of);
                sorted.waiting.push(entry.clone());
            }
            Admitted::Foreign => {
                tracing::error!(
                    sequence = entry.sequence(),
                    "an event of no aggregate that this binary knows"
                );
            }
        }
    }
    Ok(sorted)
}

/// Notes what waits and what does so no longer, after the rows were folded.
pub(crate) async fn keep(connection: &mut PgConnection, sorted: &Sorted) -> Result<(), ViewError> {
    for entry in &sorted.waiting {
        insert(connection, entry).await?;
    }
    for (tenant, aggregate) in &sorted.touched {
        let held = sorted.quarantine.of(tenant, aggregate);
        if held.is_none() {
            sqlx::query("DELETE FROM held WHERE tenant = $1 AND aggregate = $2")
                .bind(tenant.as_str())
                .bind(aggregate.to_string())
                .execute(&mut *connection)
                .await?;
        }
        mark(connection, tenant, aggregate, held.map(|held| Quarantined::by(held.first()))).await?;
    }
    Ok(())
}

async fn insert(connection: &mut PgConnection, entry: &Entry) -> Result<(), ViewError> {
    let Some((tenant, aggregate)) = entry.of() else { return Ok(()) };
    sqlx::query(
        "INSERT INTO held (sequence, tenant, aggregate, raw) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(bigint(entry.sequence()))
    .bind(tenant.as_str())
    .bind(aggregate.to_string())
    .bind(&*entry.raw())
    .execute(connection)
    .await?;
    Ok(())
}

/// Says in the row, where there is one, that its aggregate is held, or no longer.
async fn mark(
    connection: &mut PgConnection,
    tenant: &TenantId,
    aggregate: &Aggregate,
    quarantined: Option<Quarantined>,
) -> Result<(), ViewError> {
    let (table, key) = match aggregate {
        Aggregate::Job(_) => ("jobs", "id"),
        Aggregate::Chat(_) => ("chats", "id"),
        Aggregate::Dataset(_) => ("datasets", "id"),
        Aggregate::Endpoint(_) => ("endpoints", "job"),
        Aggregate::Model(_) => ("models", "id"),
        Aggregate::Tenant(_) => ("tenants", "tenant"),
        // No view has them.
        Aggregate::Hooks(_) | Aggregate::Maintenance(_) => return Ok(()),
    };
    let sql = format!("UPDATE {table} SET quarantine = $1 WHERE tenant = $2 AND {key}::text = $3");
    sqlx::query(AssertSqlSafe(sql))
        .bind(quarantined.map(Json))
        .bind(tenant.as_str())
        .bind(aggregate.id())
        .execute(connection)
        .await?;
    Ok(())
}

/// What can be read by now is let through, and so not in it.
fn load(held: Vec<Entry>) -> Quarantine {
    let mut quarantine = Quarantine::default();
    held.into_iter().for_each(|entry| drop(quarantine.admit(entry)));
    quarantine
}

type Row = (i64, String, String, Vec<u8>);

/// What is held of `tenant`, or of all, in order.
async fn of(executor: impl PgExecutor<'_>, tenant: Option<&TenantId>) -> Result<Vec<Entry>, ViewError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT sequence, tenant, aggregate, raw FROM held
         WHERE $1::text IS NULL OR tenant = $1 ORDER BY sequence",
    )
    .bind(tenant.map(TenantId::as_str))
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(read).collect()
}

/// What is held of the histories that these entries go on with, in order.
async fn of_these(executor: impl PgExecutor<'_>, entries: &[Entry]) -> Result<Vec<Entry>, ViewError> {
    let whose: BTreeSet<Whose> = entries.iter().filter_map(Entry::of).collect();
    let (tenants, aggregates): (Vec<String>, Vec<String>) =
        whose.iter().map(|(tenant, of)| (tenant.to_string(), of.to_string())).unzip();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT sequence, tenant, aggregate, raw FROM held
         WHERE (tenant, aggregate) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY sequence",
    )
    .bind(tenants)
    .bind(aggregates)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(read).collect()
}

fn read((sequence, tenant, aggregate, raw): Row) -> Result<Entry, ViewError> {
    let broken = |what: String| ViewError::Broken(format!("held entry {sequence} is of {what}"));
    let owner: TenantId = tenant.parse().map_err(|_| broken(tenant))?;
    let of: Aggregate = aggregate.parse().map_err(|_| broken(aggregate))?;
    Ok(Entry::read(sequence.unsigned_abs(), &subject::event(&owner, &of), &raw))
}

/// Whether something is held that this binary can read: an older one has held it, and the views are to be built again.
pub(crate) async fn is_outdated(executor: impl PgExecutor<'_>) -> Result<bool, ViewError> {
    let mut unreadable: BTreeMap<Whose, bool> = BTreeMap::new();
    for entry in of(executor, None).await? {
        let Some(of) = entry.of() else { continue };
        *unreadable.entry(of).or_default() |= entry.as_event().is_none();
    }
    Ok(unreadable.values().any(|unreadable| !unreadable))
}

impl Views {
    /// What is held of `tenant`: the event to upgrade for or to skip, by aggregate.
    pub async fn quarantined(&self, tenant: &TenantId) -> Result<Vec<(Aggregate, Quarantined)>, ViewError> {
        let quarantine = load(of(&self.pool, Some(tenant)).await?);
        Ok(quarantine.iter().map(|((_, of), held)| (of.clone(), Quarantined::by(held.first()))).collect())
    }

    /// Everything that is held, to begin following the log with.
    pub async fn quarantine(&self) -> Result<Quarantine, ViewError> {
        Ok(load(of(&self.pool, None).await?))
    }
}
