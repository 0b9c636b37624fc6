//! Finds which GPUs a turn asks for: `H100 두 장`, "two A100s", `메모리 40기가 이상 GPU`.

use std::ops::Range;

use trainyard_events::Resources;

use crate::negation::denied;
use crate::text::{Text, VALUE};

/// Kinds that are nothing else, wherever they stand.
const KINDS: [&str; 15] = [
    "h100", "h200", "h800", "a100", "a800", "a6000", "b100", "b200", "gb200", "v100", "p100", "l40s",
    "rtx 4090", "rtx 3090", "rtx 5090",
];
/// Kinds that may be something else, and are one beside a number or the word for a GPU.
const SHORT_KINDS: [&str; 8] = ["a10", "a10g", "a16", "a30", "a40", "l4", "l40", "t4"];
const GPU: [&str; 9] = [
    "gpus",
    "gpu",
    "지피유",
    "그래픽카드",
    "그래픽 카드",
    "graphics cards",
    "graphics card",
    "accelerators",
    "accelerator",
];
/// What GPUs are counted in, after a number.
const COUNTERS: [&str; 4] = ["장", "개", "대", "x"];
const NUMBERS: [(&str, u32); 24] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("한", 1),
    ("두", 2),
    ("세", 3),
    ("네", 4),
    ("다섯", 5),
    ("여섯", 6),
    ("일곱", 7),
    ("여덟", 8),
    ("하나", 1),
    ("둘", 2),
    ("셋", 3),
    ("넷", 4),
    ("a single", 1),
    ("single", 1),
    ("a pair of", 2),
    ("both", 2),
];
/// The longest number with what stands between it and what it counts.
const NUMBER_CHARS: usize = 12;
const MEMORY: [&str; 6] = ["메모리", "memory", "vram", "브이램", "램", "ram"];
const GB: [&str; 6] = ["gib", "gb", "기가바이트", "기가", "g", "gigabytes"];

/// What is asked for, masked out where it stands.
pub(crate) fn take(text: &mut Text) -> Option<Resources> {
    let mut asked = Resources::default();
    let mut found = Vec::new();
    if let Some((range, kind)) = kind(text) {
        asked.gpu = Some(kind);
        let (whole, count) = counted(text, range);
        asked.gpus = count;
        found.push(whole);
    } else if let Some((range, count)) = gpus(text) {
        asked.gpus = Some(count);
        found.push(range);
    }
    if let Some((range, gb)) = memory(text, !found.is_empty()) {
        asked.gpu_memory_gb = Some(gb);
        found.push(range);
    }
    if found.is_empty() || found.iter().any(|range| denied(text, range, false)) {
        return None;
    }
    found.into_iter().for_each(|range| text.mask(range, VALUE));
    Some(asked)
}

/// The values of the one, and those of the other where that says nothing.
pub(crate) fn or(one: Option<Resources>, other: Option<Resources>) -> Option<Resources> {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.or(other),
    };
    Some(Resources {
        gpus: one.gpus.or(other.gpus),
        gpu: one.gpu.or(other.gpu),
        gpu_memory_gb: one.gpu_memory_gb.or(other.gpu_memory_gb),
        labels: if one.labels.is_empty() { other.labels } else { one.labels },
        unread: one.unread,
    })
}

/// The last kind that is named, as makers write it.
fn kind(text: &Text) -> Option<(Range<usize>, String)> {
    let mut places = (0..text.len()).rev().filter(|at| !is_alphanumeric(text.before(*at)));
    places.find_map(|at| {
        let plain = text.any_at(at, &KINDS);
        let name_end = plain.or_else(|| text.any_at(at, &SHORT_KINDS))?;
        let end = name_end + usize::from(text.at(name_end) == 's');
        let range = at..end;
        // `A100s`, and not `A1000`.
        let is_whole = !is_alphanumeric(text.at(end));
        let beside = || counted(text, range.clone()).1.is_some() || is_beside_gpu(text, &range);
        let is_kind = is_whole && (plain.is_some() || beside());
        is_kind.then(|| (range.clone(), written(&text.said(at..name_end))))
    })
}

/// `RTX 4090` has its space, however it was typed.
fn written(kind: &str) -> String {
    let kind = kind.to_uppercase();
    match kind.strip_prefix("RTX") {
        Some(number) => format!("RTX {}", number.trim_matches(|char: char| !char.is_ascii_digit())),
        None => kind,
    }
}

/// The kind with the number that stands beside it.
fn counted(text: &Text, kind: Range<usize>) -> (Range<usize>, Option<u32>) {
    let after = text.any_at(text.skip_spaces(kind.end), &GPU);
    let end = after.unwrap_or(kind.end);
    if let Some((count, after)) = number(text, text.skip_spaces(end))
        && let Some(counter) = text.any_at(text.skip_spaces(after), &COUNTERS)
    {
        return (kind.start..counter, Some(count));
    }
    match number_before(text, kind.start, text.before(end) == 's') {
        Some((start, count)) => (start..end, Some(count)),
        None => (kind.start..end, None),
    }
}

