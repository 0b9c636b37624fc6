//! Why a command is refused, in the user's words, each with what to do next.

use trainyard_events::config::ConfigProblem;
use trainyard_events::limits;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the prompt is empty: say what you want to train")]
    PromptEmpty,
    #[error("the prompt has {0} characters and {limit} is the most: shorten it", limit = limits::PROMPT_CHARS)]
    PromptTooLong(usize),
    #[error("the prompt has a control character, U+{0:04X}, which no chat can keep: remove it")]
    PromptUnreadable(u32),
    #[error("there is no open proposal to approve or reject: describe a training first")]
    NoOpenProposal,
    #[error("the proposal has changed since it was shown: look at it again, then approve it")]
    ProposalChanged,
    #[error("the proposal was changed by another message meanwhile: say again what you want of it")]
    ProposalOvertaken,
    #[error("the proposal still misses {}: say it, then approve", .0.join(", "))]
    ProposalIncomplete(Vec<String>),
    #[error("the configuration cannot run: {}", list(.0))]
    BadConfig(Vec<ConfigProblem>),
    #[error("a dataset needs a path of 1 to {limit} characters, none of them a control character", limit = limits::PATH_CHARS)]
    BadPath,
    #[error("the dataset is not registered: name its path first")]
    NoSuchDataset,
    #[error("this inspection answers an older registration of the dataset: it is not needed any more")]
    StaleInspection,
    #[error("there is no such job")]
    NoSuchJob,
    #[error("the job has ended already ({0})")]
    JobAlreadyEnded(&'static str),
    #[error("the job is not waiting to be dispatched ({0})")]
    NotWaiting(&'static str),
    #[error("the job has moved on since this was decided")]
    MovedOn,
    #[error("the training command is out of date: the job is not offered under it any more")]
    NotOffered,
    #[error(
        "token {given} is not the job's current one ({current:?}): another attempt owns the job, stop this one"
    )]
    StaleToken { given: u64, current: Option<u64> },
    #[error("epoch {given} does not follow: the next one is {expected}")]
    EpochOutOfOrder { given: u32, expected: u32 },
    #[error("epoch {given} is more than the {epochs} that were approved")]
    TooManyEpochs { given: u32, epochs: u32 },
    #[error("a checkpoint of step {given} does not go beyond the one of step {newest} that is kept")]
    CheckpointBehind { given: u64, newest: u64 },
    #[error("nobody has asked to cancel the job")]
    CancelNotRequested,
    #[error("the job's attempt still runs: it must be seen to end first")]
    AttemptStillRunning,
    #[error("that is not a fact an attempt may report")]
    NotAReport,
    #[error("a measurement is not a finite number: {0}")]
    NotFinite(String),
    #[error("the job's results name no weights")]
    NoWeights,
    #[error("there is no endpoint to withdraw: the model is not deployed")]
    NotDeployed,
    #[error("there is no such token")]
    NoSuchToken,
    #[error("the tenant does not exist: create it first")]
    NoSuchTenant,
    #[error("all slots of the quota are taken ({0}): the job waits for one")]
    QuotaUsedUp(u32),
    #[error("the {0} GPU hours of the quota are used up: ask an admin of your tenant for more")]
    GpuHoursUsedUp(u32),
    #[error("the job still holds the slot of an earlier dispatch")]
    SlotStillHeld,
    #[error("a token needs a name of 1 to 64 characters, none of them a control character")]
    BadTokenName,
    #[error("a valid token of this tenant has that name: choose another, or revoke that one")]
    TokenNameTaken,
    #[error("the token would have expired already: let it expire later")]
    ExpiresInThePast,
    #[error("{0}: make it smaller")]
    TooLarge(String),
    #[error("the command is for another kind of aggregate")]
    WrongAggregate,
}

impl Rejection {
    /// Whether the asker, rather than what was asked, is out of date: a worker then stops its attempt.
    pub fn is_fenced(&self) -> bool {
        matches!(
            self,
            Rejection::StaleToken { .. }
                | Rejection::JobAlreadyEnded(_)
                | Rejection::NotOffered
                | Rejection::NoSuchJob
        )
    }
}

fn list(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ConfigProblem::to_string).collect::<Vec<_>>().join("; ")
}
