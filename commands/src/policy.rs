//! When this is so, issue that command. Pure; ids derive from the cause, so acting twice writes once.

use std::time::Duration;

use trainyard_events::dataset::{DatasetSource, parted};
use trainyard_events::fleet::WorkMessage;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::reason::{Advice, Rejection, Trouble};
use trainyard_events::{Actor, Aggregate, TenantId, TrainingConfig};
use uuid::Uuid;

use crate::action::{Action, ask_job, by_policy, request};
use crate::chat::ChatCommand;
use crate::command::{Command, Request, derived_id};
use crate::dataset::{Bad, Dataset, DatasetCommand, Standing};
use crate::job::{Job, JobCommand, Status};
use crate::world::{Approval, KnownDataset, OpenJob, World};
use crate::{budget, caps, maintenance, slots};

/// The policy that makes a job of an approval.
const REQUEST_JOB: &str = "request-approved-job";

/// The one that stops a job that has taken what it may.
pub(crate) const KEEP_CAP: &str = "keep-cap";

/// The job that an approval leads to: its id is known from the approval alone.
pub fn job_of_approval(approval: Uuid) -> Uuid {
    derived_id(approval, "job")
}

/// What the approval `event_id` calls for, in this order: its dataset is looked at, and its job is requested. Whoever
/// asks first writes them; the others find them written.
pub fn for_approval(event_id: Uuid, approval: &Approval) -> Vec<Request> {
    let (tenant, config) = (&approval.tenant, &approval.config);
    let dataset = Aggregate::dataset_id(tenant, config.dataset.as_deref().unwrap_or_default());
    let request_job = JobCommand::RequestJob {
        config: Box::new(config.clone()),
        dataset,
        chat: Some(approval.chat),
        approval: event_id,
    };
    let ask = |name, aggregate, command| {
        by_policy(name, tenant, aggregate, event_id, approval.correlation_id, command)
    };
    // One that was found bad may have been repaired since.
    let look = register(config)
        .map(|look| ask("register-dataset", Aggregate::Dataset(dataset), Command::Dataset(look)));
    let job = Aggregate::Job(job_of_approval(event_id));
    let request = ask(REQUEST_JOB, job, Command::Job(request_job));
    // It is who approved that asks for it.
    look.into_iter().chain([Request { actor: approval.actor.clone(), ..request }]).collect()
}

/// Everything that the log calls for and that is neither scheduling nor overdue, of a world that has settled.
pub fn due(world: &World) -> Vec<Action> {
    let mut actions = slots::due(world);
    actions.extend(budget::due(world));
    for (event_id, approval) in &world.approvals {
        let requests = for_approval(*event_id, approval);
        actions.extend(requests.into_iter().map(|request| Action::Ask(Box::new(request))));
    }
    for ((tenant, id), known) in &world.datasets {
        actions.extend(look_back(tenant, *id, known));
    }
    actions.extend(world.agenda().calls.values().flatten().cloned());
    actions
}

/// With its newest version deleted, a dataset is what the one before it was made of: that is looked at once more.
fn look_back(tenant: &TenantId, id: Uuid, known: &KnownDataset) -> Option<Action> {
    let dataset = &known.dataset;
    if !dataset.is_unseen || dataset.archived.is_some() {
        return None;
    }
    let (path, source) = (dataset.path.clone(), dataset.source.clone());
    let look = DatasetCommand::Register { path, task: known.task, source, again: true };
    let (aggregate, command) = (Aggregate::Dataset(id), Command::Dataset(look));
    Some(request("look-back", tenant, aggregate, known.cause, known.correlation_id, command))
}

/// What one job calls for, whatever the time.
pub(crate) fn for_job(world: &World, (tenant, id): &(TenantId, Uuid), open: &OpenJob) -> Option<Action> {
    let (id, job) = (*id, &open.job);
    if let (Status::Requested | Status::Queued, Some(stop)) = (job.status, caps::stop(open, Duration::ZERO)) {
        return Some(ask_job(KEEP_CAP, tenant, id, open, stop));
    }
    if !job.cancel_requested
        && let Some(command) = maintenance::of_job(world, open)
    {
        return Some(ask_job("maintain", tenant, id, open, command));
    }
    match job.status {
        Status::Requested | Status::Queued if job.cancel_requested => {
            Some(ask_job("confirm-cancel", tenant, id, open, JobCommand::ConfirmCancel))
        }
        Status::Requested => {
            if let Some(failure) = job.final_failure().or_else(|| dataset_failure(world, tenant, job)) {
                let command = JobCommand::Fail { failure, since: job.since() };
                return Some(ask_job("fail-job", tenant, id, open, command));
            }
            // It was to be looked at when the job was requested, and that may not have been possible.
            if world.standing(tenant, job) != Standing::Unknown {
                return None;
            }
            if world.quarantine.of(tenant, &Aggregate::Dataset(job.dataset?)).is_some() {
                return None;
            }
            let register = Command::Dataset(register(job.config.as_deref()?)?);
            let dataset = Aggregate::Dataset(job.dataset?);
            Some(request("register-dataset", tenant, dataset, open.cause, open.correlation_id, register))
        }
        Status::Queued => {
            let message = WorkMessage::Train {
                tenant: tenant.clone(),
                job: id,
                dispatch: job.dispatch,
                class: job.config.as_ref().map(|config| config.priority)?,
                pool: open.pool?,
                runner: job.config.as_ref().and_then(|config| config.runner.clone()),
                worker: job.offered_to.clone(),
            };
            Some(Action::Publish { message, id: derived_id(open.cause, "train") })
        }
        _ => None,
    }
}

/// A job whose dataset was refused ends before a training second is spent; so does one whose dataset cannot even be
/// looked at.
fn dataset_failure(world: &World, tenant: &TenantId, job: &Job) -> Option<Failure> {
    let bad = match world.standing(tenant, job) {
        Standing::Refused(bad) => *bad,
        Standing::Unknown => {
            let rejection = Dataset::default().decide(&register(job.config.as_deref()?)?).err()?;
            let because = vec![Trouble::Refused { rejection }.into()];
            Bad { because, advice: vec![Advice::TrainOnOtherPath], ..Bad::default() }
        }
        Standing::Pending | Standing::Ready => return None,
    };
    let Bad { problem, next_step, because, advice } = bad;
    let class = FailureClass::Dataset;
    Some(Failure { class, message: problem, next_step, console: Vec::new(), because, advice })
}

/// What has the dataset of a configuration looked at, unless that is under way or was good.
fn register(config: &TrainingConfig) -> Option<DatasetCommand> {
    let (path, _) = parted(config.dataset.as_deref()?);
    let source = DatasetSource::at(path, None).unwrap_or_default();
    Some(DatasetCommand::Register { path: path.to_owned(), task: config.task, source, again: false })
}

/// What the user is told when a policy was refused what they are waiting for.
pub fn told(refused: &Request, rejection: &Rejection) -> Option<Request> {
    let Command::Job(JobCommand::RequestJob { chat: Some(chat), approval, .. }) = &refused.command else {
        return None;
    };
    let reply = ChatCommand::TellRefusal { rejection: rejection.clone(), intent: "approve".to_owned() };
    let aggregate = Aggregate::Chat(*chat);
    Some(Request {
        id: derived_id(*approval, &format!("{REQUEST_JOB} refused:{aggregate}")),
        aggregate,
        actor: Actor::Policy(REQUEST_JOB.to_owned()),
        command: Command::Chat(reply),
        ..refused.clone()
    })
}
