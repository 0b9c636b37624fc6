//! What describes, changes, accepts or drops a training, and what is said of the conversation itself.

use super::Found;
use super::jobs::{OURS, has_few_strays, is_of_the_field};
use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;
use crate::text::is_hangul;

pub(super) fn resetting(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.job || found.path;
    let resets = cues.any(cues::RESET) || cues.any(cues::AFRESH) && cues.any(cues::CHAT);
    let drops = found.open && cues.any(&["changed my mind", "change my mind", "마음이바뀌", "생각이바뀌"]);
    (resets && !content && !drops && !cues.any(&["학습처음부터"])).then_some(Intent::Reset)
}

pub(super) fn helping(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.path;
    // "how do I cook rice" asks for no help of ours.
    let ours = cues.korean().contains(is_hangul) || has_few_strays(cues);
    (cues.any(cues::HELP) && !content && ours).then_some(Intent::Help)
}

pub(super) fn describing(cues: &Cues, found: &Found) -> Option<Intent> {
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
pub(super) fn answering(cues: &Cues, found: &Found) -> Option<Intent> {
    let drops = cues.any(cues::REJECT_PLAINLY) && !cues.any(cues::SPARED);
    if cues.any(cues::WAIT) && !drops && !cues.any(&["never*"]) {
        return None;
    }
    let short = cues.words() <= 9 && cues.korean().chars().count() <= 45;
    let ends = drops || cues.any(cues::ENDED) && !cues.any(cues::SPARED);
    if found.open && ends && cues.any(cues::PROPOSAL) && !cues.any(cues::DEFINITION) {
        return Some(Intent::Reject);
    }
    let kind_word = cues.any(cues::THANKS) && !cues.any(cues::START) && !cues.any(&["no thank*"]);
    let agrees = cues.any(cues::APPROVE) && cues.made_of(&[cues::APPROVE, cues::AGREEABLE]);
    if !short || kind_word || cues.any(cues::DEFINITION) && !agrees {
        return None;
    }
    // "이제 됐다 시작하자": a soft no before a start is none.
    let hard = cues.any(cues::REJECT) && (!cues.any(cues::START) || cues.any(cues::NEGATIONS));
    let no = hard && !cues.any(cues::NO_BUT_YES) && !cues.any(cues::SPARED);
    // "cancel my subscription" drops nothing of ours.
    let ours = found.open
        || !cues.any(cues::ENDED)
        || cues.is_about(&[cues::REJECT, cues::AGREEABLE, cues::TOPICS, cues::DROPS])
            && !cues.owns_other(OURS)
            && (!cues.korean().contains(is_hangul) || is_of_the_field(cues));
    let asks = cues.is_question() && !found.open;
    if no && ours && !asks && (found.open || drops || cues.starts(cues::REJECT) || cues.words() <= 4) {
        return Some(Intent::Reject);
    }
    // "did you already start training" agrees to nothing.
    let asks = asks || cues.starts(cues::INTERROGATIVES) || cues.any(cues::MAY_I);
    (!no && !asks && agrees).then_some(Intent::Approve)
}
