//! `/v1/jobs/{id}/deploy`: putting a finished job's model behind its endpoint, and taking it away again.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::endpoints::{Deployed, Endpoint};
use trainyard_api::jobs::{JobChanged, JobNamed};
use trainyard_api::page::Nothing;
use trainyard_api::place::OfJob;
use trainyard_events::tenant::Role;

use crate::deployment;
use crate::error::ApiError;
use crate::extract::{Body, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let editor = Access::Needs(Role::Editor);
    vec![
        Route::post("/v1/jobs/{id}/deploy", "Let the job's model answer", deploy_job)
            .at::<OfJob>()
            .takes::<Nothing>()
            .answers::<Deployed>()
            .refuses(&[Code::JobNotFinished, Code::Refused]),
        Route::new(
            Method::DELETE,
            "/v1/jobs/{id}/deploy",
            editor,
            "Stop the job's model answering",
            withdraw,
        )
        .at::<OfJob>()
        .answers::<JobChanged>()
        .refuses(&[Code::NotDeployed, Code::EndpointInUse, Code::Refused]),
    ]
}

async fn deploy_job(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfJob { id }): Place<OfJob>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Deployed>, ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let sequence = deployment::deploy(&gateway, &asker, &job).await?;
    let endpoint = Endpoint { job: job.id, url: deployment::predict_url(&gateway, &job) };
    Ok(Json(Deployed { endpoint, sequence }))
}

async fn withdraw(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfJob { id }): Place<OfJob>,
) -> Result<Json<JobChanged>, ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let sequence = deployment::withdraw(&gateway, &asker, &job).await?;
    Ok(Json(JobChanged { job: JobNamed { id: job.id, number: job.number }, sequence }))
}
