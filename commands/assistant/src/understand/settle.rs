//! What a turn is for, and whether it is clear enough to act.

use super::{ALL, Heard};
use crate::cues::Cues;
use crate::intents;
use crate::reader::Model;
use crate::reader::verbs::{doubts, orders};
use crate::slots::{Intent, Slots};
use crate::{jobs, registry, wishes};

/// How sure it must be that something is to be started, stopped, dropped or deployed.
const ACT: f64 = 0.82;
/// The same of a turn with a word that mostly speaks against it.
const ACT_DOUBTED: f64 = 0.97;
/// Readings to choose from.
const CHOICES: usize = 2;

#[rustfmt::skip]
const COMPARE: &[&str] = &[
    "compare*", "comparison", "versus", "vs", "difference*", "differ", "better", "worse", "side by side", "비교", "차이", "나아", "나은", "낫", "더좋", "더잘", "다른점",
];
/// Below this a question about a job that names nothing else is the one that was asked before.
const SURE_OF_QUESTION: f64 = 0.9;

fn leans(intent: Intent, confidence: f64) -> bool {
    matches!(intent, Intent::Results | Intent::Explain) && confidence < SURE_OF_QUESTION
}

pub(super) struct Settled {
    pub(super) intent: Intent,
    pub(super) confidence: f64,
    pub(super) unclear: bool,
    pub(super) nearest: Vec<Intent>,
}

impl Heard<'_> {
    /// What the turn is for. An act that is not ordered clearly is asked about.
    pub(super) fn settle(&self, model: &Model) -> Settled {
        let cues = Cues::new(&self.text);
        if intents::is_attack(&cues) {
            return Settled { intent: Intent::Unknown, confidence: 1.0, unclear: false, nearest: Vec::new() };
        }
        let own = Cues::new(&self.text.unquoted());
        let ordered = Intent::ALL.into_iter().any(|intent| intent.acts() && orders(&own, intent));
        if !self.jobs.is_empty() && cues.any(COMPARE) && !ordered {
            let intent = Intent::CompareJobs;
            return Settled { intent, confidence: 1.0, unclear: false, nearest: Vec::new() };
        }
        let reading = model.read_turn(&self.features());
        let (intent, confidence) = reading[0];
        let likely = reading.iter().map(|(intent, _)| *intent).filter(|intent| *intent != Intent::Unknown);
        let nearest = likely.take(CHOICES).collect();
        // "Start from pretrained weights" is another proposal, and no approval of the one that is open.
        let starts_otherwise = self.found.open && wishes::start(&cues).is_some() && !cues.is_question();
        if starts_otherwise && matches!(intent, Intent::Unknown | Intent::Approve) {
            let intent = Intent::Adjust;
            return Settled { intent, confidence: 1.0, unclear: false, nearest: Vec::new() };
        }
        // "Use two A100s": of two readings beside a proposal the one in which what was heard has a place.
        let asks_for_gpus = self.found.open && self.slots.resources.is_some() && !cues.is_question();
        if intent == Intent::Unknown && asks_for_gpus && reading[1].0 == Intent::Adjust {
            let (intent, confidence) = reading[1];
            return Settled { intent, confidence, unclear: false, nearest: Vec::new() };
        }
        // "Roll back prices": what names neither version nor alias may well move something else.
        let moves = matches!(intent, Intent::Promote | Intent::RollBack);
        let vague = moves && self.slots.versions.is_empty() && registry::aliases(&self.text).is_empty();
        let enough = if vague || !self.plainly_orders(intent) { ACT_DOUBTED } else { ACT };
        // What was said before may make an act likelier, and never makes it one.
        let alone = || {
            let (read, sure) = model.read_turn(&self.features_alone())[0];
            read == intent && sure >= enough
        };
        let doubted = || self.doubts_job(intent, &cues);
        if intent.acts() && (confidence < enough || !orders(&own, intent) || doubted() || !alone()) {
            return Settled { intent: Intent::Unknown, confidence, unclear: true, nearest };
        }
        if intent == Intent::Unknown {
            return Settled { intent, confidence, unclear: false, nearest };
        }
        let intent = match self.before.asked {
            Some(asked)
                if (intent == Intent::Status || leans(intent, confidence))
                    && intents::names_only_a_job(&cues, &self.found) =>
            {
                asked
            }
            _ => intent,
        };
        Settled { intent, confidence, unclear: false, nearest: Vec::new() }
    }

    /// The jobs of which one is meant, where the turn is an act on a job.
    pub(super) fn to_choose_from(&self, nearest: Option<Intent>) -> Vec<(Intent, Slots)> {
        let Some(act) = nearest.filter(|it| it.acts() && intents::concerns_job(*it)) else {
            return Vec::new();
        };
        let of = |job: &String| (act, Slots { job: Some(job.clone()), ..Slots::default() });
        self.rivals.iter().map(of).collect()
    }

    /// Whether an act would be done to one of several jobs that the turn names apart, or to another than those that it names or
    /// takes back.
    fn doubts_job(&self, intent: Intent, cues: &Cues) -> bool {
        let names_none = self.slots.job.is_none() && self.jobs.is_empty() && jobs::lone(&self.text).is_none();
        let gone = self.names_some && names_none && !cues.any(ALL);
        intents::concerns_job(intent) && (!self.rivals.is_empty() || gone)
    }

    /// Whether one of the sentences orders the act and none of its words speaks against that.
    fn plainly_orders(&self, intent: Intent) -> bool {
        self.text.unquoted().sentences().any(|sentence| {
            let cues = Cues::new(&sentence);
            orders(&cues, intent) && !doubts(&cues, intent)
        })
    }
}
