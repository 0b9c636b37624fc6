//! The door to the views: connects, migrates, and says how far they are.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgExecutor};

use crate::ViewError;

/// Grows when the same log gives other rows than before. Each version has its tables in a schema of its own, so that two
/// neighbouring releases work beside each other, and going back to the older one finds its views as it left them.
pub const PROJECTION_VERSION: u32 = 4;

/// Connections of one process.
const CONNECTIONS: u32 = 8;
/// After this a query fails instead of waiting for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// After this Postgres gives up on a statement, in milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "20000";
/// How soon a reader that waits looks again; doubles up to the second.
const WAIT_STEP: Duration = Duration::from_millis(5);
const WAIT_STEP_MAX: Duration = Duration::from_millis(100);

/// The tables that readers see, and those that a rebuild makes beside them.
pub(crate) const LIVE: &str = "views_4";
pub(crate) const REBUILD: &str = "rebuild_4";
/// Those of older versions, which a rebuild takes away.
pub(crate) const OLDER: &[&str] = &["live", "rebuild", "views_2", "rebuild_2", "views_3", "rebuild_3"];
/// The one row of `position`.
pub(crate) const NAME: &str = "views";

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Views {
    pub(crate) pool: PgPool,
}

/// How far the views are, and in which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The last event in the rows; 0: none.
    pub sequence: u64,
    /// Of the log that they were made from; empty before the first event.
    pub stream: String,
}

impl Views {
    /// Connects to the database at `url`, and makes or upgrades the tables. Two processes may do so at once.
    pub async fn connect(url: &str) -> Result<Views, ViewError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| ViewError::Broken(format!("the database URL is not one: {error}")))?
            .application_name("trainyard");
        // A connection of its own: if migrating fails, the lock it took ends with it.
        let mut connection = PgConnection::connect_with(&options).await?;
        migrate(&mut connection, LIVE).await?;
        connection.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(
                options.options([("search_path", LIVE), ("statement_timeout", STATEMENT_TIMEOUT_MS)]),
            )
            .await?;
        Ok(Views { pool })
    }

    /// For readiness: Postgres answers.
    pub async fn ping(&self) -> Result<(), ViewError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub async fn position(&self) -> Result<Position, ViewError> {
        position(&self.pool).await
    }

    /// Waits until the rows hold everything up to `sequence`; false if they do not after `timeout`. It looks again
    /// and again, so that it holds no connection and works whichever process projects.
    pub async fn wait_for(&self, sequence: u64, timeout: Duration) -> Result<bool, ViewError> {
        let reached = async {
            let mut step = WAIT_STEP;
            while self.position().await?.sequence < sequence {
                tokio::time::sleep(step).await;
                step = (step * 2).min(WAIT_STEP_MAX);
            }
            Ok(true)
        };
        tokio::time::timeout(timeout, reached).await.unwrap_or(Ok(false))
    }

    /// Gives every connection back. Queries after this fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes or upgrades the tables of `schema`, which the connection uses from here on.
pub(crate) async fn migrate(connection: &mut PgConnection, schema: &'static str) -> Result<(), ViewError> {
    sqlx::query("SELECT set_config('search_path', $1, false)").bind(schema).execute(&mut *connection).await?;
    let mut migrator = sqlx::migrate!();
    migrator.create_schema(schema);
    migrator.run_direct(None, &mut *connection, false).await?;
    sqlx::query("INSERT INTO position (name, sequence, stream) VALUES ($1, 0, '') ON CONFLICT DO NOTHING")
        .bind(NAME)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn drop_schema(
    connection: &mut PgConnection,
    schema: &'static str,
) -> Result<(), ViewError> {
    execute(connection, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await
}

/// For statements whose names are our own: a schema cannot be bound.
pub(crate) async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), ViewError> {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

pub(crate) async fn position(executor: impl PgExecutor<'_>) -> Result<Position, ViewError> {
    let (sequence, stream): (i64, String) =
        sqlx::query_as("SELECT sequence, stream FROM position WHERE name = $1")
            .bind(NAME)
            .fetch_one(executor)
            .await?;
    let out_of_range = |_| ViewError::Broken(format!("position is {sequence}"));
    Ok(Position { sequence: sequence.try_into().map_err(out_of_range)?, stream })
}

#[cfg(test)]
mod tests {
    use super::{LIVE, PROJECTION_VERSION, REBUILD};

    #[test]
    fn each_version_has_its_own_schemas() {
        assert_eq!(
            (LIVE, REBUILD),
            (&*format!("views_{PROJECTION_VERSION}"), &*format!("rebuild_{PROJECTION_VERSION}"))
        );
    }
}
