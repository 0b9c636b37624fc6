//! What is asked of jobs and of the models they trained.

use super::Found;
use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;

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
        && (model_there || cues.starts(cues::PREDICT_AT_START))
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
    if cues.any(cues::DEPLOY) && !cues.any(cues::MAKE) {
        return Some(Intent::Deploy);
    }
    let all = cues.any(&["작업", "실험", "훈련"])
        && cues.any(&["쭉", "전부", "모두", "모든", "나열", "목록", "리스트", "다보여", "뭐뭐"]);
    if (all || cues.any(cues::LIST_JOBS)) && !found.job && !cues.any(cues::STOPPING) {
        return Some(Intent::ListJobs);
    }
    let goes_on = cues.any(cues::RESUME) && !cues.korean_ends_later(cues::CANCEL, cues::RESUME);
    if goes_on && (job || !found.open) && !cues.any(cues::NEGATED) {
        return Some(Intent::Resume);
    }
    let stops = cues.any(cues::STOPPING) && !cues.is_question();
    let asks = cues.any(cues::STATUS)
        || job && cues.any(cues::STATUS_OF)
        || cues.any(cues::STATUS_OF) && cues.any(cues::IT);
    let on_topic = job
        || cues.known_share(&[cues::STATUS, cues::STATUS_OF, cues::RESULTS, cues::AGREEABLE, cues::TOPICS]);
    if asks && !stops && on_topic && (job || cues.is_question() || !found.open) && !cues.any(cues::RESULTS) {
        return Some(Intent::Status);
    }
    let drops = !job && cues.any(cues::DROPS);
    let ends = found.job && cues.starts(&["end"]);
    if (cues.any(cues::CANCEL) || ends) && (job || !found.open) && !drops {
        return Some(Intent::Cancel);
    }
    if cues.any(cues::RESULTS) && on_topic {
        return Some(Intent::Results);
    }
    if found.job && cues.any(&["로스", "손실", "loss"]) {
        return Some(Intent::Results);
    }
    let agrees = cues.any(cues::APPROVE) && cues.made_of(&[cues::APPROVE, cues::AGREEABLE]);
    (found.job && !agrees).then_some(Intent::Status)
}
