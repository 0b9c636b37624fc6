//! A job as spans: the whole of it, each time that it waits, and each attempt with what the attempt took its time for.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use trainyard_events::job::Failure;
use trainyard_events::{JobEvent, Recorded};
use uuid::Uuid;

use crate::span::{Attributes, Link, Service, Span, SpanId};

/// What is under way of a job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Job {
    asked: Option<Asked>,
    /// Since when it waits for what comes next.
    waits_since: Option<OffsetDateTime>,
    attempt: Option<Attempt>,
    cancel: Option<Span>,
    pub(crate) has_ended: bool,
}

/// The request: everything about the job is in its trace, whoever writes it.
#[derive(Clone, Debug)]
struct Asked {
    trace: Uuid,
    span: SpanId,
    parent: Option<SpanId>,
    since: OffsetDateTime,
    attributes: Attributes,
}

/// An attempt that runs.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) token: u64,
    started: Recorded,
    /// When the trainer was ready.
    ready: Option<OffsetDateTime>,
    has_stepped: bool,
    /// When it last got on.
    last: OffsetDateTime,
    /// When it was done with each epoch whose checkpoint may still be on its way.
    epochs: BTreeMap<u32, OffsetDateTime>,
    attributes: Attributes,
}

impl Attempt {
    fn span(&self) -> SpanId {
        SpanId::of(self.started.envelope.event_id)
    }
}

impl Job {
    /// The token of the attempt that trains and whose first step is not known yet.
    pub(crate) fn awaits_step(&self) -> Option<u64> {
        let attempt = self.attempt.as_ref()?;
        (attempt.ready.is_some() && !attempt.has_stepped).then_some(attempt.token)
    }

    /// The first measurement of that attempt was stored `at`.
    pub(crate) fn stepped(&mut self, at: OffsetDateTime) -> Option<Span> {
        let trace = self.asked.as_ref()?.trace;
        let attempt = self.attempt.as_mut().filter(|attempt| !attempt.has_stepped)?;
        attempt.has_stepped = true;
        let ready = attempt.ready?;
        let (id, parent) =
            (SpanId::beside(attempt.started.envelope.event_id, "first step"), Some(attempt.span()));
        let step = Span::ending("job.first_step", &attempt.started).with(attempt.attributes.clone());
        Some(Span { trace, id, parent, start: ready, end: at.max(ready), ..step })
    }

    pub(crate) fn take_in(&mut self, event: &JobEvent, recorded: &Recorded) -> Vec<Span> {
        if let JobEvent::Requested { config, dataset, .. } = event {
            let mut attributes: Attributes = vec![
                ("trainyard.model", config.model.as_str().into()),
                ("trainyard.task", config.task.to_string().into()),
                ("trainyard.epochs", u64::from(config.epochs).into()),
                ("trainyard.dataset", dataset.to_string().into()),
            ];
            attributes.extend(config.runner.as_deref().map(|runner| ("trainyard.runner", runner.into())));
            let envelope = &recorded.envelope;
            self.waits_since = Some(envelope.at);
            self.asked = Some(Asked {
                trace: envelope.correlation_id,
                span: SpanId::of(envelope.event_id),
                parent: envelope.causation_id.map(SpanId::of),
                since: envelope.at,
                attributes,
            });
            return Vec::new();
        }
        let Some(asked) = self.asked.clone() else { return Vec::new() };
        let mut spans = self.of_job(&asked, event, recorded);
        for span in &mut spans {
            // A cancellation has been asked for by another request.
            if span.name != CANCEL {
                span.trace = asked.trace;
            }
        }
        spans
    }

