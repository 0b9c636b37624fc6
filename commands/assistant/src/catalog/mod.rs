//! The model catalog: what people name, what it is, and who trains it.

pub mod defaults;
mod families;
mod runners;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Serialize;
use trainyard_events::config::Task;

use families::{Family, YOLO_TASKS};
pub use runners::Runners;

/// Who trains a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    /// Trainyard's own trainer, today.
    Native,
    /// Trainyard's own trainer, not yet.
    NativePlanned,
    /// This one, which a worker that is up has.
    Installed(String),
    /// The runners below are programs of their own, which a worker may have.
    Timm,
    Torchvision,
    Ultralytics,
    Transformers,
    Anomaly,
    /// Known by name only.
    None,
}

impl Runner {
    /// The name people know the runner by.
    pub fn label(&self) -> &str {
        match self {
            Runner::Installed(name) => name,
            Runner::Native | Runner::NativePlanned => "Trainyard",
            Runner::Timm => "timm (Apache-2.0)",
            Runner::Torchvision => "torchvision (BSD-3-Clause)",
            Runner::Ultralytics => "Ultralytics (AGPL-3.0)",
            Runner::Transformers => "Hugging Face Transformers (Apache-2.0)",
            Runner::Anomaly => "anomaly (timm, Apache-2.0)",
            Runner::None => "-",
        }
    }

    /// In one word: as a configuration names it, or what our own trainer does with it.
    pub fn word(&self) -> &str {
        match self {
            Runner::Native => "native",
            Runner::NativePlanned => "native_planned",
            Runner::None => "none",
            _ => self.name().unwrap_or_default(),
        }
    }

    /// The name to install it by; our own trainer has none, nor has what nobody trains.
    pub fn name(&self) -> Option<&str> {
        match self {
            Runner::Installed(name) => Some(name),
            Runner::Timm => Some("timm"),
            Runner::Torchvision => Some("torchvision"),
            Runner::Ultralytics => Some("ultralytics"),
            Runner::Transformers => Some("transformers"),
            Runner::Anomaly => Some("anomaly"),
            Runner::Native | Runner::NativePlanned | Runner::None => None,
        }
    }
}

/// One model of the catalog.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// Lower case, such as `yolo11n-seg`.
    pub id: String,
    pub family: Cow<'static, str>,
    pub task: Task,
    /// As published for ImageNet or COCO; `None` where no count is certain.
    pub parameters: Option<u64>,
    /// Default side in pixels.
    pub image_size: u32,
    pub licence: Cow<'static, str>,
    /// Whether Trainyard's own trainer trains it today.
    pub native: bool,
    pub runner: Runner,
    /// Other ways to write it, in both languages, without separators and in lower case.
    pub aliases: Vec<String>,
    /// Position in the family, smallest first.
    #[serde(skip)]
    pub(crate) rank: usize,
}

/// Pixels: the side of the coarsest cells of a YOLO, whose images have whole ones.
const YOLO_CELL: u32 = 32;

impl Model {
    /// The sides in pixels nearest to `side` that it takes; empty when it takes `side`.
    pub fn sides_near(&self, side: u32) -> Vec<u32> {
        if !self.id.starts_with("yolo") || self.task == Task::Classify || side.is_multiple_of(YOLO_CELL) {
            return Vec::new();
        }
        let above = side.next_multiple_of(YOLO_CELL);
        [above - YOLO_CELL, above].into_iter().filter(|near| *near > 0).collect()
    }
}

/// Why a model of the catalog cannot be trained now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTrainable {
    #[error("{id} is planned, but this version does not train it yet; choose {instead}")]
    Planned { id: String, instead: &'static str },
    #[error(
        "{id} needs the {runner} runner, which no worker has; `trainyard runners install {install}`, or choose {instead}"
    )]
    NeedsRunner { id: String, runner: String, install: String, instead: &'static str },
}

static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| families::all().flat_map(members).collect());

static BY_ALIAS: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let mut index = HashMap::new();
    for (position, model) in MODELS.iter().enumerate() {
        index.entry(key(&model.id)).or_insert(position);
    }
    for (position, model) in MODELS.iter().enumerate() {
        for alias in &model.aliases {
            index.entry(alias.clone()).or_insert(position);
        }
    }
    index
});

