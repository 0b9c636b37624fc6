//! What an auditor says, for gateways to tell: beside the views and no part of them, since the log does not say it.

use sqlx::types::Json;
use trainyard_views::AuditReport;

use crate::{ViewError, Views};

/// SQLSTATE of a table that is not there.
const UNDEFINED_TABLE: &str = "42P01";
/// Of auditors that begin at one moment, for the other to wait.
const LOCK: i64 = 0x617564697431;

impl Views {
    /// Keeps the newest word of an auditor.
    pub async fn keep_audit(&self, report: &AuditReport) -> Result<(), ViewError> {
        let keep = "INSERT INTO audit.report (one, report) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET report = $1";
        match sqlx::query(keep).bind(Json(report)).execute(&self.pool).await {
            Ok(_) => Ok(()),
            Err(error) if is_undefined(&error) => {
                self.make_audit().await?;
                sqlx::query(keep).bind(Json(report)).execute(&self.pool).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The newest word of an auditor, if one has ever run.
    pub async fn audit(&self) -> Result<Option<AuditReport>, ViewError> {
        let kept = sqlx::query_scalar("SELECT report FROM audit.report");
        match kept.fetch_optional(&self.pool).await {
            Ok(report) => Ok(report.map(|Json(report)| report)),
            Err(error) if is_undefined(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn make_audit(&self) -> Result<(), ViewError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
        sqlx::query("CREATE SCHEMA IF NOT EXISTS audit").execute(&mut *transaction).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS audit.report (one boolean PRIMARY KEY CHECK (one), report jsonb NOT NULL)")
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

fn is_undefined(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == UNDEFINED_TABLE)
}
