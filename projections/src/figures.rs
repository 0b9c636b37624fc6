//! What Postgres says of itself, for whoever watches the servers.

use sqlx::{Connection, FromRow, PgConnection};
use time::OffsetDateTime;

use crate::{ViewError, Views};

/// Of the database that the views are in; what counts up does so since its statistics were reset.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct DatabaseFigures {
    pub bytes: i64,
    /// Of the whole server, as `connections_max` is.
    pub connections: i64,
    pub connections_max: i64,
    pub committed: i64,
    pub rolled_back: i64,
    pub deadlocks: i64,
    pub blocks_from_disk: i64,
    pub blocks_from_memory: i64,
    /// The oldest transaction that is open now; 0 without one.
    pub longest_transaction_seconds: f64,
}

const QUESTION: &str = "
    SELECT pg_database_size(current_database()) AS bytes,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
           current_setting('max_connections')::int8 AS connections_max,
           xact_commit AS committed, xact_rollback AS rolled_back, deadlocks,
           blks_read AS blocks_from_disk, blks_hit AS blocks_from_memory,
           (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
              FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
           ) AS longest_transaction_seconds
      FROM pg_stat_database WHERE datname = current_database()";

impl Views {
    pub async fn figures(&self) -> Result<DatabaseFigures, ViewError> {
        Ok(sqlx::query_as(QUESTION).fetch_one(&self.pool).await?)
    }
}

/// A Postgres as it is before anything is made or changed on it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DatabaseSaid {
    /// Such as `18.6`.
    pub version: String,
    /// By its own clock.
    pub now: OffsetDateTime,
    /// The versions of projections that have tables there, oldest first.
    pub projections: Vec<i32>,
}

const ABOUT: &str = r"
    SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
           ARRAY(SELECT substr(nspname, 7)::int FROM pg_namespace WHERE nspname ~ '^views_[0-9]{1,6}$' ORDER BY 1) AS projections";

impl DatabaseSaid {
    /// Asks the server at `url` about itself.
    ///
    /// # Errors
    /// It does not answer, or lets nobody in by this URL.
    pub async fn ask(url: &str) -> Result<DatabaseSaid, ViewError> {
        let mut connection = PgConnection::connect(url).await?;
        let said = sqlx::query_as(ABOUT).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(said)
    }
}
