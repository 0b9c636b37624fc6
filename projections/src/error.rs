//! Why a view cannot be read or written, by what the caller can do.

use sqlx::migrate::MigrateError;

#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// Back off and try again: Postgres is away, starting, full, or has chosen this transaction to give way.
    #[error("Postgres cannot be used now: {0}")]
    Unavailable(String),
    /// A newer binary has been here.
    #[error(
        "the views in this database were made by a newer Trainyard: upgrade this binary, or point it at another \
         database"
    )]
    NewerSchema,
    /// Trying again does not help: the rows or the schema are not what this binary knows.
    #[error("the views do not fit this binary ({0}): build them again with `trainyard rebuild`")]
    Broken(String),
}

impl ViewError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, ViewError::Unavailable(_))
    }
}

impl From<sqlx::Error> for ViewError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
        let transient = match &error {
            Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed | Protocol(_) => true,
            Database(database) => database.code().is_some_and(|code| is_transient_code(&code)),
            _ => false,
        };
        if transient {
            ViewError::Unavailable(error.to_string())
        } else {
            ViewError::Broken(error.to_string())
        }
    }
}

impl From<MigrateError> for ViewError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) => ViewError::NewerSchema,
            MigrateError::Execute(error) => error.into(),
            other => ViewError::Broken(other.to_string()),
        }
    }
}

/// Classes of SQLSTATE that pass: connection (08), rollback chosen by the server (40), resources (53), operator
/// intervention such as a shutdown (57), the server's own I/O (58), and a lock that was not to be had (55P03).
fn is_transient_code(code: &str) -> bool {
    code == "55P03" || ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::is_transient_code;

    #[test]
    fn outages_pass_and_mistakes_do_not() {
        for code in ["08006", "40001", "40P01", "53300", "53100", "57P01", "57P03", "58030", "55P03"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["42P01", "22P05", "23505", "28P01", "55006", "XX000"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