    fn of_job(&mut self, asked: &Asked, event: &JobEvent, recorded: &Recorded) -> Vec<Span> {
        let at = recorded.envelope.at;
        let waited = |name, since: Option<OffsetDateTime>| {
            Span::ending(name, recorded).since(since.unwrap_or(at)).under(asked.span)
        };
        match event {
            JobEvent::Dispatched { pool, withdrawn, .. } => {
                let name = if *withdrawn { "job.withdraw" } else { "job.schedule" };
                let pool = ("trainyard.pool", pool.to_string().into());
                vec![waited(name, self.waits_since.replace(at)).with([pool])]
            }
            JobEvent::AttemptStarted { worker, attempt, resume, .. } => {
                let attributes: Attributes = vec![
                    ("trainyard.attempt", u64::from(*attempt).into()),
                    ("trainyard.worker", worker.as_str().into()),
                    ("trainyard.resumes", resume.is_some().into()),
                ];
                let queue = waited("job.queue", self.waits_since.replace(at)).with(attributes.clone());
                let id = SpanId::beside(recorded.envelope.event_id, "queue");
                self.attempt = Some(Attempt {
                    token: recorded.sequence,
                    started: recorded.clone(),
                    ready: None,
                    has_stepped: false,
                    last: at,
                    epochs: BTreeMap::new(),
                    attributes,
                });
                // Somebody else's time: the dispatch waited for a worker.
                vec![Span { id, service: Service::Dispatcher, ..queue }]
            }
            JobEvent::CancelRequested { .. } => {
                let cancel = Span::ending(CANCEL, recorded);
                let links = vec![Link { trace: asked.trace, span: asked.span }];
                self.cancel = Some(Span { links, ..cancel });
                Vec::new()
            }
            _ => {
                let mut spans = self.of_attempt(event, recorded);
                let error = match event {
                    JobEvent::Failed { failure } => Some(failure),
                    _ => None,
                };
                if matches!(
                    event,
                    JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. }
                ) {
                    self.has_ended = true;
                    spans.extend(
                        self.cancel.take().map(|cancel| Span { end: at.max(cancel.start), ..cancel }),
                    );
                    let job = Span::ending("job", recorded).since(asked.since).with(asked.attributes.clone());
                    let job = with_outcome(job, outcome(event), error);
                    spans.push(Span {
                        id: asked.span,
                        parent: asked.parent,
                        service: Service::Dispatcher,
                        ..job
                    });
                }
                spans
            }
        }
    }

    fn of_attempt(&mut self, event: &JobEvent, recorded: &Recorded) -> Vec<Span> {
        let at = recorded.envelope.at;
        let Some(attempt) = &mut self.attempt else { return Vec::new() };
        let part = |name, since| Span::ending(name, recorded).since(since).under(attempt.span());
        let (part, failure) = match event {
            JobEvent::TrainingStarted { device, parameters, train_images, .. } => {
                let prepare = part("job.prepare", attempt.last).with([
                    ("trainyard.device", device.as_str().into()),
                    ("trainyard.parameters", (*parameters).into()),
                    ("trainyard.train_images", (*train_images).into()),
                ]);
                (attempt.ready, attempt.last) = (Some(at), at);
                return vec![prepare];
            }
            JobEvent::EpochLogged { epoch, is_best, .. } => {
                let told =
                    [("trainyard.epoch", u64::from(*epoch).into()), ("trainyard.best", (*is_best).into())];
                let spent = part("job.epoch", attempt.last).with(told);
                attempt.last = at;
                attempt.epochs.insert(*epoch, at);
                return vec![spent];
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                // One amid an epoch says nothing of when it was begun.
                let since = attempt.epochs.get(&checkpoint.epoch).copied().unwrap_or(at);
                let told = [
                    ("trainyard.step", checkpoint.step.into()),
                    ("trainyard.bytes", checkpoint.artifact.bytes.into()),
                ];
                let written = part("job.checkpoint", since).with(told);
                attempt.epochs.retain(|epoch, _| *epoch > checkpoint.epoch);
                return vec![written];
            }
            JobEvent::Finished { .. } => (Some(part("job.finish", attempt.last)), None),
            JobEvent::AttemptFailed { failure, .. } => (None, Some(failure)),
            JobEvent::AttemptLost { .. } | JobEvent::AttemptPreempted { .. } | JobEvent::Cancelled { .. } => {
                (None, None)
            }
            _ => return Vec::new(),
        };
        let whole = Span::ending("job.attempt", recorded).since(attempt.started.envelope.at);
        let whole = with_outcome(whole.with(attempt.attributes.clone()), outcome(event), failure);
        let service = Service::of(&attempt.started.envelope.actor);
        let whole = Span {
            id: attempt.span(),
            parent: self.asked.as_ref().map(|asked| asked.span),
            service,
            ..whole
        };
        (self.attempt, self.waits_since) = (None, Some(at));
        part.into_iter().chain([whole]).collect()
    }
}

const CANCEL: &str = "job.cancel";

fn outcome(event: &JobEvent) -> &'static str {
    match event {
        JobEvent::Finished { .. } => "finished",
        JobEvent::Failed { .. } | JobEvent::AttemptFailed { .. } => "failed",
        JobEvent::AttemptLost { .. } => "lost",
        JobEvent::AttemptPreempted { .. } => "preempted",
        _ => "cancelled",
    }
}

/// Of a failure its class, and no word of what was printed.
fn with_outcome(span: Span, outcome: &'static str, failure: Option<&Failure>) -> Span {
    let error = match failure {
        Some(failure) => Some(failure.class.name()),
        None => (outcome == "lost").then_some(outcome),
    };
    Span { error, ..span.with([("trainyard.outcome", outcome.into())]) }
}
