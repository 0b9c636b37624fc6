//! Finds the words that choose: task, optimizer, device, priority.

use trainyard_events::config::{Device, Optimizer, Priority, Task};

use crate::cues::Cues;
use crate::lexicon::intents::{MAKE, MODEL_WORD};
use crate::lexicon::options::{
    ANOMALY, CLASSIFY, DETECT, DEVICE_PARTS, DEVICE_STATES, DEVICES, FIND, HIGH, LEVELS, LOW, NORMAL,
    OPTIMIZERS, POSE, PRIORITY, SEGMENT,
};
use crate::negation::{denied, last_word};
use crate::text::{First, Text, VALUE};

/// The optimizer meant, masked out.
pub(crate) fn take_optimizer(text: &mut Text) -> Option<Optimizer> {
    take_last(text, OPTIMIZERS).and_then(|(value, denied)| (!denied).then_some(value))
}

/// The device meant, masked out. Not on the one is on the other.
pub(crate) fn take_device(text: &mut Text) -> Option<Device> {
    take_last(text, DEVICES).map(|(value, denied)| match (value, denied) {
        (Device::Gpu, true) => Device::Cpu,
        (Device::Cpu, true) => Device::Gpu,
        (value, _) => value,
    })
}

/// How far behind the verb a remark about a device goes on.
const REMARK_CHARS_MAX: usize = 24;
/// What a device was that was named by mistake.
const MISTAKES: &[&str] = &["mistake", "typo", "slip", "error", "accident"];

/// "the gpu box is busy", `GPU는 딴 팀이 쓰고 있어서`: a remark about a device, which chooses none.
fn remarked(text: &Text, end: usize) -> bool {
    let mut at = text.skip_spaces(end);
    if text.any_at(at, &["memory", "ram", "vram", "메모리"]).is_some() {
        return true;
    }
    if let Some(part) = text.any_at(at, DEVICE_PARTS) {
        at = text.skip_spaces(part);
    }
    if let Some(particle) = text.any_at(at, &["은", "는", "이", "가", "도"]) {
        let clause_end = (particle..text.len()).find(|at| matches!(text.low[*at], ',' | '.' | '\n'));
        let clause = particle..clause_end.unwrap_or(text.len()).min(particle + 24);
        return clause.into_iter().any(|at| text.any_at(at, DEVICE_STATES).is_some());
    }
    let verb = text.any_at(at, &["is", "are", "isnt", "isn't", "was", "has", "keeps", "runs", "ran"]);
    verb.is_some_and(|verb| {
        let mistaken =
            (verb..text.len().min(verb + REMARK_CHARS_MAX)).any(|at| text.any_at(at, MISTAKES).is_some());
        mistaken || text.any_at(text.skip_spaces(verb), DEVICE_STATES).is_some()
    })
}

/// "only if the gpu is free": what is waited for, and not chosen.
fn supposed(text: &Text, start: usize) -> bool {
    let word = |end| {
        last_word(text, end).map(|word| (text.low[word.clone()].iter().collect::<String>(), word.start))
    };
    let before = match word(start) {
        Some((article, at)) if matches!(article.as_str(), "the" | "a" | "my" | "our") => word(at),
        before => before,
    };
    before.is_some_and(|(said, _)| matches!(said.as_str(), "if" | "once" | "when" | "until" | "unless"))
}

/// The last value that is not denied, or else the last denied one.
fn take_last<T: Copy>(text: &mut Text, words: &[(&str, T)]) -> Option<(T, bool)> {
    let mut mentions = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let first = First::of(text.at(at));
        let here = words.iter().filter(|(word, _)| first.begins(word));
        let longest = here
            .filter_map(|(word, value)| text.word_at(at, word).map(|end| (end, *value)))
            .max_by_key(|(end, _)| *end);
        if let Some((end, value)) = longest {
            mentions.push((at..end, value));
            at = end;
        } else {
            at += 1;
        }
    }
    let count = mentions.len();
    let mut found: Option<(T, bool)> = None;
    for (index, (range, value)) in mentions.into_iter().enumerate() {
        if remarked(text, range.end) || supposed(text, range.start) {
            text.mask(range, VALUE);
            continue;
        }
        let denied = denied(text, &range, index + 1 < count);
        if !denied || found.is_none_or(|(_, denied)| denied) {
            found = Some((value, denied));
        }
        text.mask(range, VALUE);
    }
    found
}

pub(crate) fn priority(cues: &Cues) -> Option<Priority> {
    if cues.any(LOW) || cues.any(&["priority to low", "lower the priority", "우선순위내려", "우선순위를내려"])
    {
        Some(Priority::Low)
    } else if cues.any(NORMAL) {
        Some(Priority::Normal)
    } else if cues.any(HIGH) {
        Some(Priority::High)
    } else if cues.any(PRIORITY) {
        // `우선순위는 그냥 보통으로`: one level anywhere in the turn.
        let mut said = LEVELS.iter().filter(|(_, words)| cues.any(words)).map(|(level, _)| *level);
        said.next().filter(|_| said.next().is_none())
    } else {
        None
    }
}

/// The task in words.
pub(crate) fn task(cues: &Cues) -> Option<Task> {
    if cues.any(ANOMALY) {
        Some(Task::Anomaly)
    } else if cues.any(POSE) {
        Some(Task::Pose)
    } else if cues.any(SEGMENT) {
        Some(Task::Segment)
    } else if cues.any(DETECT) || cues.any(FIND) && !cues.any(MODEL_WORD) {
        Some(Task::Detect)
    } else {
        let tells = cues.any(&["tell", "tells"]) && cues.any(&["from", "apart", "whether", "difference"]);
        // "tell me whether it was stopped" sorts nothing.
        let told =
            || cues.any(&["tell me whether", "tell us whether"]) && !cues.any(MAKE) && !cues.any(MODEL_WORD);
        (tells && !told() || cues.any(CLASSIFY)).then_some(Task::Classify)
    }
}

#[rustfmt::skip]
const NAMED: &[(&str, &[&str])] = &[
    ("model", &["model", "모델"]),
    ("optimizer", &["optimizer", "optimiser", "opt", "옵티마이저", "최적화"]),
    ("device", &["device", "장치", "디바이스"]),
    ("priority", &["priority", "우선순위"]),
    ("dataset", &["dataset", "data", "데이터"]),
    ("classes", &["classes", "클래스"]),
];

/// The settings without numbers that a turn names, by their wire names.
pub(crate) fn named(cues: &Cues) -> impl Iterator<Item = &'static str> {
    NAMED.iter().filter(|(_, words)| cues.any(words)).map(|(name, _)| *name)
}