/// The first two characters of every name.
static BEGINNINGS: LazyLock<HashSet<(char, char)>> = LazyLock::new(|| {
    BY_ALIAS.keys().filter_map(|alias| alias.chars().next().zip(alias.chars().nth(1))).collect()
});

/// Whether any name begins with these two characters.
pub(crate) fn begins(first: char, second: char) -> bool {
    BEGINNINGS.contains(&(first, second))
}

/// How a ResNet is written by who trains many: `r50`, `rn50`.
fn in_short(id: &str) -> impl Iterator<Item = String> {
    let size = id.strip_prefix("resnet").filter(|size| size.bytes().all(|byte| byte.is_ascii_digit()));
    size.into_iter().flat_map(|size| [format!("r{size}"), format!("rn{size}")])
}

fn members(family: &'static Family) -> Vec<Model> {
    let yolo = matches!(family.name, "YOLO11" | "YOLOv8" | "YOLO26");
    let tasks = if yolo { &YOLO_TASKS[..] } else { &YOLO_TASKS[..1] };
    let mut models = Vec::new();
    for (suffix, task, task_words) in tasks {
        for (rank, (id, parameters, words)) in family.members.iter().enumerate() {
            let mut aliases = Vec::new();
            for name in family.names {
                for word in *words {
                    for task_word in task_words.iter().filter(|word| yolo || word.is_empty()) {
                        aliases.push(format!("{name}{word}{task_word}"));
                        if !word.is_empty() && !task_word.is_empty() {
                            aliases.push(format!("{name}{task_word}{word}"));
                        }
                    }
                }
            }
            let id = format!("{id}{suffix}");
            aliases.extend(in_short(&id));
            let parameters = match id.as_str() {
                "yolo11n-seg" => 2_876_848,
                "yolo11n-pose" => 2_908_507,
                "yolo11s-seg" => 10_113_248,
                "yolo11s-pose" => 9_948_811,
                "yolo11m-seg" => 22_420_896,
                "yolo11m-pose" => 20_973_273,
                "yolo11l-seg" => 27_678_368,
                "yolo11l-pose" => 26_230_745,
                "yolo11x-seg" => 62_142_656,
                "yolo11x-pose" => 58_889_881,
                _ if suffix.is_empty() => *parameters,
                _ => 0,
            };
            let runner = match &family.runner {
                Runner::Native if *suffix == "-cls" => Runner::NativePlanned,
                runner => runner.clone(),
            };
            models.push(Model {
                id,
                family: Cow::Borrowed(family.name),
                task: if suffix.is_empty() { family.task } else { *task },
                parameters: (parameters > 0).then_some(parameters),
                image_size: if *task == Task::Classify && !suffix.is_empty() {
                    224
                } else {
                    family.image_size
                },
                licence: Cow::Borrowed(family.licence),
                native: runner == Runner::Native,
                runner,
                aliases,
                rank,
            });
        }
    }
    models
}

/// A name without separators, in lower case.
pub(crate) fn key(name: &str) -> String {
    name.chars().filter(|c| !is_separator(*c)).flat_map(char::to_lowercase).collect()
}

pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '_' | '.' | '/')
}

pub fn all() -> &'static [Model] {
    &MODELS
}

/// By catalog id.
pub fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// By id or any other name, as [`key`] writes it.
pub(crate) fn by_key(key: &str) -> Option<&'static Model> {
    BY_ALIAS.get(key).map(|position| &MODELS[*position])
}

/// What we advise where the user names no model.
pub fn recommended(task: Task) -> &'static Model {
    let id = match task {
        Task::Classify => "resnet18",
        Task::Detect => "yolo11n",
        Task::Segment => "yolo11n-seg",
        Task::Pose => "yolo11n-pose",
        Task::Anomaly => "patchcore-resnet18",
    };
    find(id).expect("every task's recommended model is in the catalog")
}

/// Models for `task` whose id, family or other names contain `words`, natively trained ones first.
pub fn search(words: &str, task: Option<Task>) -> Vec<&'static Model> {
    let wanted = key(words);
    let mut found: Vec<_> = MODELS
        .iter()
        .filter(|model| task.is_none_or(|task| model.task == task))
        .filter(|model| {
            wanted.is_empty()
                || key(&model.id).contains(&wanted)
                || key(&model.family).contains(&wanted)
                || model.aliases.iter().any(|alias| alias.contains(&wanted))
        })
        .collect();
    found.sort_by_key(|model| !model.native);
    found
}

