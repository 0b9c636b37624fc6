//! What is asked of jobs and of the models they trained.

use super::Found;
use super::lists::{lists, speaks_of_ended};
use crate::cues::Cues;
use crate::lexicon::{common, intents as cues};
use crate::slots::Intent;
use crate::text::is_hangul;

/// What a turn about jobs may call "the" or "my".
pub(super) const OURS: &[&[&str]] = &[
    cues::JOB_NOUN,
    cues::TRAINED,
    cues::TOPICS,
    cues::AGREEABLE,
    cues::RESULTS,
    cues::STATUS,
    cues::STATUS_OF,
    cues::IT,
    cues::MODEL_WORD,
    cues::LATEST,
];

/// What a turn about jobs may say without speaking of another world.
const KNOWN: [&[&str]; 13] = [
    cues::STATUS,
    cues::STATUS_OF,
    cues::RESULTS,
    cues::TOPICS,
    cues::IT,
    cues::POINTED,
    cues::WHY,
    cues::FAILURE,
    cues::HELP,
    cues::CANCEL,
    cues::RESUME,
    common::ENGLISH,
    common::KOREAN,
];

pub(super) fn predicting(cues: &Cues, found: &Found) -> Option<Intent> {
    // `예측해보고 싶어` wishes for no training.
    let trains = || cues.any(&["학습해", "학습하", "학습시", "훈련해", "훈련하", "훈련시", "만들"]);
    let makes = cues.any(cues::MAKE) && (!cues.any(cues::PREDICT_WISHED) || trains());
    if found.image && !makes {
        return Some(Intent::Predict);
    }
    if found.job && found.path && !found.configures() && !makes {
        return Some(Intent::Predict);
    }
    let model_there = found.path || found.job || cues.any(cues::TRAINED);
    (cues.any(cues::PREDICT)
        && !makes
        && (model_there || cues.starts(cues::PREDICT_AT_START) && !cues.owns_other(OURS))
        && !found.setting)
        .then_some(Intent::Predict)
}

/// "stop the resnet one", "레즈넷 작업 취소해줘": a job by what it trains.
pub(super) fn about_the_job_of_a_model(cues: &Cues, found: &Found) -> Option<Intent> {
    let other = found.task || found.classes || found.path || found.job || found.configures();
    if found.models != 1 || other || cues.any(cues::MAKE) || cues.any(cues::CHANGE_PLAINLY) {
        return None;
    }
    if !cues.any(cues::JOB_OF) {
        return None;
    }
    if cues.any(cues::WHY) && cues.any(cues::FAILURE) {
        return Some(Intent::Explain);
    }
    if cues.any(cues::RESULTS) {
        return Some(Intent::Results);
    }
    if cues.any(cues::RESUME) && !cues.korean_ends_later(cues::CANCEL, cues::RESUME) {
        return Some(Intent::Resume);
    }
    if cues.any(cues::CANCEL) {
        return Some(Intent::Cancel);
    }
    (cues.any(cues::STATUS) || cues.any(cues::STATUS_OF)).then_some(Intent::Status)
}

/// "how do I cancel a job?": asks for the way, and cancels nothing.
pub(super) fn asking_how(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.path || found.job;
    (cues.any(cues::HOW) && !content && !cues.owns_other(OURS)).then_some(Intent::Help)
}

pub(super) fn asking_why(cues: &Cues, found: &Found) -> Option<Intent> {
    let about = found.job || cues.any(cues::JOB_WORD) || cues.words() <= 4 && is_of_the_field(cues);
    // "why so low? show me the confusion matrix" asks to see it.
    let shows = cues.any(cues::ARTIFACT);
    // "it stopped at epoch 3, any idea why?" sets no epochs.
    let changes = found.changed
        || !cues.any(cues::WHY_PLAINLY)
        || found.open
        || cues.any(cues::CHANGE)
        || cues.any(cues::MAKE);
    let fits = !shows
        && (cues.any(cues::WHY) && cues.any(cues::FAILURE) || found.job && cues.any(cues::WHY_PLAINLY))
        && about
        && found.models == 0
        && !(found.configures() && changes);
    fits.then_some(Intent::Explain)
}

