//! A whole conversation read turn by turn, as `trainyard interpret` does: no server, no log.

use serde::Serialize;

use crate::draft::{Before, Draft};
use crate::reader::{self, Model};
use crate::slots::{Intent, Slots};
use crate::understand::interpret_by;

/// One turn understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Turn {
    pub intent: Intent,
    pub spec: Slots,
    /// For turns that describe a training: what is still missing after them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<&'static str>>,
    /// 0 to 1: how often a turn that is read so is meant so.
    pub confidence: f64,
}

/// Reads `turns` in order, keeping the open proposal and the last question about a job between them.
pub fn interpret_conversation<T: AsRef<str>>(turns: &[T]) -> Vec<Turn> {
    interpret_conversation_by(reader::learned(), turns)
}

/// The same with another model than the built-in one: what is measured on writers that it has not learned from.
pub fn interpret_conversation_by<T: AsRef<str>>(model: &Model, turns: &[T]) -> Vec<Turn> {
    let mut open: Option<Draft> = None;
    let mut before = Before::default();
    turns
        .iter()
        .map(|said| {
            let remembered = Draft::remembering(before);
            let turn = interpret_by(model, said.as_ref(), open.as_ref().or(Some(&remembered)));
            before = before.then(turn.intent);
            let missing = turn.intent.describes().then(|| {
                let draft = open.get_or_insert_with(Draft::default);
                draft.merge(&turn);
                draft.missing()
            });
            let complete = open.as_ref().is_some_and(|draft| draft.missing().is_empty());
            // Approving what is incomplete is refused, which leaves the proposal open.
            if matches!(turn.intent, Intent::Reject | Intent::Reset)
                || turn.intent == Intent::Approve && complete
            {
                open = None;
            }
            if let Some(draft) = &mut open {
                draft.before = before;
            }
            let confidence = (turn.confidence * 1e3).round() / 1e3;
            Turn { intent: turn.intent, spec: turn.slots, missing, confidence }
        })
        .collect()
}
