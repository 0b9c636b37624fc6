//! Turns with what they are for, as the model learns from them and is measured on.

use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::draft::{Before, Draft};
use crate::slots::{Changed, Intent, Slot, Slots};
use crate::understand::Heard;

use super::features::Features;
use super::linear::Linear;
use super::numbers::{Number, class};

/// A turn of a set, and what its writer meant.
#[derive(Clone, Debug)]
pub struct Said {
    pub text: String,
    pub intent: Intent,
    /// Where its writer has told the values, too.
    pub spec: Option<Slots>,
}

/// What the model sees of a turn, and what it should say.
#[derive(Clone, Debug)]
pub struct Example {
    pub features: Features,
    pub intent: Intent,
    /// The numbers with the classes that they are of, where that is known.
    pub numbers: Vec<(Number, usize)>,
}

/// A proposal with nothing missing, for turns that are said beside one.
pub fn complete_proposal() -> Draft {
    let slots = Slots {
        task: Some(Task::Classify),
        model: Some("resnet50".to_owned()),
        dataset: Some("/data/flowers".to_owned()),
        epochs: Some(50),
        ..Slots::default()
    };
    let last = Some(Changed::default().with(Slot::Epochs, true));
    Draft { slots, last, language: Some(Language::Korean), ..Draft::default() }
}

/// One conversation, with its numbers read as `numbers` has learned to: every turn is seen on what its writer meant by those
/// before it.
pub fn examples(numbers: &Linear, turns: &[Said], mut open: Option<Draft>) -> Vec<Example> {
    let mut before = Before::default();
    turns
        .iter()
        .map(|Said { text, intent, spec }| {
            let remembered = Draft::remembering(before);
            let draft = open.as_ref().or(Some(&remembered));
            let heard = Heard::new(numbers, text, draft);
            let features = heard.features();
            let labelled = spec.as_ref().map(|spec| labelled(&heard, *intent, spec)).unwrap_or_default();
            let mut turn = heard.meant(*intent);
            if let Some(spec) = spec {
                turn.slots = spec.clone();
            }
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
            Example { features, intent: *intent, numbers: labelled }
        })
        .collect()
}

/// A number is for the setting that has its value. Of several the name beside it tells; where none does, nobody knows.
fn labelled(heard: &Heard, intent: Intent, spec: &Slots) -> Vec<(Number, usize)> {
    // "Would 200 epochs be too many?" states nothing, and yet is about epochs.
    if !intent.describes() && heard.names_setting() {
        return Vec::new();
    }
    let label = |number: &Number| {
        // `3e-4` and 3 times 10 to the minus 4 are the same in all but their last digits.
        let same = |value: f64| (value - number.value).abs() <= 1e-9 * value.abs();
        let mut having = Slot::ALL.into_iter().filter(|slot| spec.number(*slot).is_some_and(same));
        match (having.next(), having.next()) {
            (None, _) => Some(0),
            (Some(slot), None) => Some(class(slot)),
            _ => None,
        }
    };
    heard.numbers.iter().filter_map(|number| Some((number.clone(), label(number)?))).collect()
}
