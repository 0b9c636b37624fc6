//! One turn, from its text to its meaning: find the slots, decide the intent, keep what that intent may state.

use trainyard_events::chat::Language;
use trainyard_events::config::Task;
use trainyard_events::limits;

use crate::catalog;
use crate::cues::Cues;
use crate::draft::{Before, Draft};
use crate::intents::{self, Found};
use crate::interpretation::Interpretation;
use crate::reader::verbs::{self, doubts, orders};
use crate::reader::{self, Features, Linear, Model, Number, State};
use crate::slots::{Intent, Slots};
use crate::text::{Text, is_hangul};
use crate::{
    accelerators, classes, jobs, models, options, paths, quantities, registry, smalltalk, tasks, wishes,
};

/// Reads one turn. `open` is what the open proposal says so far, which relative words and bare answers lean on.
///
/// Anything longer than a prompt may be is [`Intent::Unknown`], unread.
pub fn interpret(text: &str, open: Option<&Draft>) -> Interpretation {
    interpret_by(reader::learned(), text, open)
}

/// The same with another model than the built-in one.
pub(crate) fn interpret_by(model: &Model, text: &str, open: Option<&Draft>) -> Interpretation {
    let unknown = |language| Interpretation {
        intent: Intent::Unknown,
        slots: Slots::default(),
        language,
        about: None,
        which: None,
        jobs: Vec::new(),
        all: false,
        again: false,
        same_data: false,
        others: Vec::new(),
        small_talk: None,
        act: None,
        named: Vec::new(),
        weighed: Slots::default(),
        wishes: Vec::new(),
        start: None,
        from: None,
        states: Vec::new(),
        sure: true,
        confidence: 1.0,
        unclear: false,
        nearest: Vec::new(),
    };
    if text.chars().nth(limits::PROMPT_CHARS).is_some() {
        return unknown(language(text, open));
    }
    let language = language(text, open);
    let heard = Heard::new(&model.numbers, text, open);
    let Settled { intent, confidence, unclear, nearest } = heard.settle(model);
    let with_values = |intent: Intent| (intent, Heard::new(&model.numbers, text, open).meant(intent).slots);
    let nearest = match heard.to_choose_from(nearest.first().copied()) {
        choices if choices.is_empty() => nearest.into_iter().map(with_values).collect(),
        choices => choices,
    };
    Interpretation { language, confidence, unclear, nearest, ..heard.meant(intent) }
}

/// Reads the values of a turn that is known to be for this.
pub(crate) fn interpret_as(text: &str, open: Option<&Draft>, intent: Intent) -> Interpretation {
    Interpretation {
        language: language(text, open),
        ..Heard::new(&reader::learned().numbers, text, open).meant(intent)
    }
}

/// Korean where there is any Hangul outside a path; a turn without words keeps the conversation's language.
fn language(text: &str, open: Option<&Draft>) -> Language {
    let words = text.split_whitespace().filter(|word| !word.contains(['/', '\\']));
    let hangul =
        |c: char| is_hangul(c) || ('\u{1100}'..='\u{11FF}').contains(&c) || ('ㄱ'..='ㅣ').contains(&c);
    let (mut korean, mut latin) = (false, false);
    for word in words {
        korean |= word.contains(hangul);
        latin |= word.contains(|c: char| c.is_ascii_alphabetic());
    }
    let before = open.and_then(|draft| draft.language);
    match (korean, latin) {
        (true, _) => Language::Korean,
        (false, true) => Language::English,
        (false, false) if text.contains(hangul) && before.is_none() => Language::Korean,
        (false, false) => before.unwrap_or(Language::English),
    }
}

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
#[rustfmt::skip]
const ALL: &[&str] = &[
    "all jobs", "all the jobs", "all my jobs", "all of my jobs", "every job", "all runs", "all the runs", "all my runs", "all of them", "them all", "everything", "all training*",
    "all the training*", "전부", "모두", "모든", "몽땅", "싹다", "전체", "다취소", "다멈", "다중단", "다중지", "다꺼", "다그만",
];
#[rustfmt::skip]
const OR: &[&str] = &["or", "아니면", "또는", "혹은"];
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

/// Below this a question about a job that names nothing else is the one that was asked before.
const SURE_OF_QUESTION: f64 = 0.9;

fn leans(intent: Intent, confidence: f64) -> bool {
    matches!(intent, Intent::Results | Intent::Explain) && confidence < SURE_OF_QUESTION
}

struct Settled {
    intent: Intent,
    confidence: f64,
    unclear: bool,
    nearest: Vec<Intent>,
}

/// A turn whose values have been found, and masked in its text.
pub(crate) struct Heard<'m> {
    learned: &'m Linear,
    text: Text,
    slots: Slots,
    found: Found,
    before: Before,
    lacks_data: bool,
    mentions: Vec<models::Mention>,
    resized: Option<&'static catalog::Model>,
    task: Option<Task>,
    path: Option<String>,
    /// The settings that are named, by their wire names.
    names: Vec<&'static str>,
    /// The numbers that stand beside a name.
    beside: Slots,
    /// Those that are named one after the other.
    jobs: Vec<String>,
    /// Those that are named, of which it is not known which is meant.
    rivals: Vec<String>,
    /// Jobs are named, or taken back.
    names_some: bool,
    /// The numbers that are no change of another.
    pub(crate) numbers: Vec<Number>,
}

