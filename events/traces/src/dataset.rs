//! A dataset as spans: each look at it, from when it was asked for until the fleet's verdict.

use time::OffsetDateTime;
use trainyard_events::{DatasetEvent, Recorded};
use uuid::Uuid;

use crate::span::{Span, SpanId};

/// The look that is under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dataset {
    look: Option<Look>,
}

#[derive(Clone, Debug)]
struct Look {
    /// Sequence of the registration, which the verdict names.
    inspection: u64,
    trace: Uuid,
    id: SpanId,
    parent: Option<SpanId>,
    since: OffsetDateTime,
}

impl Dataset {
    pub(crate) fn take_in(&mut self, event: &DatasetEvent, recorded: &Recorded) -> Vec<Span> {
        let (inspection, verdict) = match event {
            DatasetEvent::Registered { .. } => {
                let envelope = &recorded.envelope;
                self.look = Some(Look {
                    inspection: recorded.sequence,
                    trace: envelope.correlation_id,
                    id: SpanId::of(envelope.event_id),
                    parent: envelope.causation_id.map(SpanId::of),
                    since: envelope.at,
                });
                return Vec::new();
            }
            DatasetEvent::Validated { inspection, .. } => (*inspection, "validated"),
            DatasetEvent::Rejected { inspection, .. } => (*inspection, "rejected"),
            _ => return Vec::new(),
        };
        let Some(look) = self.look.take_if(|look| look.inspection == inspection) else { return Vec::new() };
        let span = Span::ending("dataset.look", recorded).since(look.since);
        let span = span.with([("trainyard.outcome", verdict.into())]);
        vec![Span { trace: look.trace, id: look.id, parent: look.parent, ..span }]
    }
}
