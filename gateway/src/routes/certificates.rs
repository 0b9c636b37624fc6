//! `/v1/jobs/{id}/certificate`: what a training was, signed, for whoever trains it again.

use axum::Json;
use axum::extract::State;
use trainyard_api::Code;
use trainyard_api::certificate::{Certificate, CertificateKey, Statement};
use trainyard_api::error::Problem;
use trainyard_api::place::OfJob;
use trainyard_bus::EventLog;
use trainyard_events::Aggregate;

use crate::error::ApiError;
use crate::extract::Place;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/jobs/{id}/certificate", "What a finished training was, signed", of_job)
            .at::<OfJob>()
            .answers::<Certificate>()
            .refuses(&[Code::JobNotFinished]),
        Route::read("/v1/certificates/key", "The key that certificates are signed with", key)
            .answers::<CertificateKey>(),
    ]
}

async fn of_job(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
) -> Result<Json<Certificate>, ApiError> {
    let job = gateway.job(&identity, &id).await?;
    let history = gateway.bus.log().history(&identity.tenant, &Aggregate::Job(job.id), 0).await?;
    let statement = Statement::of(&history, job.number, env!("CARGO_PKG_VERSION"))
        .ok_or(Problem::NoCertificate { number: job.number, status: job.status })?;
    Ok(Json(gateway.certificates.sign(statement)))
}

async fn key(State(gateway): State<Gateway>, _identity: Identity) -> Json<CertificateKey> {
    Json(CertificateKey { key: gateway.certificates.key() })
}
