//! A job by its number alone, in a turn that asks or orders what is asked and ordered of jobs.

use std::ops::Range;

use super::is_joined;
use super::named::{left_alone, named};
use crate::cues::Cues;
use crate::lexicon::jobs::{ASKED, COUNTED, DOINGS, ORDERS, SETTINGS};
use crate::lexicon::quantities::CORRECTIONS;
use crate::text::{JOB, Text};

/// How far a corrected number may stand from the first.
const CORRECTION_CHARS: usize = 24;

/// `7번 취소해줘`, `7번 학습 중지`: a number that names a job by what is asked of it, masked out.
///
/// `free` says that nothing else is being described, so that the number counts no runs of it.
pub(crate) fn take_counted(text: &mut Text, cues: &Cues, free: bool) -> Option<String> {
    if !counts_jobs(cues, free) {
        return None;
    }
    let (whole, name) = (0..text.len()).find_map(|at| {
        let from = at + usize::from(text.at(at) == '#');
        if is_joined(text.before(at)) || !text.at(from).is_ascii_digit() {
            return None;
        }
        let end = (from..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
        let counter = text.any_at(end, &["번째", "번"]).filter(|tail| text.low[end..*tail].len() == 1);
        let whole = at..counter.unwrap_or(end);
        let is_meant = (counter.is_some() || from > at) && !left_alone(text, &whole);
        is_meant.then_some((whole, from..end))
    })?;
    Some(named(text, whole, name))
}

/// Whether `7번` names a job in this turn, and counts no runs.
pub(crate) fn counts_jobs(cues: &Cues, free: bool) -> bool {
    let epochs =
        cues.any(&["에폭", "에포크", "epoch*"]) && !(free && cues.any(&["몇", "어디까지", "얼마", "남았"]));
    !(epochs || cues.any(&["조기", "patience"])) && (free || cues.any(DOINGS))
}

/// Whether the turn asks or orders what is asked and ordered of jobs.
pub(crate) fn asked_about(cues: &Cues) -> bool {
    cues.any(DOINGS) || cues.any(ASKED)
}

/// Whether a verb orders what is done to jobs.
pub(crate) fn ordered(cues: &Cues) -> bool {
    cues.any(ORDERS) || cues.any(&["꺼주", "꺼버", "끄", "죽이", "직이", "죽여", "끊"])
}

/// "did 71 finish", "61 failed, logs?": the only number of a turn that asks what is asked of jobs, masked out.
pub(crate) fn take_asked(text: &mut Text, cues: &Cues) -> Option<String> {
    if cues.any(SETTINGS) || !(cues.any(ASKED) || cues.any(&["number"])) {
        return None;
    }
    let said = lone(text)?;
    let at = (0..text.len()).find(|at| text.at(*at).is_ascii_digit() && !is_joined(text.before(*at)))?;
    let end = at + said.chars().count();
    let counted = text.any_at(text.skip_spaces(end), COUNTED).is_some()
        || text.at(end) == '.' && text.at(end + 1).is_ascii_digit();
    if counted {
        return None;
    }
    text.mask(at..end, JOB);
    Some(said)
}

/// In a turn that is about a job: a lone `7번`, `#7`, `model 3` or number.
pub(crate) fn lone(text: &Text) -> Option<String> {
    let mut found: Option<Range<usize>> = None;
    for at in 0..text.len() {
        if text.at(at).is_ascii_digit() && !is_joined(text.before(at)) && text.before(at) != '-' {
            let end = (at..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
            if text
                .any_at(
                    text.skip_spaces(end),
                    &[
                        "에폭",
                        "에포크",
                        "epoch",
                        "epochs",
                        "회",
                        "배",
                        "%",
                        "개",
                        "번째 에폭",
                        "장",
                        "분",
                        "시간",
                        "등",
                    ],
                )
                .is_some()
            {
                continue;
            }
            if left_alone(text, &(at..text.any_at(end, &["번"]).unwrap_or(end))) {
                continue;
            }
            // "cancel 6... no, 16": the second takes the place of the first.
            let between = |first: &Range<usize>| {
                at - first.end < CORRECTION_CHARS
                    && text.find_any(first.end, CORRECTIONS).is_some_and(|no| no.end <= at)
            };
            let stops = text.at(end) == '.' && !text.at(end + 1).is_ascii_digit();
            if found.as_ref().is_some_and(|first| !between(first)) || is_joined(text.at(end)) && !stops {
                return None;
            }
            found = Some(at..end);
        }
    }
    found.map(|found| text.said(found))
}