impl<'m> Heard<'m> {
    /// `learned` tells which settings numbers are for.
    pub(crate) fn new(learned: &'m Linear, text: &str, open: Option<&Draft>) -> Heard<'m> {
        let before = open.map(|draft| draft.before).unwrap_or_default();
        let open = open.filter(|draft| !draft.closed);
        let mut text = Text::new(text);
        let text = &mut text;
        let mut slots = Slots::default();
        let mut paths = paths::take(text);
        let mut mentions = models::take(text);
        slots.versions = registry::take_versions(text);
        // What a job was taken back for counts before all that is read of jobs otherwise.
        let free = |cues: &Cues| open.is_none() && mentions.is_empty() && !intents::makes_or_repeats(cues);
        let left = jobs::take_back(text, |text| {
            let cues = Cues::new(text);
            jobs::counts_jobs(&cues, free(&cues) || jobs::asked_about(&cues) || jobs::ordered(&cues))
        });
        let several = if left.job.is_none() { jobs::take_several(text) } else { Vec::new() };
        if paths.is_empty()
            && let Some(path) =
                paths::take_known(text).or_else(|| paths::take_named(text, !mentions.is_empty()))
        {
            paths.push(paths::Mention { range: 0..0, path, denied: false });
        }
        slots.job = left.job.or_else(|| jobs::take_run(text)).or_else(|| jobs::take(text)).or_else(|| {
            let cues = Cues::new(text);
            let free = free(&cues);
            jobs::take_counted(text, &cues, free)
                .or_else(|| if free && paths.is_empty() { jobs::take_asked(text, &cues) } else { None })
        });
        slots.resources = accelerators::take(text);
        slots.optimizer = options::take_optimizer(text);
        slots.device = options::take_device(text);
        let worded = Cues::new(text);
        slots.priority = options::priority(&worded);
        let base = open.map(Draft::base).unwrap_or_default();
        let nothing_else = slots.job.is_none() && paths.is_empty() && mentions.is_empty();
        let answers = nothing_else && !worded.is_question() && !jobs::asked_about(&worded);
        let last = open.and_then(|draft| draft.last).filter(|_| answers);
        let numbers = quantities::take(learned, text, &mut slots, &base, last);
        let names = numbers.names.iter().map(|slot| slot.name());
        let names = names.chain(options::named(&worded)).collect();
        // After the numbers, so that "ten times smaller" is theirs.
        let measure = models::measured_by(text, &mentions);
        let resizable = measure
            .or_else(|| open.and_then(|draft| draft.slots.meant_model()).filter(|_| mentions.is_empty()));
        let resized = resizable.and_then(|model| models::resized(text, model));
        if resized.is_some() {
            mentions.clear();
        }
        let sorts = || mentions.is_empty() && intents::makes_or_changes(&worded) && classes::contrasts(text);
        let task = tasks::left(text)
            .or_else(|| options::task(&worded))
            .or_else(|| sorts().then_some(Task::Classify));
        let listed = open.map_or(&[][..], |draft| &draft.slots.classes);
        slots.classes = classes::take(text, task.is_some() || !mentions.is_empty(), listed);
        let path = paths.iter().rev().find(|path| !path.denied).map(|path| path.path.clone());
        let found = Found {
            task: task.is_some(),
            models: mentions.len(),
            classes: !slots.classes.is_empty(),
            path: path.is_some(),
            image: path.as_deref().is_some_and(paths::is_image),
            job: slots.job.is_some(),
            setting: slots.has_setting(),
            only_device: slots.device.is_some()
                && !numbers.changed
                && resized.is_none()
                && !Slots { device: None, ..slots.clone() }.has_setting(),
            changed: numbers.changed,
            named: numbers.named,
            resized: resized.is_some(),
            open: open.is_some(),
            open_described: open
                .is_some_and(|draft| draft.slots.task.is_some() || draft.slots.model.is_some()),
        };
        // "3 or 4" is one of them, and both only where they are compared.
        let rivals = match several.as_slice() {
            [] => left.rivals,
            several if worded.any(OR) => several.to_vec(),
            _ => Vec::new(),
        };
        Heard {
            learned,
            text: std::mem::take(text),
            slots,
            found,
            before,
            lacks_data: open.is_some_and(|draft| draft.slots.dataset.is_none()),
            mentions,
            resized,
            task,
            path,
            names,
            beside: numbers.weighed,
            rivals,
            names_some: left.names_some,
            jobs: several,
            numbers: numbers.numbers,
        }
    }

    /// Whether a setting is named, with or without a value.
    pub(crate) fn names_setting(&self) -> bool {
        self.found.named
    }

    pub(crate) fn features(&self) -> Features {
        Features::of(
            &self.text,
            State { found: self.found, before: self.before, lacks_data: self.lacks_data },
        )
    }

    /// The same as if nothing had been said before.
    fn features_alone(&self) -> Features {
        let before = Before { said: None, ..self.before };
        Features::of(&self.text, State { found: self.found, before, lacks_data: self.lacks_data })
    }

    /// What the turn is for. An act that is not ordered clearly is asked about.
    fn settle(&self, model: &Model) -> Settled {
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
    fn to_choose_from(&self, nearest: Option<Intent>) -> Vec<(Intent, Slots)> {
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
