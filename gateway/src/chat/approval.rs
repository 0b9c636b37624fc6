//! From an open proposal to a job: approved by the hash that was shown, and only if the model can be trained.

use std::time::Duration;

use trainyard_api::error::Problem;
use trainyard_api::jobs::JobRef;
use trainyard_assistant::catalog::NotTrainable;
use trainyard_assistant::reply;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::world::Approval;
use trainyard_commands::{job_of_approval, policy};
use trainyard_conversation::{not_trainable, renewed};
use trainyard_door::HandleError;
use trainyard_events::chat::Language;
use trainyard_events::{Aggregate, Recorded};
use uuid::Uuid;

use super::fetch::{self, informed};
use super::talk::Talk;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// How long an answer waits for the views to show its job, so that it can say the job's number.
const NUMBER_WAIT: Duration = Duration::from_secs(1);

/// Approves the open proposal if its hash is this one and nothing has been learnt of its data since it was shown.
pub(crate) async fn approve(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    hash: &str,
) -> Result<(JobRef, u64), ApiError> {
    let mut talk = Talk::open(gateway, asker, chat).await?;
    let shown =
        talk.thread.chat.open.as_ref().is_some_and(|open| open.hash == hash && open.missing.is_empty());
    let language = talk.thread.language.unwrap_or(Language::English);
    let mut known = fetch::known(gateway, asker).await;
    let thread = &talk.thread;
    if shown
        && let Some(renewal) =
            informed(gateway, asker, &mut known, |known| renewed(thread, language, known)).await?
    {
        let renewing = talk.record(asker, "renewal", renewal).await;
        if let Err(error) = renewing
            && !error.is_overtaken()
        {
            return Err(error);
        }
        return Err(Problem::DatasetLookedAt.into());
    }
    Box::pin(approve_shown(gateway, asker, talk, hash)).await
}

/// Approves what the request itself has proposed, in a conversation of its own; a second time is the same.
pub(super) async fn approve_at_once(
    gateway: &Gateway,
    asker: &Asker,
    proposed: Recorded,
    hash: &str,
    language: Language,
) -> Result<(JobRef, u64), ApiError> {
    let chat = asker.id("chat");
    let mut talk = Talk::of(gateway, asker, chat, vec![proposed]);
    talk.thread.language = Some(language);
    Box::pin(approve_shown(gateway, asker, talk, hash)).await
}

async fn approve_shown(
    gateway: &Gateway,
    asker: &Asker,
    mut talk: Talk,
    hash: &str,
) -> Result<(JobRef, u64), ApiError> {
    let runners = gateway.runners().await;
    if let Some(open) = &talk.thread.chat.open
        && let Some(reason) = not_trainable(&open.config, &runners)
    {
        return Err(cannot_train(reason));
    }
    let reply = reply::approved(talk.thread.language.unwrap_or(Language::English));
    let approve = ChatCommand::ApproveProposal { hash: hash.to_owned(), reply };
    let handled = talk.record(asker, "reply", approve).await?;
    let before = || {
        let mut approvals = talk.thread.approvals.iter().rev();
        approvals.find(|(approved, _)| approved == hash).map(|(_, recorded)| recorded.clone())
    };
    // A second click is already so: the approval is the one before.
    let approval = handled.recorded().or_else(before).ok_or(Problem::AlreadyApproved)?;
    Ok((job_of(gateway, asker, &approval).await?, approval.sequence))
}

/// Drops the open proposal.
pub(crate) async fn reject(gateway: &Gateway, asker: &Asker, chat: Uuid) -> Result<Option<u64>, ApiError> {
    let mut talk = Talk::open(gateway, asker, chat).await?;
    let reply = reply::rejected(talk.thread.language.unwrap_or(Language::English));
    let recorded = talk.record(asker, "reply", ChatCommand::RejectProposal { reply }).await?.recorded();
    Ok(recorded.map(|recorded| recorded.sequence))
}

/// A model that is not trainable now.
pub(super) fn cannot_train(reason: NotTrainable) -> ApiError {
    let problem = match reason {
        NotTrainable::Planned { id, instead } => {
            Problem::NotTrainableYet { model: id, instead: instead.to_owned() }
        }
        NotTrainable::NeedsRunner { id, runner, install, instead } => {
            Problem::NeedsRunner { model: id, runner, install, instead: instead.to_owned() }
        }
    };
    problem.into()
}

/// The job of an approval, requested here and now as the dispatcher would: an id that is answered names a job. Its number
/// is there if the views show it within a moment.
pub(super) async fn job_of(
    gateway: &Gateway,
    asker: &Asker,
    approval: &Recorded,
) -> Result<JobRef, ApiError> {
    let id = job_of_approval(approval.envelope.event_id);
    let tenant = &asker.identity.tenant;
    if let Some(job) = gateway.views.job(tenant, id).await? {
        return Ok(JobRef { id, number: Some(job.number) });
    }
    let requests = Approval::of(approval).map(|it| policy::for_approval(approval.envelope.event_id, &it));
    for request in requests.into_iter().flatten() {
        let about_job = request.aggregate == Aggregate::Job(id);
        match gateway.door.handle(request).await {
            // The job says why its dataset cannot be looked at.
            Err(HandleError::Rejected(_)) if !about_job => {}
            handled => {
                if let Some(requested) = handled?.recorded().filter(|_| about_job) {
                    gateway.views.wait_for(requested.sequence, NUMBER_WAIT).await?;
                }
            }
        }
    }
    let number = gateway.views.job(tenant, id).await?.map(|job| job.number);
    Ok(JobRef { id, number })
}
