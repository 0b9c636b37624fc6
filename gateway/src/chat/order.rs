//! A training asked for without words: a proposal of the fields given, or of a job that goes on, approved in the same breath.

use serde_json::{Map, Value};
use trainyard_api::Problem;
use trainyard_api::chats::Changes;
use trainyard_api::jobs::{Fork, NewJob, Ordered, Resume};
use trainyard_assistant::reply;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_conversation::{At, Known, Stuck, Unfit, forked, gone_on_with, not_trainable, ordered};
use trainyard_events::chat::{Interpreter, Language};
use trainyard_events::config::Proposal;
use trainyard_events::{Aggregate, ChatEvent, Event};
use trainyard_views::JobRow;

use super::fetch::{self, informed};
use super::{approval, dataset};
use crate::error::ApiError;
use crate::extract::whole;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::registry;

/// What is left out of the new job is recommended, what is unknown is refused.
pub(crate) async fn order(
    gateway: &Gateway,
    asker: &Asker,
    NewJob(fields): NewJob,
    language: Language,
) -> Result<Ordered, ApiError> {
    let fields = pinned_fields(gateway, asker, fields).await?;
    let mut known = fetch::known(gateway, asker).await;
    let proposal = informed(gateway, asker, &mut known, |known| ordered(&fields, language, known)).await??;
    let reply = reply::proposal(&proposal, language);
    Box::pin(settle(gateway, asker, proposal, reply, language)).await
}

/// Proposes the continuation of a job, and approves it in the same breath.
pub(crate) async fn go_on(
    gateway: &Gateway,
    asker: &Asker,
    job: &JobRow,
    caps: Resume,
    language: Language,
) -> Result<Ordered, ApiError> {
    let mut known = fetch::known(gateway, asker).await;
    let (mut proposal, reply) =
        informed(gateway, asker, &mut known, |known| gone_on_with(job, language, known))
            .await?
            .map_err(|stuck| refusal(stuck, job))?;
    cap(&mut proposal, caps)?;
    go(gateway, asker, (proposal, reply), &known, language).await
}

/// Proposes a new job from any checkpoint of one, with other values, and approves it in the same breath.
pub(crate) async fn fork(
    gateway: &Gateway,
    asker: &Asker,
    job: &JobRow,
    Fork { epoch, step, set: Changes(given) }: Fork,
    language: Language,
) -> Result<Ordered, ApiError> {
    let given = pinned_fields(gateway, asker, given).await?;
    let mut known = fetch::known(gateway, asker).await;
    let (proposal, reply) = informed(gateway, asker, &mut known, |known| {
        forked(job, At { epoch, step }, &given, language, known)
    })
    .await?
    .map_err(|stuck| refusal(stuck, job))?;
    go(gateway, asker, (proposal, reply), &known, language).await
}

/// Approves a proposal of what has been trained before, if it can still be.
async fn go(
    gateway: &Gateway,
    asker: &Asker,
    (proposal, reply): (Proposal, String),
    known: &Known,
    language: Language,
) -> Result<Ordered, ApiError> {
    if let Some(dataset) = &proposal.config.dataset {
        dataset::pinned(gateway, asker, dataset).await??;
    }
    if let Some(reason) = not_trainable(&proposal.config, &known.runners) {
        return Err(approval::cannot_train(reason));
    }
    Box::pin(settle(gateway, asker, proposal, reply, language)).await
}

/// How a random start is written.
const SCRATCH: &str = "scratch";

/// As much as is asked for now, and no less than what makes a configuration.
fn cap(proposal: &mut Proposal, Resume { max_cost, max_hours }: Resume) -> Result<(), ApiError> {
    let config = &mut proposal.config;
    config.max_cost = max_cost.or(config.max_cost);
    config.max_hours = max_hours.or(config.max_hours);
    proposal.hash = config.hash();
    match config.problems() {
        problems if problems.is_empty() => Ok(()),
        problems => Err(Rejection::BadConfig { problems }.into()),
    }
}

/// Fields as they were written, numbers as whole as they are, and a dataset or a model to start from by the number of its
/// version where it was named by a tag or an alias.
pub(super) async fn pinned_fields(
    gateway: &Gateway,
    asker: &Asker,
    fields: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let mut fields: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name, whole(value))).collect();
    if let Some(Value::String(written)) = fields.get_mut("dataset") {
        *written = dataset::pinned(gateway, asker, written).await??;
    }
    match fields.get_mut("initial_weights") {
        // Left out, published weights would be recommended.
        Some(weights) if *weights == SCRATCH => *weights = Value::Null,
        Some(Value::String(written)) => *written = registry::pinned(gateway, asker, written).await??,
        _ => {}
    }
    Ok(fields)
}

impl From<Unfit> for ApiError {
    fn from(unfit: Unfit) -> ApiError {
        match unfit {
            Unfit::Fields { detail } => Problem::BadFields { detail }.into(),
            Unfit::ContinuesGiven => Problem::ContinuesGiven.into(),
            Unfit::CannotBe { english, korean } => Problem::CannotBe { english, korean }.into(),
            Unfit::NotTrainable(reason) => approval::cannot_train(reason),
            Unfit::Refused(rejection) => rejection.into(),
        }
    }
}

fn refusal(stuck: Stuck, job: &JobRow) -> ApiError {
    let number = job.number;
    let problem = match stuck {
        Stuck::StillRuns => Problem::JobStillRuns,
        Stuck::HasFinished => Problem::NothingLeft { number },
        Stuck::NoCheckpoint => Problem::NoCheckpoint { number },
        Stuck::CheckpointGone => Problem::CheckpointGone { number },
        Stuck::NoSuchCheckpoint(kept) => Problem::NoSuchCheckpoint { number, kept },
        Stuck::Unfit(unfit) => return unfit.into(),
    };
    problem.into()
}

/// Proposes in a conversation of its own, and approves.
async fn settle(
    gateway: &Gateway,
    asker: &Asker,
    proposal: Proposal,
    reply: String,
    language: Language,
) -> Result<Ordered, ApiError> {
    let chat = asker.id("chat");
    let propose = ChatCommand::ProposeConfig {
        proposal: Box::new(proposal.clone()),
        base: None,
        interpreter: Interpreter::Grammar,
        reply,
        choices: Vec::new(),
    };
    let proposed = gateway.ask(asker, "proposal", Aggregate::Chat(chat), Command::Chat(propose)).await?;
    let proposed = proposed.recorded().ok_or(Problem::AlreadySo)?;
    // Asked for again, the proposal is the one of the first time.
    let proposal = match &proposed.envelope.event {
        Event::Chat(ChatEvent::ConfigProposed { proposal, .. }) => Proposal::clone(proposal),
        _ => proposal,
    };
    let hash = &proposal.hash;
    let (job, sequence) = approval::approve_at_once(gateway, asker, proposed, hash, language).await?;
    Ok(Ordered { job, proposal, sequence })
}
