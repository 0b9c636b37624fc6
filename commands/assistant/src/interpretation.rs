//! What a turn means, once somebody has read it.

use trainyard_events::chat::Language;

use crate::slots::{Intent, Slots};

/// What a turn means.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpretation {
    pub intent: Intent,
    /// What this turn states or changes, nothing else.
    pub slots: Slots,
    pub language: Language,
    /// The model that a turn about a job calls the job by: "stop the resnet one".
    pub about: Option<String>,
    /// Whether the grammar stands by it: it knows the intent, and no number or name of a setting is left unread. What
    /// starts, stops or drops something is always sure, and so is the refusal of an attack.
    pub sure: bool,
}