/// `GPU 4장`, "4 gpus", `GPU를 네 개`.
fn gpus(text: &Text) -> Option<(Range<usize>, u32)> {
    let mut at = 0;
    while let Some(word) = text.find_any(at, &GPU) {
        let particle = text.any_at(word.end, &["를", "을", "는", "은"]).unwrap_or(word.end);
        if let Some((count, after)) = number(text, text.skip_spaces(particle))
            && let Some(end) = text.any_at(text.skip_spaces(after), &COUNTERS)
        {
            return Some((word.start..end, count));
        }
        if let Some((start, count)) = number_before(text, word.start, text.before(word.end) == 's') {
            return Some((start..word.end, count));
        }
        at = word.end;
    }
    None
}

/// `메모리 40기가 이상`, "40 GB of memory": of a GPU, which is named beside it or before.
fn memory(text: &Text, named: bool) -> Option<(Range<usize>, u32)> {
    let word = text.find_any(0, &MEMORY)?;
    if !named && text.find_any(0, &GPU).is_none() && text.any_at(word.start, &["vram", "브이램"]).is_none()
    {
        return None;
    }
    let gb = |at: usize| {
        let (gb, after) = number(text, at)?;
        Some((gb, text.any_at(text.skip_spaces(after), &GB)?))
    };
    let particle = text.any_at(word.end, &["가", "는", "은", "이"]).unwrap_or(word.end);
    if let Some((said, end)) = gb(text.skip_spaces(particle)) {
        return Some((word.start..end, said));
    }
    // "40 GB of memory", `40기가 메모리`.
    let start = (0..word.start).rev().take(16).find(|at| {
        !is_alphanumeric(text.before(*at)) && gb(*at).is_some_and(|(_, end)| is_joined(text, end..word.start))
    })?;
    gb(start).map(|(said, _)| (start..word.end, said))
}

/// Nothing but "of", "or more" and the like between the two.
fn is_joined(text: &Text, between: Range<usize>) -> bool {
    let words: String = text.low[between].iter().collect();
    words.split_whitespace().all(|word| matches!(word, "of" | "or" | "more" | "gpu" | "이상" | "이상의"))
}

fn is_beside_gpu(text: &Text, kind: &Range<usize>) -> bool {
    let before = text.low[..kind.start].iter().collect::<String>();
    let last = before.split_whitespace().next_back().unwrap_or_default();
    GPU.contains(&last) || text.any_at(text.skip_spaces(kind.end), &GPU).is_some()
}

/// A number at `at`, in digits or in words, and where it ends.
fn number(text: &Text, at: usize) -> Option<(u32, usize)> {
    let digits = (at..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
    if digits > at {
        let said: String = text.low[at..digits].iter().collect();
        return Some((said.parse().ok()?, digits));
    }
    let words = NUMBERS.iter().filter_map(|(word, number)| Some((text.word_at(at, word)?, *number)));
    words.max().map(|(end, number)| (number, end))
}

/// "2x H100", "two A100s": where it begins, and how many. Digits alone may be the value of a setting ("batch 4 gpu"), unless
/// what follows is a plural.
fn number_before(text: &Text, end: usize, plural: bool) -> Option<(usize, u32)> {
    (0..end).rev().take(NUMBER_CHARS).find_map(|at| {
        let (count, after) = number(text, at).filter(|_| !is_alphanumeric(text.before(at)))?;
        let times = text.any_at(text.skip_spaces(after), &["x", "장의", "개의", "대의"]);
        let is_count = plural || times.is_some() || !text.at(at).is_ascii_digit();
        let rest = text.skip_spaces(times.unwrap_or(after));
        (is_count && rest == end && text.before(at) != '.').then_some((at, count))
    })
}

fn is_alphanumeric(char: char) -> bool {
    char.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> Option<String> {
        take(&mut Text::new(words)).map(|asked| asked.to_string())
    }

    #[test]
    fn gpus_are_asked_for_in_words() {
        for (words, asked) in [
            ("H100 두 장으로", "2 x H100"),
            ("H100 2장으로 학습해줘", "2 x H100"),
            ("a100 네개 써줘", "4 x A100"),
            ("two A100s please", "2 x A100"),
            ("train on 4x H100", "4 x H100"),
            ("on an H200", "1 x H200"),
            ("H100에서 돌려줘", "1 x H100"),
            ("T4 GPU 한 장이면 돼", "1 x T4"),
            ("use two gpus", "2 x GPU"),
            ("GPU 4장으로", "4 x GPU"),
            ("gpu를 두 개 쓰고 싶어", "2 x GPU"),
            ("메모리 40기가 이상 GPU", "1 x GPU, 40 GB"),
            ("a gpu with 24 GB of memory", "1 x GPU, 24 GB"),
            ("A100 메모리 80GB짜리", "1 x A100, 80 GB"),
            ("rtx4090으로", "1 x RTX 4090"),
            ("batch 16 on 2 H100s", "2 x H100"),
            ("L40S 두 대", "2 x L40S"),
        ] {
            assert_eq!(said(words).as_deref(), Some(asked), "{words}");
        }
    }

    #[test]
    fn what_asks_for_none_is_left_alone() {
        for words in [
            "resnet18 30 에폭",
            "gpu로 학습해줘",
            "gpu 0번에서",
            "H100 말고",
            "not on the H100",
            "배치 4 GPU로",
            "batch 16 gpu",
            "메모리가 부족해서 멈췄어",
            "클래스는 a10, b20",
            "batch 40",
            "메모리 40기가",
        ] {
            assert_eq!(said(words), None, "{words}");
        }
    }
}
