//! `/v1/jobs`: asking for a training without a conversation, watching it, stopping it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use trainyard_api::Code;
use trainyard_api::activity::{EventPage, EventsQuery};
use trainyard_api::jobs::{JobAnswer, JobChanged, JobList, JobNamed, JobsQuery, NewJob, Ordered};
use trainyard_api::page::Nothing;
use trainyard_api::place::OfJob;
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::Aggregate;
use trainyard_events::reason::Ending;
use trainyard_projections::{EpochLine, JobFilter, Rows};

use super::activity;
use crate::chat::order;
use crate::error::ApiError;
use crate::extract::{Body, Params, Place, Preferred, page};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::Route;
use crate::told::{Told, told};
use crate::waiting;

/// Why a training cannot be asked for.
const NOT_ORDERED: &[Code] = &[
    Code::BadConfig,
    Code::BadPath,
    Code::ModelNotTrainable,
    Code::ProposalIncomplete,
    Code::ProposalChanged,
    Code::NoOpenProposal,
    Code::AlreadyApproved,
    Code::Refused,
    Code::NotFound,
    Code::NoSuchModelVersion,
    Code::DatasetArchived,
    Code::DatasetPending,
];
/// Why a job cannot be gone on with.
const STUCK: &[Code] = &[
    Code::JobStillRuns,
    Code::JobFinished,
    Code::NoCheckpoint,
    Code::CheckpointGone,
    Code::ModelNotTrainable,
    Code::ProposalChanged,
    Code::NoOpenProposal,
    Code::AlreadyApproved,
    Code::Refused,
    Code::DatasetArchived,
    Code::DatasetPending,
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/jobs", "Train: propose and approve in one step", create)
            .takes::<NewJob>()
            .answers::<Ordered>()
            .with(StatusCode::CREATED)
            .refuses(NOT_ORDERED),
        Route::read("/v1/jobs", "List jobs, newest first", list).query::<JobsQuery>().answers::<JobList>(),
        Route::read("/v1/jobs/{id}", "One job by id or number, with its epochs", one)
            .at::<OfJob>()
            .answers::<JobAnswer>(),
        Route::read("/v1/jobs/{id}/events", "The job's events in order", events)
            .at::<OfJob>()
            .query::<EventsQuery>()
            .answers::<EventPage>(),
        Route::post("/v1/jobs/{id}/cancel", "Ask the job to stop", cancel)
            .at::<OfJob>()
            .takes::<Nothing>()
            .answers::<JobChanged>()
            .with(StatusCode::ACCEPTED)
            .refuses(&[Code::JobAlreadyEnded, Code::Refused]),
        Route::post(
            "/v1/jobs/{id}/resume",
            "Go on with a stopped job from its checkpoint, as a new one",
            resume,
        )
        .at::<OfJob>()
        .takes::<Nothing>()
        .answers::<Ordered>()
        .with(StatusCode::CREATED)
        .refuses(STUCK),
    ]
}

async fn create(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Body(new): Body<NewJob>,
) -> Result<(StatusCode, Json<Ordered>), ApiError> {
    let ordered = Box::pin(order::order(&gateway, &asker, new, language)).await?;
    Ok((StatusCode::CREATED, Json(ordered)))
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(query): Params<JobsQuery>,
) -> Result<Told<JobList>, ApiError> {
    let status = query.status.map(|statuses| statuses.each()).transpose()?.unwrap_or_default();
    let filter = JobFilter { status, q: query.q, chat: query.chat };
    let page = page(query.before, query.limit);
    let Rows { rows, next } = gateway.views.jobs(&identity.tenant, &filter, page).await?;
    Ok(Told(JobList { jobs: rows, next }))
}

/// [`JobAnswer`] on its way out. There may be thousands of epochs, and no reasons are in them that would get words.
#[derive(Serialize)]
struct OneJob {
    job: Value,
    epochs: Vec<EpochLine>,
    unreachable: bool,
}

async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
) -> Result<Json<OneJob>, ApiError> {
    let job = waiting::told(&gateway, gateway.job(&identity, &id).await?).await?;
    let epochs = gateway.views.epoch_lines(&identity.tenant, job.id).await?;
    let unreachable =
        job.status.is_running() && gateway.hub.fleet().borrow().late(&identity.tenant).contains(&job.id);
    Ok(Json(OneJob { job: told(&job), epochs, unreachable }))
}

/// Oldest first: `next` is the `after` of the next page.
async fn events(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
    Params(query): Params<EventsQuery>,
) -> Result<Told<EventPage>, ApiError> {
    let job = gateway.job(&identity, &id).await?;
    let about = vec![Aggregate::Job(job.id), Aggregate::Endpoint(job.id)];
    activity::history(&gateway, &identity, about, query.after.unwrap_or(0), query.limit).await
}

async fn cancel(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfJob { id }): Place<OfJob>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<JobChanged>), ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let because = vec![Ending::AskedBy { who: asker.identity.name.clone() }.into()];
    let cancel = Command::Job(JobCommand::RequestCancel { because });
    let recorded = gateway.ask(&asker, "cancel", Aggregate::Job(job.id), cancel).await?.recorded();
    let answer = JobChanged {
        job: JobNamed { id: job.id, number: job.number },
        sequence: recorded.map(|recorded| recorded.sequence),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

async fn resume(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Place(OfJob { id }): Place<OfJob>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Ordered>), ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let ordered = Box::pin(order::go_on(&gateway, &asker, &job, language)).await?;
    Ok((StatusCode::CREATED, Json(ordered)))
}