/// Whether weights are published for a model of our own trainer: those that its `describe` names.
pub(crate) fn is_published(model: &Model) -> bool {
    model.native && model.family == "ResNet"
}

/// The model as whoever trains it now names it: our own trainer, or a runner of a worker that is up. Or what to choose
/// instead.
pub fn trainable_now<'a>(model: &'a Model, runners: &'a Runners) -> Result<&'a Model, NotTrainable> {
    if let Runner::Native | Runner::Installed(_) = model.runner {
        return Ok(model);
    }
    if let Some(found) = runners.trains(&model.id, model.task) {
        return Ok(found);
    }
    let instead = match model.task {
        Task::Classify => "resnet18, resnet34 or resnet50",
        Task::Detect => "yolo11n, yolo11s or yolo11m",
        Task::Segment => "yolo11n-seg, yolo11s-seg or yolo11m-seg",
        Task::Pose => "yolo11n-pose, yolo11s-pose or yolo11m-pose",
        // Whoever has photos of defects can sort them instead.
        Task::Anomaly => "resnet18, resnet34 or resnet50, which learn from photos of defects, too",
    };
    let id = model.id.clone();
    Err(match (model.runner.name(), model.runner.label()) {
        (Some(name), label) => {
            NotTrainable::NeedsRunner { id, runner: label.to_owned(), install: name.to_owned(), instead }
        }
        (None, _) => NotTrainable::Planned { id, instead },
    })
}

/// The same model for another task, such as `yolo11n-seg` for `yolo11n`, or `patchcore-resnet18` for `resnet18`.
pub(crate) fn for_task(model: &Model, task: Task) -> Option<&'static Model> {
    if task == Task::Anomaly {
        return find(&format!("patchcore-{}", model.id));
    }
    let base = model.id.split("-seg").next()?.split("-pose").next()?.split("-cls").next()?;
    MODELS
        .iter()
        .find(|other| other.family == model.family && other.task == task && other.id.starts_with(base))
}

/// The member of the same family and task that `word` (`nano`, `나노`, `m`) names.
pub(crate) fn sized(model: &Model, word: &str) -> Option<&'static Model> {
    let kin = families::all().filter(|family| is_kin(family.name, &model.family));
    kin.filter(|_| !word.is_empty()).find_map(|family| {
        let rank = family.members.iter().position(|(_, _, words)| words.contains(&word))?;
        siblings(model).find(|other| other.family == family.name && other.rank == rank)
    })
}

/// The next larger (`+1`) or smaller (`-1`) member; the same one at the end.
pub(crate) fn stepped(model: &'static Model, step: i64) -> &'static Model {
    let members: Vec<_> = siblings(model).collect();
    let here = members.iter().position(|other| other.id == model.id);
    let there = here.and_then(|here| here.checked_add_signed(step as isize));
    there.and_then(|there| members.get(there)).copied().unwrap_or(model)
}

/// The largest or the smallest of the family.
pub(crate) fn extreme(model: &'static Model, largest: bool) -> &'static Model {
    let mut members = siblings(model);
    let found = if largest { members.last() } else { members.next() };
    found.unwrap_or(model)
}

/// The models of the same family and task, the smallest first.
fn siblings(model: &Model) -> impl Iterator<Item = &'static Model> {
    MODELS.iter().filter(move |other| is_kin(&other.family, &model.family) && other.task == model.task)
}

/// Whether two names are of one family: `ResNet (large)` holds those of ResNet that another runner trains.
fn is_kin(one: &str, other: &str) -> bool {
    let plain = |name: &'_ str| name.find(" (").unwrap_or(name.len());
    one[..plain(one)] == other[..plain(other)]
}

/// The names nearest to one that the catalog does not have, best first.
pub fn nearest(name: &str, count: usize) -> Vec<&'static str> {
    nearest_of(MODELS.iter().map(|model| model.id.as_str()), name, count)
}

pub(crate) fn nearest_of<'a>(ids: impl Iterator<Item = &'a str>, name: &str, count: usize) -> Vec<&'a str> {
    let wanted: Vec<char> = key(name).chars().take(40).collect();
    let mut ranked: Vec<(usize, &str)> =
        ids.map(|id| (distance(&wanted, &key(id).chars().collect::<Vec<_>>()), id)).collect();
    ranked.sort();
    ranked.into_iter().take(count).map(|(_, id)| id).collect()
}

/// Edits between two names.
pub(crate) fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}
