//! Decides what a turn wants, from the words around the slots that were found in it.

use crate::lexicon::intents as cues;
use crate::slots::Intent;
use crate::text::{Cues, PATH};

/// What was found in a turn before anyone asked what it is for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) task: bool,
    /// Models named and meant.
    pub(crate) models: usize,
    pub(crate) classes: bool,
    /// A path or URI, of any kind.
    pub(crate) path: bool,
    /// That path is an image or a video.
    pub(crate) image: bool,
    pub(crate) job: bool,
    /// A number, optimizer, device or priority.
    pub(crate) setting: bool,
    /// The only setting is a device.
    pub(crate) only_device: bool,
    /// A relative change, also where there was nothing to change.
    pub(crate) changed: bool,
    /// A numeric slot was named.
    pub(crate) named: bool,
    /// "the nano model", "a bigger one".
    pub(crate) resized: bool,
    /// There is an open proposal, and it has a task.
    pub(crate) open: bool,
    pub(crate) open_described: bool,
}

impl Found {
    fn describes(&self) -> bool {
        self.task || self.models > 0 || self.classes
    }

    fn configures(&self) -> bool {
        self.setting || self.changed || self.resized
    }
}

/// Whether the turn gives orders to a language model instead of asking for something.
pub(crate) fn is_attack(cues: &Cues) -> bool {
    cues.any(cues::INJECTION)
}

/// Whether the turn makes, changes or repeats something, so that `30번` may count runs.
pub(crate) fn makes_or_changes(cues: &Cues) -> bool {
    cues.any(cues::MAKE)
        || cues.any(cues::CHANGE)
        || cues.any(&["돌려", "돌리", "반복", "번만", "학습", "훈련"])
}

/// The first rule that fits; the order is the grammar.
pub(crate) fn decide(cues: &Cues, found: &Found) -> Intent {
    if is_attack(cues) {
        return Intent::Unknown;
    }
    let rules = [
        predicting,
        comparing,
        about_the_job_of_a_model,
        asking_why,
        resetting,
        about_models,
        about_datasets,
        about_jobs,
        helping,
        describing,
        answering,
    ];
    rules.iter().find_map(|rule| rule(cues, found)).unwrap_or(Intent::Unknown)
}

fn predicting(cues: &Cues, found: &Found) -> Option<Intent> {
    let makes = cues.any(cues::MAKE);
    if found.image && !makes {
        return Some(Intent::Predict);
    }
    if found.job && found.path && !found.configures() && !makes {
        return Some(Intent::Predict);
    }
    let model_there = found.path
        || found.job
        || cues.any(&[
            "이모델",
            "그모델",
            "학습된",
            "학습한",
            "내모델",
            "this model",
            "the model",
            "my model",
            "trained",
            "이미지",
            "사진",
            "image",
            "photo",
        ]);
    (cues.any(cues::PREDICT)
        && !makes
        && (model_there || cues.starts(cues::PREDICT_AT_START))
        && !found.setting)
        .then_some(Intent::Predict)
}

fn comparing(cues: &Cues, found: &Found) -> Option<Intent> {
    let two = found.models > 1 && (cues.any(cues::COMPARE) || cues.is_question()) && !cues.any(cues::MAKE);
    (two || (cues.any(cues::COMPARE_PLAINLY)
        && (found.models > 0 || cues.any(cues::MODEL_WORD))
        && !found.configures()))
    .then_some(Intent::CompareModels)
}

