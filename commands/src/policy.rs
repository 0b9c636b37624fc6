//! When this is so, issue that command. Pure; ids derive from the cause, so acting twice writes once.

use trainyard_events::fleet::WorkMessage;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

use crate::command::{Command, Request, derived_id};
use crate::dataset::{DatasetCommand, Verdict};
use crate::job::{JobCommand, Status};
use crate::world::{OpenJob, World};

/// Something the world calls for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Ask(Box<Request>),
    /// Puts work on the queue; `id` makes a repeated publish harmless.
    Publish {
        message: WorkMessage,
        id: Uuid,
    },
}

impl Action {
    /// The same action always has the same id.
    pub fn id(&self) -> Uuid {
        match self {
            Action::Ask(request) => request.id,
            Action::Publish { id, .. } => *id,
        }
    }
}

/// A request of the policy `name`, caused by the event `cause`.
pub fn request(
    name: &'static str,
    tenant: &TenantId,
    aggregate: Aggregate,
    cause: Uuid,
    correlation_id: Uuid,
    command: Command,
) -> Action {
    Action::Ask(Box::new(Request {
        id: derived_id(cause, &format!("{name}:{aggregate}")),
        tenant: tenant.clone(),
        aggregate,
        actor: Actor::Policy(name.to_owned()),
        correlation_id,
        causation_id: Some(cause),
        command,
    }))
}

/// A command of the policy `name` about an open job.
pub fn ask_job(
    name: &'static str,
    tenant: &TenantId,
    id: Uuid,
    open: &OpenJob,
    command: JobCommand,
) -> Action {
    request(name, tenant, Aggregate::Job(id), open.cause, open.correlation_id, Command::Job(command))
}

/// The job that an approval leads to: its id is known from the approval alone.
pub fn job_of_approval(approval: Uuid) -> Uuid {
    derived_id(approval, "job")
}

/// Everything that the log calls for and that is not scheduling.
pub fn due(world: &World) -> Vec<Action> {
    let mut actions = Vec::new();
    for (event_id, approval) in &world.approvals {
        let Some(path) = &approval.config.dataset else { continue };
        let Aggregate::Dataset(dataset) = Aggregate::dataset_at(&approval.tenant, path) else { continue };
        let register =
            DatasetCommand::Register { path: path.clone(), task: approval.config.task, again: false };
        let request_job = JobCommand::RequestJob {
            config: Box::new(approval.config.clone()),
            dataset,
            chat: Some(approval.chat),
            approval: *event_id,
        };
        let ask = |name, aggregate, command| {
            request(name, &approval.tenant, aggregate, *event_id, approval.correlation_id, command)
        };
        actions.push(ask("register-dataset", Aggregate::Dataset(dataset), Command::Dataset(register)));
        let job = Aggregate::Job(job_of_approval(*event_id));
        actions.push(ask("request-approved-job", job, Command::Job(request_job)));
    }
    for ((tenant, id), known) in &world.datasets {
        if known.dataset.verdict == Verdict::Pending {
            let message = WorkMessage::Inspect {
                tenant: tenant.clone(),
                dataset: *id,
                inspection: known.dataset.inspection,
                path: known.dataset.path.clone(),
                task: known.task,
                pool: trainyard_events::fleet::Pool::Cpu,
            };
            actions.push(Action::Publish { message, id: derived_id(known.cause, "inspect") });
        }
    }
    for ((tenant, id), open) in &world.jobs {
        actions.extend(for_job(world, tenant, *id, open));
    }
    actions
}

fn for_job(world: &World, tenant: &TenantId, id: Uuid, open: &OpenJob) -> Option<Action> {
    let job = &open.job;
    match job.status {
        Status::Requested | Status::Queued if job.cancel_requested => {
            Some(ask_job("confirm-cancel", tenant, id, open, JobCommand::ConfirmCancel))
        }
        Status::Requested => {
            let failure =
                job.final_failure().cloned().or_else(|| dataset_failure(world, tenant, job.dataset?))?;
            Some(ask_job("fail-job", tenant, id, open, JobCommand::Fail { failure }))
        }
        Status::Queued => {
            let message = WorkMessage::Train {
                tenant: tenant.clone(),
                job: id,
                dispatch: job.dispatch,
                class: job.config.as_ref().map(|config| config.priority)?,
                pool: open.pool?,
            };
            Some(Action::Publish { message, id: derived_id(open.cause, "train") })
        }
        _ => None,
    }
}

/// A job whose dataset was refused ends before a training second is spent.
fn dataset_failure(world: &World, tenant: &TenantId, dataset: Uuid) -> Option<Failure> {
    match world.verdict(tenant, dataset) {
        Verdict::Bad { problem, next_step } => Some(Failure {
            class: FailureClass::Dataset,
            message: problem.clone(),
            next_step: next_step.clone(),
            console: Vec::new(),
        }),
        _ => None,
    }
}
