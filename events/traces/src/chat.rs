//! A conversation as spans: each turn from the moment that the gateway got it, and what was said and done in it.

use time::OffsetDateTime;
use trainyard_events::chat::Interpreter;
use trainyard_events::{ChatEvent, Recorded};
use uuid::Uuid;

use crate::span::{Attributes, Link, Span, SpanId, Value};

/// What the last request has begun with, and what was proposed last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chat {
    request: Option<Request>,
    proposed: Option<Link>,
}

#[derive(Clone, Debug)]
struct Request {
    trace: Uuid,
    /// The root of its trace: the turn, or where nothing was said, what was done first.
    root: SpanId,
    /// Of a turn that is not answered yet.
    since: Option<OffsetDateTime>,
    last: OffsetDateTime,
}

impl Chat {
    pub(crate) fn take_in(&mut self, event: &ChatEvent, recorded: &Recorded) -> Vec<Span> {
        let envelope = &recorded.envelope;
        let (trace, root, at) = (envelope.correlation_id, SpanId::of(envelope.event_id), envelope.at);
        // It is of no turn.
        if let ChatEvent::Annotated { .. } | ChatEvent::PromptsErased { .. } = event {
            return Vec::new();
        }
        let Some((name, attributes)) = answer(event) else {
            self.request = Some(Request { trace, root, since: Some(at), last: at });
            return Vec::new();
        };
        let mut spans = Vec::new();
        let mut answer = Span::ending(name, recorded).with(attributes);
        match self.request.as_mut().filter(|request| request.trace == trace) {
            Some(request) => {
                if let Some(since) = request.since.take() {
                    let turn = Span::ending("chat.turn", recorded).since(since);
                    let turn = turn.with([("trainyard.answer", name.into())]);
                    spans.push(Span { id: request.root, parent: None, ..turn });
                }
                answer = answer.since(request.last);
                answer.parent = answer.parent.or(Some(request.root));
                request.last = at;
            }
            None if answer.parent.is_none() => {
                self.request = Some(Request { trace, root, since: None, last: at });
            }
            // A policy answers late.
            None => {}
        }
        // A person has thought it over meanwhile: that is another trace, and no time of ours.
        answer.links.extend(self.proposed.filter(|before| before.trace != trace));
        if let ChatEvent::ConfigProposed { .. } = event {
            self.proposed = Some(Link { trace, span: answer.id });
        }
        spans.push(answer);
        spans
    }
}

/// The name of what was done, and no word of what was said. `None` for what begins a turn.
fn answer(event: &ChatEvent) -> Option<(&'static str, Attributes)> {
    Some(match event {
        ChatEvent::PromptReceived { .. } | ChatEvent::Annotated { .. } | ChatEvent::PromptsErased { .. } => {
            return None;
        }
        ChatEvent::ConfigProposed { interpreter, proposal, .. } => {
            let missing = ("trainyard.missing", (proposal.missing.len() as u64).into());
            ("chat.propose", vec![read_by(interpreter), missing])
        }
        ChatEvent::ReplyGiven { interpreter, intent, .. } => {
            ("chat.reply", vec![read_by(interpreter), ("trainyard.intent", intent.as_str().into())])
        }
        ChatEvent::ProposalApproved { .. } => ("chat.approve", Vec::new()),
        ChatEvent::ProposalRejected { .. } => ("chat.reject", Vec::new()),
    })
}

fn read_by(interpreter: &Interpreter) -> (&'static str, Value) {
    let by = match interpreter {
        Interpreter::Grammar => "grammar",
        Interpreter::Llm { .. } => "llm",
    };
    ("trainyard.interpreter", by.into())
}