pub(super) fn about_jobs(cues: &Cues, found: &Found) -> Option<Intent> {
    if (found.describes() || found.configures() || found.path) && !only_mentions(cues, found) {
        return None;
    }
    let job = found.job || cues.any(cues::JOB_NOUN);
    if !job && cues.owns_other(OURS) {
        return None;
    }
    if cues.any(cues::DEPLOY) && !cues.any(cues::MAKE) {
        return Some(Intent::Deploy);
    }
    let when = || cues.any(&["언제끝", "언제쯤", "얼마나남", "when will"]);
    if lists(cues) && !found.job && !when() && !cues.any(cues::STOPPING) {
        return Some(Intent::ListJobs);
    }
    if speaks_of_ended(cues) && !found.job && !cues.any(cues::RESULTS) {
        return Some(Intent::ListJobs);
    }
    let heard = job || !found.open;
    let results = cues.any(cues::RESULTS);
    let on_topic = || job || is_of_the_field(cues);
    if is_over(cues) && !results && on_topic() {
        return Some(Intent::Status);
    }
    let goes_on = cues.any(cues::RESUME) && !cues.korean_ends_later(cues::CANCEL, cues::RESUME);
    let goes_on = goes_on || found.job && is_set_off(cues);
    let asks = || cues.starts(cues::ASKING_FIRST) || cues.any(cues::ASKING_KOREAN);
    if goes_on && heard && !asks() && !cues.any(cues::NEGATED) && (job || is_ours(cues, cues::RESUME)) {
        return Some(Intent::Resume);
    }
    let spared = || cues.any(cues::NOT_CANCELLED);
    let stops = || !cues.is_question() && cues.any(cues::STOPPING) || cues.any(cues::STOP_REQUESTED);
    let stops = || stops() && !spared();
    if asks_status(cues, job) && !results && (heard || cues.is_question()) && !stops() && on_topic() {
        return Some(Intent::Status);
    }
    let drops = !job && cues.any(cues::DROPS);
    let ends = cues.any(cues::CANCEL) || found.job && (cues.starts(cues::ENDING) || cues.any(cues::UNWANTED));
    if ends && heard && !asks() && !drops && !spared() && (job || is_ours(cues, cues::CANCEL)) {
        return Some(Intent::Cancel);
    }
    let loss = found.job && cues.any(&["로스", "손실", "loss"]);
    if results && on_topic() || loss {
        return Some(Intent::Results);
    }
    // `그럼 작업 7은?` asks, though `그럼` agrees.
    let agrees =
        !cues.is_question() && cues.any(cues::APPROVE) && cues.made_of(&[cues::APPROVE, cues::AGREEABLE]);
    (found.job && !agrees).then_some(Intent::Status)
}

/// Whether a task or a device is only spoken of: "has the detector run finished?", `12번 지워 gpu 아까워`.
fn only_mentions(cues: &Cues, found: &Found) -> bool {
    let more = found.models > 0 || found.classes || found.path || found.resized || found.changed;
    let device = !found.configures() || found.only_device;
    let asks = asks_status(cues, true) || is_over(cues) || cues.any(cues::RESULTS);
    !more && device && !cues.any(cues::MAKE) && (found.job || cues.any(cues::JOB_NOUN) && asks)
}

/// Whether a turn without a noun of ours speaks of nothing else: `택배 어디까지 왔어` is no status of a job.
pub(super) fn is_of_the_field(cues: &Cues) -> bool {
    cues.any(common::FIELD) || strays(cues) == 0
}

/// Whether at most one word is of another world.
pub(super) fn has_few_strays(cues: &Cues) -> bool {
    cues.any(common::FIELD) || strays(cues) <= 1
}

fn strays(cues: &Cues) -> usize {
    cues.strays(&KNOWN)
}

/// "did it stop?", "tell me whether it was stopped", `멈췄어?`.
fn is_over(cues: &Cues) -> bool {
    let over = cues.is_question() && cues.any(cues::OVER_KOREAN) || cues.any(cues::WHETHER_OVER_KOREAN);
    over || (cues.starts(cues::OVER) || cues.any(cues::WHETHER_OVER)) && cues.any(cues::STOPPED)
}

/// "get job 9 rolling again", `3번 작업 다시 굴려`.
fn is_set_off(cues: &Cues) -> bool {
    let again = cues.any(cues::SETTING_OFF) && cues.any(cues::AGAIN) || cues.any(cues::ONCE_MORE);
    again && !cues.is_question() && !cues.any(cues::SAID_AGAIN) && !cues.any(cues::RESULTS)
}

/// `53번 것도 보여줘`, "and job 7?": a job, and nothing that is asked of it.
pub(crate) fn names_only_a_job(cues: &Cues, found: &Found) -> bool {
    let more = found.describes() || found.configures() || found.path;
    let known = [&KNOWN[..], &[cues::ANOTHER]].concat();
    found.job && !more && !asks_status(cues, true) && !is_over(cues) && cues.strays(&known) == 0
}

fn asks_status(cues: &Cues, job: bool) -> bool {
    cues.any(cues::STATUS) || cues.any(cues::STATUS_OF) && (job || cues.any(cues::IT))
}

/// Whether an order without a noun is for a job: "stop the music" and `배달 취소해줘` are not.
fn is_ours(cues: &Cues, order: &[&str]) -> bool {
    let about = cues.is_about(&[order, cues::AGREEABLE, cues::TOPICS, cues::IT]);
    cues.any(cues::POINTED) || about && (!cues.korean().contains(is_hangul) || is_of_the_field(cues))
}
