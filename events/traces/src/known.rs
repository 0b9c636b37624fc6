//! What has to be known of an aggregate to make spans of what happens to it next.

use trainyard_events::{Aggregate, Event, Recorded};

use crate::chat::Chat;
use crate::dataset::Dataset;
use crate::job::Job;
use crate::span::Span;

/// Folded from its own history and from nothing else: whoever reads that makes the same spans.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    Chat(Chat),
    Dataset(Dataset),
    Job(Box<Job>),
}

impl Known {
    /// Before anything has happened; `None` of what no spans are made of.
    pub(crate) fn of(aggregate: &Aggregate) -> Option<Known> {
        match aggregate {
            Aggregate::Chat(_) => Some(Known::Chat(Chat::default())),
            Aggregate::Dataset(_) => Some(Known::Dataset(Dataset::default())),
            Aggregate::Job(_) => Some(Known::Job(Box::default())),
            _ => None,
        }
    }

    /// Takes in the next event, and says which spans end with it.
    pub(crate) fn take_in(&mut self, recorded: &Recorded) -> Vec<Span> {
        match (self, &recorded.envelope.event) {
            (Known::Chat(chat), Event::Chat(event)) => chat.take_in(event, recorded),
            (Known::Dataset(dataset), Event::Dataset(event)) => dataset.take_in(event, recorded),
            (Known::Job(job), Event::Job(event)) => job.take_in(event, recorded),
            _ => Vec::new(),
        }
    }

    /// Whether nothing can follow that spans are made of.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self, Known::Job(job) if job.has_ended)
    }
}

#[cfg(test)]
mod tests;
