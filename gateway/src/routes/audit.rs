//! `/v1/audit`: what the auditor has found.

use axum::Json;
use axum::extract::State;
use trainyard_api::audit::{Audit, Audited, Finding};

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

pub(super) fn routes() -> Vec<Route> {
    let what = "How far the log and the store were checked, and what does not hold";
    vec![Route::read("/v1/audit", what, read).answers::<Audit>()]
}

/// What was found of others is theirs.
async fn read(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Audit>, ApiError> {
    let report = gateway.views.audit().await?;
    let audit = report.map(|report| Audited {
        sequence: report.sequence,
        begun: report.begun,
        told: report.told,
        files: report.files,
        files_waiting: report.files_waiting,
        files_good: report.files_good,
        findings: report
            .findings
            .into_iter()
            .filter_map(|found| {
                let (tenant, aggregate) = found.of?;
                let own = tenant == identity.tenant;
                own.then_some(Finding {
                    rule: found.rule,
                    sequence: found.sequence,
                    aggregate,
                    said: found.said,
                })
            })
            .collect(),
    });
    Ok(Json(Audit { audit }))
}
