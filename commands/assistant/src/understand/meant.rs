//! What a turn means that is for this or that: of its values those that such a turn may state.

use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use super::{ALL, Heard};
use crate::cues::Cues;
use crate::intents::{self, Found};
use crate::interpretation::Interpretation;
use crate::reader::verbs;
use crate::slots::{Intent, Slots};
use crate::text::Text;
use crate::{catalog, jobs, models, registry, smalltalk, wishes};

#[rustfmt::skip]
const AGAIN: &[&str] = &[
    "again", "once more", "one more", "another", "same", "as before", "as well", "too", "also", "repeat", "하나더", "한번더", "한개더", "또하나", "또한번", "또돌려", "똑같", "같은설정",
    "같은걸로", "같은조건", "동일", "로도", "것도", "이전설정", "아까설정", "그설정", "그대로", "다시",
];
#[rustfmt::skip]
const SAME_DATA: &[&str] = &[
    "same data*", "that data*", "the data from before", "previous data*", "the last data*", "same images", "그데이터", "같은데이터", "아까데이터", "이전데이터", "방금데이터", "그걸로하던데이터",
    "동일한데이터", "동일데이터", "전데이터",
];
#[rustfmt::skip]
const TAKES: &[&str] = &[
    "how long", "how much time", "how many hours", "how many minutes", "how many days", "take long", "cost*", "expensive", "price*", "how much would", "how much will",
    "얼마나걸", "얼마걸", "몇시간", "며칠", "몇분", "오래걸", "비용", "돈이", "돈은", "돈도", "돈많", "돈얼마", "요금", "비싸", "얼마나들", "얼마들",
];

impl Heard<'_> {
    /// What the turn means, where it is for this.
    pub(crate) fn meant(self, intent: Intent) -> Interpretation {
        let Heard {
            learned,
            mut text,
            mut slots,
            found,
            mentions,
            resized,
            task,
            path,
            names,
            beside,
            jobs: several,
            ..
        } = self;
        let cues = Cues::new(&text);
        let meant: Vec<_> =
            mentions.iter().filter(|mention| !mention.denied || mentions.len() == 1).collect();
        slots.task = task;
        slots.model =
            meant.last().map(|mention| mention.id.clone()).or(resized.map(|model| model.id.clone()));
        slots.models = mentions.iter().map(|mention| mention.id.clone()).collect();
        let registers = intent == Intent::RegisterModel;
        let from =
            (registers || intent.of_versions()).then(|| registry::fill(&mut text, &mut slots, registers));
        if intents::concerns_job(intent) && slots.job.is_none() {
            slots.job = jobs::lone(&text).or_else(|| jobs::called_alone(&text));
        }
        match intent {
            Intent::Predict => slots.input = path,
            _ => slots.dataset = path,
        }
        let sure = match intent {
            Intent::Unknown => intents::is_attack(&cues) || !says_anything(&text),
            Intent::Train | Intent::Adjust | Intent::Dataset => {
                !text.low.iter().any(char::is_ascii_digit) && (!found.named || slots.has_setting())
            }
            _ => true,
        };
        let about = slots.model.clone().filter(|_| intents::concerns_job(intent) && slots.job.is_none());
        let states = if intent == Intent::ListJobs { intents::states(&cues) } else { Vec::new() };
        // "Why did job 3 stop at epoch 5?" is about the job.
        let weighs = matches!(intent, Intent::Unknown | Intent::Help | Intent::Explain)
            && cues.is_question()
            && slots.job.is_none();
        let weighed = if weighs { slots.clone().settings().or(beside) } else { Slots::default() };
        let mut slots = stated(intent, slots, task);
        let trainings = match intent {
            Intent::Train => models::several(&text, &cues, &mentions),
            _ => Vec::new(),
        };
        if let [first, second, ..] = trainings[..] {
            // What stands before the second model is said of the first.
            let own = Heard::new(learned, &text.said(0..second.range.start), None).meant(intent).slots;
            slots = Slots { model: Some(first.id.clone()), task, ..own.or(slots) };
            imply_task(&mut slots, task);
        }
        // Thanks beside the word for an act are no small talk.
        let wants_nothing = intent == Intent::Unknown
            && verbs::asked_about(&cues).is_none()
            && found == Found { open: found.open, open_described: found.open_described, ..Found::default() };
        let others = trainings.iter().skip(1).map(|mention| mention.id.clone()).collect();
        let picks = (intents::concerns_job(intent) || intent.of_versions()) && slots.job.is_none();
        let which = picks.then(|| jobs::picked(&cues)).flatten();
        Interpretation {
            intent,
            slots,
            language: Language::English,
            about,
            which,
            jobs: several,
            all: cues.any(ALL),
            again: cues.any(AGAIN),
            same_data: cues.any(SAME_DATA),
            others,
            small_talk: wants_nothing.then(|| smalltalk::of(&cues, text.len())).flatten(),
            act: if intent == Intent::Help { verbs::asked_about(&cues) } else { None },
            named: if intent == Intent::Undo || weighs { names } else { Vec::new() },
            weighed,
            outlook: cues.any(TAKES),
            wishes: wishes::of(&cues),
            start: wishes::start(&cues),
            from: from.flatten(),
            states,
            sure,
            confidence: 1.0,
            unclear: false,
            nearest: Vec::new(),
        }
    }
}

/// Whether there are words at all.
fn says_anything(text: &Text) -> bool {
    text.low.iter().any(|c| c.is_alphabetic())
}

/// Keeps what a turn of this intent may state.
pub(crate) fn stated(intent: Intent, found: Slots, task: Option<Task>) -> Slots {
    let none = Slots::default();
    match intent {
        Intent::Train | Intent::Adjust => {
            let mut slots =
                Slots { models: Vec::new(), versions: Vec::new(), job: None, input: None, ..found };
            imply_task(&mut slots, task);
            slots
        }
        Intent::Dataset => Slots { dataset: found.dataset, ..none },
        Intent::Predict => Slots { job: found.job, input: found.input, model: found.model, ..none },
        Intent::AnalyzeDataset => Slots { dataset: found.dataset, ..none },
        Intent::ListModels => Slots { task: found.task, ..none },
        Intent::RecommendModel => Slots { task: found.task, dataset: found.dataset, ..none },
        Intent::ShowModel => Slots { model: found.model, ..none },
        Intent::CompareJobs => none,
        Intent::CompareModels => Slots { models: found.models, ..none },
        Intent::Status
        | Intent::Results
        | Intent::Explain
        | Intent::Cancel
        | Intent::Resume
        | Intent::Deploy => Slots { job: found.job, ..none },
        Intent::RegisterModel => registry::stated(found, true),
        Intent::Promote | Intent::RollBack | Intent::ShowVersions | Intent::CompareVersions => {
            registry::stated(found, false)
        }
        _ => none,
    }
}

/// A model implies its task; a YOLO named beside another task is that family's model for it.
fn imply_task(slots: &mut Slots, said: Option<Task>) {
    let Some(model) = slots.model.as_deref().and_then(catalog::find) else { return };
    let specific = ["-seg", "-pose", "-cls"].iter().any(|suffix| model.id.ends_with(suffix));
    let other = said.filter(|task| *task != model.task && *task != Task::Classify && !specific);
    let model = other.and_then(|task| catalog::for_task(model, task)).unwrap_or(model);
    slots.model = Some(model.id.clone());
    slots.task = Some(model.task);
}
