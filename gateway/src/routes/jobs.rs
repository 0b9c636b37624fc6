//! `/v1/jobs`: asking for a training without a conversation, watching it, stopping it.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use trainyard_api::Code;
use trainyard_api::activity::{EventPage, EventsQuery};
use trainyard_api::jobs::{
    CheckpointList, Fork, JobAnswer, JobChanged, JobList, JobNamed, JobPatch, JobsQuery, KeptCheckpoint,
    NewJob, Ordered, Resume,
};
use trainyard_api::page::Nothing;
use trainyard_api::place::OfJob;
use trainyard_bus::EventLog;
use trainyard_commands::Command;
use trainyard_commands::annotation::AnnotationChange;
use trainyard_commands::job::JobCommand;
use trainyard_conversation::{CHECKPOINTS_SHOWN, checkpoints};
use trainyard_events::reason::Ending;
use trainyard_events::results::CheckpointRef;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, Recorded};
use trainyard_projections::{EpochLine, JobFilter, JobOrder, Rows};
use trainyard_views::JobRow;

use super::activity;
use crate::chat::order;
use crate::error::ApiError;
use crate::extract::{Body, Params, Place, Preferred, page};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::told::{Told, told_row};
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
    Code::BadConfig,
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

/// Why a job cannot be forked.
const NOT_FORKED: &[Code] = &[
    Code::BadConfig,
    Code::BadPath,
    Code::NoCheckpoint,
    Code::CheckpointGone,
    Code::ModelNotTrainable,
    Code::NoSuchModelVersion,
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
        Route::read("/v1/jobs", "List jobs, newest first or sorted", list)
            .query::<JobsQuery>()
            .answers::<JobList>(),
        Route::read("/v1/jobs/{id}", "One job by id or number, with its epochs", one)
            .at::<OfJob>()
            .answers::<JobAnswer>(),
        Route::new(
            Method::PATCH,
            "/v1/jobs/{id}",
            Access::Needs(Role::Editor),
            "Title, tag, note or put away a job, also one that has ended",
            annotate,
        )
        .at::<OfJob>()
        .takes::<JobPatch>()
        .answers::<JobChanged>()
        .refuses(&[Code::BadAnnotation]),
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
        .takes::<Resume>()
        .answers::<Ordered>()
        .with(StatusCode::CREATED)
        .refuses(STUCK),
        Route::post(
            "/v1/jobs/{id}/fork",
            "A new job from any checkpoint of this one, with other values",
            fork,
        )
        .at::<OfJob>()
        .takes::<Fork>()
        .answers::<Ordered>()
        .with(StatusCode::CREATED)
        .refuses(NOT_FORKED),
        Route::read("/v1/jobs/{id}/checkpoints", "The checkpoints that can be forked, newest first", kept)
            .at::<OfJob>()
            .answers::<CheckpointList>(),
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
) -> Result<Json<Jobs>, ApiError> {
    let status = query.status.map(|statuses| statuses.each()).transpose()?.unwrap_or_default();
    let page = page(query.before, query.limit);
    let JobsQuery { q, chat, tag, owner, archived, sort, .. } = query;
    let order = sort.as_deref().map(JobOrder::parse);
    let filter = JobFilter { status, q, chat, tag, owner, archived, order };
    let Rows { rows, next } = gateway.views.jobs(&identity.tenant, &filter, page).await?;
    Ok(Json(Jobs { jobs: rows.iter().map(told_row).collect(), next }))
}

/// [`JobList`] on its way out.
#[derive(Serialize)]
struct Jobs {
    jobs: Vec<Box<RawValue>>,
    next: Option<u64>,
}

/// [`JobAnswer`] on its way out. There may be thousands of epochs, and no reasons are in them that would get words.
#[derive(Serialize)]
struct OneJob {
    job: Box<RawValue>,
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
    Ok(Json(OneJob { job: told_row(&job), epochs, unreachable }))
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

async fn annotate(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfJob { id }): Place<OfJob>,
    Body(JobPatch { title, tags, note, archived }): Body<JobPatch>,
) -> Result<Json<JobChanged>, ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let change = AnnotationChange { title, tags, note, archived };
    let annotate = Command::Job(JobCommand::Annotate(change));
    let recorded = gateway.ask(&asker, "annotate", Aggregate::Job(job.id), annotate).await?.recorded();
    Ok(Json(changed(&job, recorded)))
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
    Ok((StatusCode::ACCEPTED, Json(changed(&job, recorded))))
}

fn changed(job: &JobRow, recorded: Option<Recorded>) -> JobChanged {
    JobChanged {
        job: JobNamed { id: job.id, number: job.number },
        sequence: recorded.map(|recorded| recorded.sequence),
    }
}

async fn resume(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Place(OfJob { id }): Place<OfJob>,
    Body(caps): Body<Resume>,
) -> Result<(StatusCode, Json<Ordered>), ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let ordered = Box::pin(order::go_on(&gateway, &asker, &job, caps, language)).await?;
    Ok((StatusCode::CREATED, Json(ordered)))
}

async fn fork(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Place(OfJob { id }): Place<OfJob>,
    Body(fork): Body<Fork>,
) -> Result<(StatusCode, Json<Ordered>), ApiError> {
    let job = gateway.job(&asker.identity, &id).await?;
    let ordered = Box::pin(order::fork(&gateway, &asker, &job, fork, language)).await?;
    Ok((StatusCode::CREATED, Json(ordered)))
}

/// Looks for the newest few in the store: what the log names may have been collected.
async fn kept(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
) -> Result<Json<CheckpointList>, ApiError> {
    let job = gateway.job(&identity, &id).await?;
    let history = gateway.bus.log().history(&identity.tenant, &Aggregate::Job(job.id), 0).await?;
    let mut kept = Vec::new();
    for CheckpointRef { epoch, step, artifact } in
        checkpoints(job.id, &history).into_iter().rev().take(CHECKPOINTS_SHOWN)
    {
        if gateway.store.has(&artifact.key).await? {
            kept.push(KeptCheckpoint { epoch, step, bytes: artifact.bytes });
        }
    }
    Ok(Json(CheckpointList { checkpoints: kept }))
}
