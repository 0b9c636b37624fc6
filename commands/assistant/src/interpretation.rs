//! What a turn means, once somebody has read it.

use trainyard_events::chat::Language;

use crate::jobs::Pick;
use crate::slots::{Intent, Slots};
use crate::smalltalk::SmallTalk;
use crate::wishes::{Start, Wish};

/// What a turn means.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpretation {
    pub intent: Intent,
    /// What this turn states or changes, nothing else.
    pub slots: Slots,
    pub language: Language,
    /// The model that a turn about a job calls the job by: "stop the resnet one".
    pub about: Option<String>,
    /// What a turn about a job picks it by, where it names none.
    pub which: Option<Pick>,
    /// The jobs that it names one after the other, where they are several.
    pub jobs: Vec<String>,
    /// Every job is meant: "stop them all".
    pub all: bool,
    /// The same once more: "another one with resnet34".
    pub again: bool,
    /// The data of before: `아까 그 데이터셋으로`.
    pub same_data: bool,
    /// The models of further trainings that it orders beside the one that `slots` describes.
    pub others: Vec<String>,
    /// Where it wants nothing: a greeting, thanks, a compliment.
    pub small_talk: Option<SmallTalk>,
    /// Where it asks for help: the act that it asks about, "what happens if I cancel?".
    pub act: Option<Intent>,
    /// Where it takes something back or asks: the settings that are named, "배치는 원래대로", by their wire names.
    pub named: Vec<&'static str>,
    /// Where it only asks about them: the values of settings, "would 200 epochs be too many?".
    pub weighed: Slots,
    /// It asks how long something takes, or what that costs.
    pub outlook: bool,
    /// What it asks for that no sentence fulfils.
    pub wishes: Vec<Wish>,
    /// What the training is to start from.
    pub start: Option<Start>,
    /// The alias whose version another one is to name: staging, of "promote staging to production".
    pub from: Option<String>,
    /// The states that a list of jobs is to show; empty is every one.
    pub states: Vec<JobState>,
    /// Whether the grammar stands by it: it knows the intent, and no number or name of a setting is left unread. What
    /// starts, stops or drops something is always sure, and so are the refusal of an attack and a question about a setting.
    pub sure: bool,
    /// 0 to 1: how often a turn that is read so is meant so.
    pub confidence: f64,
    /// Something would be started, stopped, dropped or deployed, and is not ordered clearly enough to be. The intent is
    /// [`Intent::Unknown`] then.
    pub unclear: bool,
    /// The likeliest readings of what is not understood or not clear, each with the values that it would state.
    pub nearest: Vec<(Intent, Slots)>,
}

/// How a job stands, as people ask for it in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Requested, and not on a worker yet.
    Waiting,
    /// On a worker, be it starting, training or being stopped.
    Running,
    Finished,
    Failed,
    Cancelled,
}

impl JobState {
    pub const ALL: [JobState; 5] =
        [JobState::Waiting, JobState::Running, JobState::Finished, JobState::Failed, JobState::Cancelled];
}
