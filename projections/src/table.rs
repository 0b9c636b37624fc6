//! Rows as JSON sets: the serde form of a row is its columns, so that one statement reads or writes any number.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection};
use trainyard_events::{Recorded, limits};
use trainyard_views::scrub;
use uuid::Uuid;

use crate::ViewError;

/// Which rows of a list: at most `limit`, in the list's order, after the row that `before` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// [`Rows::next`] of the page before this one; `None` is the first page.
    pub before: Option<u64>,
    /// Kept within 1 and [`limits::PAGE_ROWS`].
    limit: u32,
}

impl Page {
    pub fn new(before: Option<u64>, limit: u32) -> Page {
        Page { before, limit: limit.clamp(1, limits::PAGE_ROWS) }
    }

    pub fn first() -> Page {
        Page::new(None, limits::PAGE_ROWS)
    }

    /// One row more than the page, which tells whether another page follows.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    pub(crate) fn before(&self) -> Option<i64> {
        self.before.map(bigint)
    }

    /// Cuts what `fetch` rows gave down to the page; `key` is what the list is ordered by.
    pub(crate) fn cut<T>(&self, fetched: Vec<Json<T>>, key: impl Fn(&T) -> u64) -> Rows<T> {
        let mut rows: Vec<T> = fetched.into_iter().map(|Json(row)| row).collect();
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = if more { rows.last().map(key) } else { None };
        Rows { rows, next }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rows<T> {
    pub rows: Vec<T>,
    /// What to ask for to see the rows after these; `None` at the end.
    pub next: Option<u64>,
}

/// A sequence or count as Postgres has it. The log cannot reach the end of the range.
pub(crate) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Words that somebody looks for, as Postgres can be asked for them.
pub(crate) fn text(words: &str) -> String {
    words.replace('\0', "")
}

/// Reads the rows that `events` touch, lets `step` put each event into its row, and writes the rows that it changed.
/// `touches` names the row (its `id`, besides the tenant); `step` says whether the event changed anything.
pub(crate) async fn fold<'e, R>(
    connection: &mut PgConnection,
    table: &'static str,
    id: &'static str,
    events: &'e [Recorded],
    touches: impl Fn(&Recorded) -> Option<Uuid>,
    mut step: impl FnMut(&mut Option<R>, &'e Recorded) -> bool,
) -> Result<(), ViewError>
where
    R: Serialize + DeserializeOwned,
{
    let key = |event: &Recorded| Some((event.envelope.tenant.to_string(), touches(event)?));
    let touched: BTreeSet<(String, Uuid)> = events.iter().filter_map(key).collect();
    let mut rows = load(connection, table, id, touched).await?;
    let mut changed = BTreeSet::new();
    for event in events {
        let Some(key) = key(event) else { continue };
        if step(rows.entry(key.clone()).or_default(), event) {
            changed.insert(key);
        }
    }
    rows.retain(|key, _| changed.contains(key));
    let rows: Vec<R> = rows.into_values().flatten().collect();
    upsert(connection, table, &format!("tenant, {id}"), &rows).await
}

/// The rows of `table` with these keys; `None` for those that do not exist.
async fn load<R: DeserializeOwned>(
    connection: &mut PgConnection,
    table: &'static str,
    id: &'static str,
    keys: BTreeSet<(String, Uuid)>,
) -> Result<BTreeMap<(String, Uuid), Option<R>>, ViewError> {
    let mut rows: BTreeMap<_, Option<R>> = keys.iter().map(|key| (key.clone(), None)).collect();
    if rows.is_empty() {
        return Ok(rows);
    }
    let (tenants, ids): (Vec<String>, Vec<Uuid>) = keys.into_iter().unzip();
    let sql = format!(
        "SELECT {table}.tenant, {table}.{id}, to_json({table}) FROM {table}
         JOIN UNNEST($1::text[], $2::uuid[]) AS touched (tenant, id)
           ON {table}.tenant = touched.tenant AND {table}.{id} = touched.id"
    );
    let found: Vec<(String, Uuid, Json<Box<RawValue>>)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(tenants).bind(ids).fetch_all(connection).await?;
    for (tenant, id, Json(row)) in found {
        let row = serde_json::from_str(row.get())
            .map_err(|error| ViewError::Broken(format!("a row of {table} does not decode: {error}")))?;
        rows.insert((tenant, id), Some(row));
    }
    Ok(rows)
}

/// Inserts or replaces rows. `key` is the primary key; the other columns are the fields of the row.
pub(crate) async fn upsert<T: Serialize>(
    connection: &mut PgConnection,
    table: &'static str,
    key: &str,
    rows: &[T],
) -> Result<(), ViewError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let Ok(Value::Object(first)) = serde_json::to_value(first) else {
        unreachable!("a row of {table} is an object")
    };
    let quoted: Vec<String> = first.keys().map(|column| format!("\"{column}\"")).collect();
    let columns = quoted.join(", ");
    let set =
        quoted.iter().map(|column| format!("{column} = EXCLUDED.{column}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "INSERT INTO {table} ({columns})
         SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)
         ON CONFLICT ({key}) DO UPDATE SET {set}"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(json(rows)).execute(connection).await?;
    Ok(())
}

/// JSON that Postgres can hold.
fn json<T: Serialize>(rows: &[T]) -> String {
    let plain = "rows are plain data, which always serialises";
    let text = serde_json::to_string(rows).expect(plain);
    if !text.contains(r"\u0000") {
        return text;
    }
    let mut rows = serde_json::to_value(rows).expect(plain);
    scrub(&mut rows);
    rows.to_string()
}

#[cfg(test)]
mod tests {
    use sqlx::types::Json;

    use super::Page;

    #[test]
    fn a_page_knows_whether_another_follows() {
        let numbers = |count: u64| (1..=count).rev().map(Json).collect::<Vec<_>>();
        let page = Page::new(None, 2);
        assert_eq!(page.cut(numbers(2), |row| *row).next, None);
        let rows = page.cut(numbers(3), |row| *row);
        assert_eq!((rows.rows, rows.next), (vec![3, 2], Some(2)));
        assert_eq!(Page::new(None, 0).fetch(), 2);
        assert_eq!(Page::new(None, 9_999).fetch(), 201);
    }
}
