//! Jobs that a turn names and takes back: `8번 취소해줘, 아 미안 8번 말고 9번`, "job 5, scratch that, job 6", "3, no 4, no 5".

use std::ops::Range;

use super::mentions::{Mention, is_ordered, mentions};
use crate::corrections;
use crate::lexicon::jobs::{AMONG, ON_ITS_OWN};
use crate::text::{JOB, Text, is_hangul, is_wordy};

/// The most of a Korean sentence that follows the object of its verb.
const VERB_CHARS: usize = 24;

/// What is left of the jobs that a turn names, once it has taken some of them back.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// The one that is meant instead, masked out.
    pub(crate) job: Option<String>,
    /// Those that may each be meant; none where the turn names at most one.
    pub(crate) rivals: Vec<String>,
    /// Jobs are named or taken back, so that an act without a job is not done to the one spoken of before.
    pub(crate) names_some: bool,
}

/// Goes through the jobs in order, and masks those that are taken back, so that nobody else reads them. `counts` is asked
/// only where there is something to tell apart: whether `7번` names a job here, and counts no runs.
pub(crate) fn take_back(text: &mut Text, counts: impl FnOnce(&Text) -> bool) -> Left {
    let all = mentions(text);
    if all.len() < 2 && !all.iter().any(|mention| mention.is_left) {
        return Left::default();
    }
    let leaves_some = all.iter().any(|mention| mention.is_left && mention.is_marked);
    let all = if counts(text) { all } else { all.into_iter().filter(|it| it.is_named).collect() };
    let mut weighed = Weighed::default();
    all.iter().for_each(|mention| weighed.hear(text, mention));
    let Weighed { meant, back, .. } = weighed;
    for mention in all.iter().filter(|it| it.is_left || back.contains(&it.value)) {
        text.mask(mention.name.clone(), JOB);
    }
    let names_some = leaves_some || !back.is_empty() || all.iter().any(|mention| mention.is_marked);
    let job = match meant.as_slice() {
        [only] if !back.is_empty() || is_among_others(&all, only) => Some(only.clone()),
        [] | [_] => None,
        _ => ordered_again(text, &all, &meant),
    };
    let job = job.map(|job| masked(text, &all, &job));
    let rivals = if job.is_none() && meant.len() > 1 { meant } else { Vec::new() };
    Left { job, rivals, names_some }
}

/// Whether other jobs are named that are neither meant nor taken back: those that it was chosen from.
fn is_among_others(all: &[Mention], job: &str) -> bool {
    all.iter().any(|mention| mention.is_marked && mention.value != job)
}

/// The job, with everything that names it masked out.
fn masked(text: &mut Text, all: &[Mention], job: &str) -> String {
    for mention in all.iter().filter(|mention| mention.value == job) {
        text.mask(mention.whole.clone(), JOB);
    }
    job.to_owned()
}

/// The jobs that are meant so far, and those that are not any more.
#[derive(Default)]
struct Weighed {
    meant: Vec<String>,
    back: Vec<String>,
    last: Option<Range<usize>>,
}

impl Weighed {
    fn hear(&mut self, text: &Text, mention: &Mention) {
        let from = self.last.replace(mention.whole.clone()).map(|last| last.end);
        let value = &mention.value;
        let goes_on = goes_on_by_itself(text, mention.whole.end);
        if mention.is_left {
            self.take_back(value.clone());
        } else if from
            .is_some_and(|from| corrections::leads(text, from..mention.whole.start, !mention.is_marked))
            && !goes_on
        {
            let replaced = self.meant.pop();
            replaced.into_iter().for_each(|other| self.take_back(other));
            self.mean(value.clone());
        } else if from.is_some_and(|from| is_among(text, from, mention)) {
            self.meant.clear();
            self.mean(value.clone());
        } else if mention.is_marked && !self.meant.contains(value) {
            // "We said to leave job 8. I changed my mind, stop job 8": where no other has been meant since.
            let is_back = self.back.contains(value);
            if !is_back || self.meant.is_empty() && !goes_on {
                self.mean(value.clone());
            }
        }
    }

    fn mean(&mut self, value: String) {
        self.back.retain(|other| *other != value);
        self.meant.push(value);
    }

    fn take_back(&mut self, value: String) {
        self.meant.retain(|other| *other != value);
        self.back.push(value);
    }
}

/// "No, job 6 is fine", `아니 9번도`: a job of which something else is said, or one more.
fn goes_on_by_itself(text: &Text, end: usize) -> bool {
    text.any_at(text.skip_spaces(end), ON_ITS_OWN).is_some()
}

/// `3번 4번 중에 4번`: the one of those before.
fn is_among(text: &Text, from: usize, mention: &Mention) -> bool {
    (from..mention.whole.start).any(|at| text.any_at(at, AMONG).is_some_and(|end| !is_hangul(text.at(end))))
}

/// The job that is said once more where the order stands: `5번인지 6번인지 헷갈렸는데 6번 꺼줘`, "3 is as good as 5, so cancel job 5".
/// What else is named only once was told around it.
fn ordered_again(text: &Text, all: &[Mention], meant: &[String]) -> Option<String> {
    let times = |value: &String| all.iter().filter(|mention| mention.value == *value).count();
    let last = all.last().filter(|last| meant.contains(&last.value) && times(&last.value) > 1)?;
    let alone = meant.iter().all(|value| *value == last.value || times(value) == 1);
    (alone && is_object(text, last)).then(|| last.value.clone())
}

/// Whether a short end of the sentence is all that follows a job in Korean, or a verb of order precedes it in English.
fn is_object(text: &Text, mention: &Mention) -> bool {
    let end = (mention.whole.end..text.len()).rev().find(|at| is_wordy(text.low[*at]));
    let Some(end) = end else { return is_ordered(text, mention.whole.start) };
    let rest = &text.low[mention.whole.end..=end];
    let is_verb = rest.len() <= VERB_CHARS && rest.iter().all(|c| is_hangul(*c) || *c == ' ');
    is_verb || is_ordered(text, mention.whole.start)
}
