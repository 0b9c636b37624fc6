//! Turns with what they are for, as the model learns from them and is measured on.

use crate::draft::{Before, Draft};
use crate::slots::Intent;
use crate::understand::{Heard, interpret_as};

use super::features::Features;

/// A turn of a set, and what its writer meant.
#[derive(Clone, Debug)]
pub struct Said {
    pub text: String,
    pub intent: Intent,
}

/// What the model sees of a turn, and what it should say.
#[derive(Clone, Debug)]
pub struct Example {
    pub features: Features,
    pub intent: Intent,
}

/// A proposal with nothing missing, for turns that are said beside one.
pub fn complete_proposal() -> Draft {
    let mut draft = Draft::default();
    draft.merge(&interpret_as("resnet50으로 /data/flowers 50 에폭 학습해줘", None, Intent::Train));
    draft
}

/// One conversation: every turn is seen on what its writer meant by those before it.
pub fn examples(turns: &[Said], mut open: Option<Draft>) -> Vec<Example> {
    let mut before = Before::default();
    turns
        .iter()
        .map(|Said { text, intent }| {
            let remembered = Draft::remembering(before);
            let draft = open.as_ref().or(Some(&remembered));
            let features = Heard::new(text, draft).features();
            let turn = interpret_as(text, draft, *intent);
            before = before.then(*intent);
            if intent.describes() {
                open.get_or_insert_default().merge(&turn);
            }
            if matches!(intent, Intent::Reject | Intent::Reset | Intent::Approve) {
                open = None;
            }
            if let Some(draft) = &mut open {
                draft.before = before;
            }
            Example { features, intent: *intent }
        })
        .collect()
}
