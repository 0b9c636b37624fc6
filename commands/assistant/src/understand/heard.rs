//! What a turn says before it is known what for: its values, masked in its text one after the other.

use trainyard_events::config::Task;

use super::Heard;
use crate::cues::Cues;
use crate::draft::{Before, Draft};
use crate::intents::{self, Found};
use crate::reader::{Features, Linear, State};
use crate::slots::Slots;
use crate::text::Text;
use crate::{accelerators, classes, jobs, models, options, paths, quantities, registry, tasks};

#[rustfmt::skip]
const OR: &[&str] = &["or", "아니면", "또는", "혹은"];

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
        slots.job = left.job.or_else(|| job(text, free, paths.is_empty()));
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
        let task = task(text, &worded, mentions.is_empty());
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
        self.features_after(self.before)
    }

    /// The same as if nothing had been said before.
    pub(super) fn features_alone(&self) -> Features {
        self.features_after(Before { said: None, ..self.before })
    }

    fn features_after(&self, before: Before) -> Features {
        Features::of(&self.text, State { found: self.found, before, lacks_data: self.lacks_data })
    }
}

/// The job that is named, or that a number counts. `free` is whether numbers of a turn with these cues may be of jobs.
fn job(text: &mut Text, free: impl Fn(&Cues) -> bool, without_path: bool) -> Option<String> {
    jobs::take_run(text).or_else(|| jobs::take(text)).or_else(|| {
        let cues = Cues::new(text);
        let free = free(&cues);
        jobs::take_counted(text, &cues, free)
            .or_else(|| if free && without_path { jobs::take_asked(text, &cues) } else { None })
    })
}

fn task(text: &Text, cues: &Cues, without_model: bool) -> Option<Task> {
    let sorts = |text: &Text| without_model && intents::makes_or_changes(cues) && classes::contrasts(text);
    tasks::left(text).or_else(|| options::task(cues)).or_else(|| sorts(text).then_some(Task::Classify))
}
