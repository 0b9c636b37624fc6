//! What is asked about models, and about data.

use super::Found;
use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;
use crate::text::PATH;

pub(super) fn comparing(cues: &Cues, found: &Found) -> Option<Intent> {
    let two = found.models > 1 && (cues.any(cues::COMPARE) || cues.is_question()) && !cues.any(cues::MAKE);
    // `vit_b_16 대 resnet101`: two, and nothing to do with them.
    let other = found.open || found.task || found.path || found.classes || found.configures();
    let two = two || found.models > 1 && !other && !cues.any(cues::MAKE) && !cues.any(cues::CHANGE);
    (two || (cues.any(cues::COMPARE_PLAINLY)
        && (found.models > 0 || cues.any(cues::MODEL_WORD))
        && !found.configures()))
    .then_some(Intent::CompareModels)
}

pub(super) fn about_models(cues: &Cues, found: &Found) -> Option<Intent> {
    // "on a tiny gpu" describes where, and asks all the same.
    if found.configures() && !(found.only_device && cues.any(cues::RECOMMEND)) || found.classes {
        return None;
    }
    let model_word = cues.any(cues::MODEL_WORD);
    if found.models == 1 && !found.open && !found.path && cues.any(cues::OF_A_FAMILY) {
        return Some(Intent::ListModels);
    }
    // "어떤 모델을 학습할 수 있어?" asks; "감지하는 모델 만들 수 있어?" asks for one.
    let makes = cues.any(cues::MAKE) && !cues.any(cues::WHICH) && !cues.any(cues::ADVICE);
    if cues.is_only(cues::MODELS_ALONE) || cues.words() == 1 && cues.starts(&["models"]) {
        return Some(Intent::ListModels);
    }
    if found.models == 0 && !found.job && model_word && !makes {
        if cues.any(cues::SUPERLATIVE) && cues.is_question() && !found.path {
            return Some(Intent::RecommendModel);
        }
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
    // "what do you have for detection", `실시간 탐지에는 어느 게 좋아`: the task alone, and a question.
    let only_task = found.task && found.models == 0 && !found.path && !found.job && !found.open && !makes;
    if only_task && cues.any(cues::WHICH_ONE) && !cues.any(cues::DEFINITION_PLAINLY) {
        if cues.any(cues::BEST) || cues.any(cues::RECOMMEND) {
            return Some(Intent::RecommendModel);
        }
        return Some(if cues.any(cues::HAVING) { Intent::ListModels } else { Intent::RecommendModel });
    }
    let advice = cues.any(cues::ADVISE);
    let bare = cues.korean().chars().count() <= 8 && cues.starts(&["추천", "recommend", "뭘써"]);
    if found.models == 0
        && !makes
        && (model_word && cues.any(cues::RECOMMEND) || advice && (found.task || found.path || bare))
    {
        return Some(Intent::RecommendModel);
    }
    // "how about resnet34?" is a suggestion where something is open.
    let suggests = found.open_described && cues.any(&["how about", "what about"]);
    let asks = cues.any(cues::SHOW) && !suggests && !found.path && !found.classes;
    let judges = cues.any(cues::QUALITY) || cues.any(cues::WHY_PLAINLY);
    let asks = asks || found.models == 1 && !found.path && cues.is_question() && judges;
    (found.models == 1 && asks && !makes && !cues.any(cues::CHANGE_PLAINLY) && !cues.any(cues::TRAIN_PLAINLY))
        .then_some(Intent::ShowModel)
}

pub(super) fn about_datasets(cues: &Cues, found: &Found) -> Option<Intent> {
    // "which datasets can I train on" asks, though it says "train", and so does "check it before we train".
    let asks = cues.any(cues::FIRST) || cues.any(cues::WHICH_DATA) && cues.any(cues::LISTING);
    let makes = cues.any(cues::MAKE) && !asks;
    // "look over data/x and tell me whether it is usable" sorts nothing.
    let looks = found.path
        && found.models == 0
        && !found.classes
        && cues.any(cues::ANALYZE_PLAINLY)
        && (asks || !cues.any(&["train*", "학습", "훈련"]));
    if found.describes() && !looks || found.configures() || makes || found.job {
        return None;
    }
    let asked = cues.asks_of(PATH) && !cues.any(cues::USING);
    if found.path && (cues.any(cues::ANALYZE) || cues.any(cues::ANALYZE_PLAINLY) || asked) {
        return Some(Intent::AnalyzeDataset);
    }
    if cues.is_only(cues::DATASETS_ALONE) {
        return Some(Intent::ListDatasets);
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
