//! Finds the words that choose: task, optimizer, device, priority.

use trainyard_events::config::{Device, Optimizer, Priority, Task};

use crate::lexicon::options::{CLASSIFY, DETECT, DEVICES, HIGH, LOW, NORMAL, OPTIMIZERS, POSE, SEGMENT};
use crate::negation::denied;
use crate::text::{Cues, First, Text, VALUE};

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
    } else {
        cues.any(HIGH).then_some(Priority::High)
    }
}

/// The task in words.
pub(crate) fn task(cues: &Cues) -> Option<Task> {
    if cues.any(POSE) {
        Some(Task::Pose)
    } else if cues.any(SEGMENT) {
        Some(Task::Segment)
    } else if cues.any(DETECT) {
        Some(Task::Detect)
    } else {
        let tells = cues.any(&["tell", "tells"]) && cues.any(&["from", "apart", "whether", "difference"]);
        (tells || cues.any(CLASSIFY)).then_some(Task::Classify)
    }
}
