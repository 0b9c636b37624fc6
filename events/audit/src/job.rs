//! One job that has not ended: who may speak, and what may come next.

use trainyard_events::config::TrainingConfig;
use trainyard_events::job::JobEvent;

use crate::finding::Rule;

/// What does not hold of the next event.
pub(crate) type Broken = (Rule, String);

/// Where a job stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Job {
    /// Of the attempt that runs.
    token: Option<u64>,
    epochs: u32,
    /// Whole epochs logged by the attempt that runs.
    epoch: u32,
    /// Of the newest checkpoint.
    step: Option<u64>,
    kept_epoch: u32,
    dispatch: Option<u64>,
    is_to_be_cancelled: bool,
}

impl Job {
    pub(crate) fn requested(config: &TrainingConfig) -> Job {
        let from = config.continues.as_ref().map(|from| &from.checkpoint);
        Job {
            epochs: config.epochs,
            step: from.map(|from| from.step),
            kept_epoch: from.map_or(0, |from| from.epoch),
            ..Job::default()
        }
    }

    pub(crate) fn take_in(&mut self, event: &JobEvent, sequence: u64) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut ensure = |holds: bool, rule: Rule, said: &dyn Fn() -> String| {
            if !holds {
                broken.push((rule, said()));
            }
        };
        if let Some(spoken) = event.token() {
            let current = self.token;
            ensure(current == Some(spoken), Rule::Token, &|| {
                format!("it carries the token {spoken} while {current:?} is the one that counts")
            });
        }
        match event {
            JobEvent::Dispatched { withdrawn, .. } => {
                ensure(self.token.is_none(), Rule::Token, &|| {
                    "it is dispatched while an attempt runs".to_owned()
                });
                self.dispatch = (!withdrawn).then_some(sequence);
            }
            JobEvent::AttemptStarted { dispatch, resume, .. } => {
                ensure(self.token.is_none(), Rule::Token, &|| {
                    "a second attempt begins beside one".to_owned()
                });
                ensure(self.dispatch == Some(*dispatch), Rule::Token, &|| {
                    format!("it takes up the dispatch {dispatch}, and {:?} is offered", self.dispatch)
                });
                ensure(!self.is_to_be_cancelled, Rule::Outcome, &|| {
                    "an attempt begins at a job that is to be cancelled".to_owned()
                });
                let from = resume.as_ref().map(|from| from.step);
                ensure(from == self.step, Rule::Order, &|| {
                    format!("it goes on from step {from:?}, and the newest checkpoint is of {:?}", self.step)
                });
                (self.token, self.dispatch, self.epoch) = (Some(sequence), None, self.kept_epoch);
            }
            JobEvent::EpochLogged { epoch, .. } => {
                let (expected, epochs) = (self.epoch + 1, self.epochs);
                ensure(*epoch == expected, Rule::Order, &|| {
                    format!("epoch {epoch} comes where {expected} is next")
                });
                ensure(*epoch <= epochs, Rule::Order, &|| format!("epoch {epoch} of {epochs}"));
                self.epoch = *epoch;
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                ensure(self.step.is_none_or(|step| step < checkpoint.step), Rule::Order, &|| {
                    format!("a checkpoint of step {} comes after one of {:?}", checkpoint.step, self.step)
                });
                (self.step, self.kept_epoch) = (Some(checkpoint.step), checkpoint.epoch);
            }
            JobEvent::AttemptPreempted { .. }
            | JobEvent::AttemptLost { .. }
            | JobEvent::AttemptFailed { .. } => {
                self.token = None;
            }
            JobEvent::CancelRequested { .. } => self.is_to_be_cancelled = true,
            JobEvent::Cancelled { token, .. } => {
                ensure(self.is_to_be_cancelled, Rule::Outcome, &|| "nobody wished to cancel it".to_owned());
                ensure(self.token == *token, Rule::Token, &|| "it ends while an attempt runs".to_owned());
            }
            JobEvent::Failed { .. } => {
                ensure(self.token.is_none(), Rule::Token, &|| "it fails while an attempt runs".to_owned());
            }
            JobEvent::Finished { artifacts, .. } => {
                let has_weights = artifacts.iter().any(|artifact| artifact.role == "weights");
                ensure(has_weights, Rule::Outcome, &|| "it is finished and has no weights".to_owned());
            }
            JobEvent::Requested { .. }
            | JobEvent::TrainingStarted { .. }
            | JobEvent::PreemptRequested { .. }
            | JobEvent::Annotated { .. } => {}
        }
        broken
    }
}
