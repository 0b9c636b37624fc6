//! A whole conversation read turn by turn, as `trainyard interpret` does: no server, no log.

use serde::Serialize;

use crate::draft::Draft;
use crate::interpret;
use crate::slots::{Intent, Slots};

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

/// The question about a job that a later turn may ask of another, after a turn of this intent. What is not understood leaves
/// it; what speaks of something else ends it.
pub fn asked_after(before: Option<Intent>, intent: Intent) -> Option<Intent> {
    match intent {
        Intent::Status | Intent::Results | Intent::Explain => Some(intent),
        Intent::Help | Intent::Unknown => before,
        _ => None,
    }
}

/// Reads `turns` in order, keeping the open proposal and the last question about a job between them.
pub fn interpret_conversation<T: AsRef<str>>(turns: &[T]) -> Vec<Turn> {
    let mut open: Option<Draft> = None;
    let mut asked: Option<Intent> = None;
    turns
        .iter()
        .map(|said| {
            let remembered = asked.map(Draft::remembering);
            let turn = interpret(said.as_ref(), open.as_ref().or(remembered.as_ref()));
            asked = asked_after(asked, turn.intent);
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
                draft.asked = asked;
            }
            let confidence = (turn.confidence * 1e3).round() / 1e3;
            Turn { intent: turn.intent, spec: turn.slots, missing, confidence }
        })
        .collect()
}
