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
}

/// Reads `turns` in order, keeping the open proposal between them.
pub fn interpret_conversation<T: AsRef<str>>(turns: &[T]) -> Vec<Turn> {
    let mut open: Option<Draft> = None;
    turns
        .iter()
        .map(|said| {
            let turn = interpret(said.as_ref(), open.as_ref());
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
            Turn { intent: turn.intent, spec: turn.slots, missing }
        })
        .collect()
}
