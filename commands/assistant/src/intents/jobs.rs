//! What is asked of jobs and of the models they trained.

use super::Found;
use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;
use crate::text::is_hangul;

/// What a turn about jobs may call "the" or "my".
const OURS: &[&[&str]] = &[
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

pub(super) fn predicting(cues: &Cues, found: &Found) -> Option<Intent> {
    let makes = cues.any(cues::MAKE);
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
    let about = found.job || cues.any(cues::JOB_WORD) || cues.words() <= 4;
    // "why so low? show me the confusion matrix" asks to see it.
    let shows = cues.any(cues::ARTIFACT);
    let fits = !shows
        && cues.any(cues::WHY)
        && cues.any(cues::FAILURE)
        && about
        && found.models == 0
        && !found.configures();
    fits.then_some(Intent::Explain)
}

pub(super) fn about_jobs(cues: &Cues, found: &Found) -> Option<Intent> {
    if found.describes() || found.configures() || found.path {
        return None;
    }
    let job = found.job || cues.any(cues::JOB_NOUN);
    if !job && cues.owns_other(OURS) {
        return None;
    }
    if cues.any(cues::DEPLOY) && !cues.any(cues::MAKE) {
        return Some(Intent::Deploy);
    }
    if lists(cues) && !found.job && !cues.any(cues::STOPPING) {
        return Some(Intent::ListJobs);
    }
    let heard = job || !found.open;
    let results = cues.any(cues::RESULTS);
    if is_over(cues) && !results {
        return Some(Intent::Status);
    }
    let goes_on = cues.any(cues::RESUME) && !cues.korean_ends_later(cues::CANCEL, cues::RESUME);
    if goes_on && heard && !cues.any(cues::NEGATED) && (job || is_ours(cues, cues::RESUME)) {
        return Some(Intent::Resume);
    }
    let topics = [cues::STATUS, cues::STATUS_OF, cues::RESULTS, cues::AGREEABLE, cues::TOPICS];
    let stops = cues.any(cues::STOPPING) && !cues.is_question();
    let on_topic = job || cues.known_share(&topics);
    // A Korean verb's ending is other syllables; an English word is another word.
    let strays = !job && !cues.korean().contains(is_hangul) && !cues.is_about(&topics);
    let asks = asks_status(cues, job) && on_topic && !strays;
    if asks && !stops && (heard || cues.is_question()) && !results {
        return Some(Intent::Status);
    }
    let drops = !job && cues.any(cues::DROPS);
    let ends = cues.any(cues::CANCEL) || found.job && cues.starts(&["end"]);
    if ends && heard && !drops && (job || is_ours(cues, cues::CANCEL)) {
        return Some(Intent::Cancel);
    }
    let loss = found.job && cues.any(&["로스", "손실", "loss"]);
    if results && on_topic || loss {
        return Some(Intent::Results);
    }
    let agrees = cues.any(cues::APPROVE) && cues.made_of(&[cues::APPROVE, cues::AGREEABLE]);
    (found.job && !agrees).then_some(Intent::Status)
}

fn lists(cues: &Cues) -> bool {
    let all = cues.any(&["작업", "실험", "훈련"])
        && cues.any(&["쭉", "전부", "모두", "모든", "나열", "목록", "리스트", "다보여", "뭐뭐"]);
    all || cues.any(cues::LIST_JOBS)
}

/// "did it stop?", `멈췄어?`.
fn is_over(cues: &Cues) -> bool {
    cues.starts(cues::OVER) && cues.any(cues::STOPPED) || cues.is_question() && cues.any(cues::OVER_KOREAN)
}

fn asks_status(cues: &Cues, job: bool) -> bool {
    cues.any(cues::STATUS) || cues.any(cues::STATUS_OF) && (job || cues.any(cues::IT))
}

/// Whether an order without a noun is for a job: "stop the music" and `배달 취소해줘` are not.
fn is_ours(cues: &Cues, order: &[&str]) -> bool {
    cues.any(cues::POINTED) || cues.is_about(&[order, cues::AGREEABLE, cues::TOPICS, cues::IT])
}