/// "stop the resnet one", "레즈넷 작업 취소해줘": a job by what it trains.
fn about_the_job_of_a_model(cues: &Cues, found: &Found) -> Option<Intent> {
    let other = found.task || found.classes || found.path || found.job || found.configures();
    if found.models != 1 || other || cues.any(cues::MAKE) || cues.any(cues::CHANGE_PLAINLY) {
        return None;
    }
    if !cues.any(&[
        "job",
        "run",
        "training",
        "one",
        "작업",
        "잡",
        "돌리는",
        "돌던",
        "돌아가는",
        "학습중",
        "학습결과",
    ]) {
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

fn asking_why(cues: &Cues, found: &Found) -> Option<Intent> {
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

fn resetting(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.job || found.path;
    let resets = cues.any(cues::RESET) || cues.any(cues::AFRESH) && cues.any(cues::CHAT);
    (resets && !content && !cues.any(&["학습처음부터"])).then_some(Intent::Reset)
}

fn about_models(cues: &Cues, found: &Found) -> Option<Intent> {
    // "on a tiny gpu" describes where, and asks all the same.
    if found.configures() && !(found.only_device && cues.any(cues::RECOMMEND)) || found.classes {
        return None;
    }
    let model_word = cues.any(cues::MODEL_WORD);
    // "어떤 모델을 학습할 수 있어?" asks; "감지하는 모델 만들 수 있어?" asks for one.
    let makes = cues.any(cues::MAKE) && !cues.any(cues::WHICH) && !cues.any(cues::ADVICE);
    if found.models == 0 && !found.job && model_word && !makes {
        if cues.any(cues::LISTING_PLAINLY) && !cues.any(&["추천", "recommend*", "suggest*"]) {
            return Some(Intent::ListModels);
        }
        if cues.any(cues::RECOMMEND) || cues.any(cues::WHICH_ONE) && cues.any(cues::BEST) {
            return Some(Intent::RecommendModel);
        }
        if cues.any(cues::LISTING)
            && !found.path
            && !cues.any(cues::JOB_ACTION)
            && !cues.any(cues::RESULTS_PLAINLY)
        {
            return Some(Intent::ListModels);
        }
    }
    let advice = cues.any(&[
        "recommend*",
        "추천",
        "suggest*",
        "뭘써야",
        "뭐가좋",
        "뭘쓰",
        "뭐쓰",
        "뭐써야",
        "뭐를쓰",
        "뭐로하는게",
        "무엇을쓰",
        "어떤걸쓰",
        "what should i use",
        "what works best",
        "what to use",
        "would you pick",
        "would you choose",
        "would you use",
        "would you go with",
        "should i pick",
        "should i choose",
        "should we use",
        "should i go with",
        "do you advise",
        "머쓰",
        "멀쓰",
        "머써",
        "멀써",
    ]);
    let bare = cues.korean().chars().count() <= 8 && cues.starts(&["추천", "recommend", "뭘써"]);
    if found.models == 0
        && !makes
        && (model_word && cues.any(cues::RECOMMEND) || advice && (found.task || found.path || bare))
    {
        return Some(Intent::RecommendModel);
    }
    let asks = cues.any(cues::SHOW) && !found.path && !found.classes;
    let asks = asks || found.models == 1 && !found.path && cues.is_question() && cues.any(cues::QUALITY);
    (found.models == 1 && asks && !makes && !cues.any(cues::CHANGE_PLAINLY) && !cues.any(cues::TRAIN_PLAINLY))
        .then_some(Intent::ShowModel)
}

fn about_datasets(cues: &Cues, found: &Found) -> Option<Intent> {
    // "which datasets can I train on" asks, though it says "train".
    let makes = cues.any(cues::MAKE) && !(cues.any(&["datasets"]) && cues.any(cues::LISTING));
    // "look over data/x and tell me whether it is usable" sorts nothing.
    let looks = found.path
        && found.models == 0
        && !found.classes
        && cues.any(cues::ANALYZE_PLAINLY)
        && !cues.any(&["train*", "학습", "훈련"]);
    if found.describes() && !looks || found.configures() || makes || found.job {
        return None;
    }
    let asked = cues.asks_of(PATH) && !cues.any(cues::USING);
    if found.path && (cues.any(cues::ANALYZE) || asked) {
        return Some(Intent::AnalyzeDataset);
    }
    if !found.path && cues.words() <= 3 && cues.any(&["my datasets", "datasets", "데이터셋들"]) {
        return Some(Intent::ListDatasets);
    }
    if !found.path && cues.any(cues::DATASETS) {
        let inspects = cues.any(cues::ANALYZE_PLAINLY);
        let lists = cues.any(cues::LISTING);
        if inspects && !cues.any(&["목록", "list", "리스트"]) {
            return Some(Intent::AnalyzeDataset);
        }
        return lists.then_some(Intent::ListDatasets);
    }
    None
}

fn about_jobs(cues: &Cues, found: &Found) -> Option<Intent> {
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

fn helping(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.path;
    (cues.any(cues::HELP) && !content).then_some(Intent::Help)
}

fn describing(cues: &Cues, found: &Found) -> Option<Intent> {
    let makes = cues.any(cues::MAKE);
    if found.describes() || found.resized {
        if found.task
            && found.models == 0
            && !found.classes
            && !makes
            && !found.path
            && !found.configures()
            && cues.any(cues::DEFINITION)
        {
            return None;
        }
        if !found.open_described {
            let changes = cues.any(cues::CHANGE_PLAINLY) && !makes && !found.open && !found.path;
            let only_classes = !found.task && found.models == 0 && !makes;
            return Some(if changes || !found.describes() || only_classes {
                Intent::Adjust
            } else {
                Intent::Train
            });
        }
        let placed = makes && found.path && (found.models > 0 || found.task);
        let whole =
            makes && found.task && (found.models > 0 || found.classes) && !cues.any(cues::CHANGE_PLAINLY);
        let anew = cues.any(cues::NEW) && (makes || found.path);
        return Some(if placed || whole || anew { Intent::Train } else { Intent::Adjust });
    }
    if found.path {
        let trains = (makes || cues.any(&["train*"])) && !found.open;
        return Some(match (found.configures(), trains) {
            (_, true) => Intent::Train,
            (true, false) => Intent::Adjust,
            (false, false) => Intent::Dataset,
        });
    }
    if found.only_device && cues.any(&["추천", "recommend*", "suggest*"]) {
        return None;
    }
    if found.configures() || (found.named && cues.any(cues::CHANGE)) {
        return Some(Intent::Adjust);
    }
    let wants = makes
        && !cues.any(cues::SUPPOSING)
        && cues.any(cues::MODEL_WORD)
        && (!found.open || cues.any(cues::NEW));
    wants.then_some(Intent::Train)
}

/// Yes and no, once nothing else was said.
fn answering(cues: &Cues, found: &Found) -> Option<Intent> {
    let drops = cues.any(cues::REJECT_PLAINLY) && !cues.any(cues::NEGATED);
    if cues.any(cues::WAIT) && !drops && !cues.any(&["never*"]) {
        return None;
    }
    let short = cues.words() <= 9 && cues.korean().chars().count() <= 45;
    let kind_word = cues.any(cues::THANKS) && !cues.any(cues::START) && !cues.any(&["no thank*"]);
    if !short || kind_word || cues.any(cues::DEFINITION) {
        return None;
    }
    // "이제 됐다 시작하자": a soft no before a start is none.
    let hard = cues.any(cues::REJECT) && (!cues.any(cues::START) || cues.any(cues::NEGATIONS));
    let no = hard && !cues.any(cues::NO_BUT_YES);
    if no && (found.open || drops || cues.starts(cues::REJECT) || cues.words() <= 4) {
        return Some(Intent::Reject);
    }
    let asks = cues.is_question() && !found.open;
    (!no && !asks && cues.any(cues::APPROVE) && cues.made_of(&[cues::APPROVE, cues::AGREEABLE]))
        .then_some(Intent::Approve)
}

/// Whether the turn is about a job by intent, so that a lone number names it.
pub(crate) fn concerns_job(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Status
            | Intent::Results
            | Intent::Explain
            | Intent::Cancel
            | Intent::Resume
            | Intent::Predict
            | Intent::Deploy
    )
}
