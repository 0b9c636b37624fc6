//! What an agent finds of its earlier life: trainers that still run are gone on with, attempts that are beyond help are
//! reported lost at once, and what the log has given to others is ended.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;
use trainyard_child::{Backoff, Detached};
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_door::HandleError;
use trainyard_events::{Actor, Aggregate};

use crate::agent::Agent;
use crate::attempt::{self, Found};
use crate::claim::{Claim, reclaim};
use crate::folder::{self, AttemptFolder, Whose};
use crate::notices::Notice;

/// Looks after every attempt that was left behind in the work folder. Returns the sequence from which on the log must be
/// followed for their sake.
pub(crate) fn left_behind(agent: &Arc<Agent>, slots: &Arc<Semaphore>) -> Option<u64> {
    let mut oldest = None;
    for (folder, whose) in folder::left_behind(&agent.config.work_dir) {
        // From here on its guard knows that there is an agent.
        let process = Detached::find(folder.path());
        // The dispatch is not known yet, and no other has this one.
        let Ok(notice) = agent.notices.listen(&whose.tenant, whose.job, 0) else { continue };
        oldest = oldest.into_iter().chain([whose.token]).min();
        let slot = slots.clone().try_acquire_owned().ok();
        let span =
            tracing::info_span!("attempt", tenant = %whose.tenant, job = %whose.job, token = whose.token);
        let left = LeftBehind { whose, process, folder, notice, slot };
        agent.tasks.spawn(left.look_after(agent.clone()).instrument(span));
    }
    oldest
}

struct LeftBehind {
    whose: Whose,
    /// Before the folder: it ends first.
    process: Option<Detached>,
    folder: AttemptFolder,
    notice: Notice,
    /// There is none when the worker has fewer than in its earlier life.
    slot: Option<OwnedSemaphorePermit>,
}

impl LeftBehind {
    async fn look_after(self, agent: Arc<Agent>) {
        let _runs = agent.presence.runs(self.whose.job);
        let Some(claim) = self.claim(&agent).await else {
            tracing::info!("an attempt of an earlier life is not ours any more; its trainer is killed");
            return;
        };
        let LeftBehind { folder, process, notice, slot, .. } = self;
        match process {
            Some(process) => {
                notice.begun(claim.dispatch);
                tracing::info!("an earlier life of this worker has begun the attempt; it goes on");
                attempt::run(&agent, notice, claim, Some(Found { folder, process })).await;
            }
            None => lose(&agent, claim).await,
        }
        drop(slot);
    }

    /// Asks the log until it answers; the trainer goes on meanwhile.
    async fn claim(&self, agent: &Agent) -> Option<Claim> {
        let mut backoff = Backoff::default();
        loop {
            match reclaim(agent, &self.whose, &self.folder.devices()).await {
                Ok(claim) => return claim,
                Err(HandleError::Unavailable(reason)) => {
                    tracing::warn!(reason, "whether the attempt is still ours cannot be known yet");
                }
                Err(error) => {
                    tracing::error!(%error, "the job cannot be read by this version; it is left to another worker");
                    return None;
                }
            }
            agent.stop.run_until_cancelled(backoff.wait()).await?;
        }
    }
}

/// Its trainer is gone and has not said how: better that everybody knows than that they wait for its lease to run out.
async fn lose(agent: &Agent, claim: Claim) {
    let Claim { token, mut reporter, given: _given, .. } = claim;
    let request = Request {
        id: derived_id(reporter.started, "lost by its own worker"),
        tenant: reporter.tenant.clone(),
        aggregate: Aggregate::Job(reporter.job),
        actor: Actor::Worker(agent.name.clone()),
        correlation_id: reporter.correlation_id,
        causation_id: Some(reporter.started),
        command: Command::Job(JobCommand::LoseAttempt { token }),
    };
    match reporter.opened.handle(request).await {
        Ok(_) => tracing::warn!("the attempt was lost with an earlier life of this worker"),
        Err(error) => tracing::warn!(%error, "the attempt is left to be lost by its lease"),
    }
}
