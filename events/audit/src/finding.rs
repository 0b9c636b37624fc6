//! What does not hold, and where.

use trainyard_events::{Aggregate, TenantId};

/// What a log of ours promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// No sequence is left out.
    Whole,
    /// No event is there twice, and no command caused two.
    Once,
    /// Only the attempt that runs speaks, and one runs at a time.
    Token,
    /// A job is asked for first, and nothing comes after its end.
    Life,
    /// Epochs and checkpoints come one after the other, and an attempt goes on from the newest.
    Order,
    /// What is finished has weights; what was cancelled was to be.
    Outcome,
    /// Something came of what was accepted, in time.
    Answered,
    /// The GPU time that a quota was charged is that of the attempts.
    GpuTime,
    /// What is said after an erasure is not sealed with a key that it destroys.
    Sealed,
    /// What an event names is in the store.
    FileThere,
    /// And has the hash that the event says.
    FileSame,
}

impl Rule {
    pub const ALL: [Rule; 11] = [
        Rule::Whole,
        Rule::Once,
        Rule::Token,
        Rule::Life,
        Rule::Order,
        Rule::Outcome,
        Rule::Answered,
        Rule::GpuTime,
        Rule::Sealed,
        Rule::FileThere,
        Rule::FileSame,
    ];

    /// As metrics and the API call it.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Whole => "whole",
            Rule::Once => "once",
            Rule::Token => "token",
            Rule::Life => "life",
            Rule::Order => "order",
            Rule::Outcome => "outcome",
            Rule::Answered => "answered",
            Rule::GpuTime => "gpu_time",
            Rule::Sealed => "sealed",
            Rule::FileThere => "file_there",
            Rule::FileSame => "file_same",
        }
    }
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: Rule,
    /// Of the event that shows it.
    pub sequence: u64,
    /// Whose history it is in, where that can be said.
    pub of: Option<(TenantId, Aggregate)>,
    /// In English, for whoever looks into it.
    pub said: String,
}
