//! Questions about a setting, which order none: "is the gpu free?", `배치 32면 괜찮아?`.

use super::Found;
use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;
use crate::text::is_wordy;

/// A question of fact about a device, an optimizer, a priority or a number, and nothing else.
pub(super) fn asking_of_a_setting(cues: &Cues, found: &Found) -> Option<Intent> {
    let more = found.describes() || found.path || found.job || found.changed || found.resized;
    if !found.setting || more || !asks_a_fact(cues) {
        return None;
    }
    Some(if cues.any(cues::HELP) { Intent::Help } else { Intent::Unknown })
}

fn asks_a_fact(cues: &Cues) -> bool {
    let after = cues.after_question();
    let goes_on = after.contains(is_wordy) && !cues::AFTERTHOUGHTS.iter().any(|said| after.starts_with(said));
    if goes_on || cues.any(cues::ORDERS) {
        return false;
    }
    let marked = cues.is_question();
    let ends = marked || cues.korean_ends_in(cues::ENDS_ASKING);
    let plainly = || ends || cues.korean_ends_in(cues::ENDS_PLAINLY);
    if cues.starts(cues::ASKS_PLAINLY) || cues.any(cues::ASKS_PLAINLY) && plainly() {
        return true;
    }
    let asked_korean = ends && cues.any(cues::ASKS_KOREAN);
    let asked = cues.starts(cues::ASKS_FIRST) || marked && cues.any(cues::ASKS_OF_A_VALUE);
    (asked || asked_korean) && !cues.any(cues::WISHES)
}
