//! Which states a list of jobs is to show.

use crate::cues::Cues;
use crate::interpretation::JobState;
use crate::lexicon::intents as cues;

/// The states that a list of jobs is to show: none where it is to show all.
pub(crate) fn states(cues: &Cues) -> Vec<JobState> {
    if cues.any(cues::UNFINISHED) {
        return vec![JobState::Waiting, JobState::Running];
    }
    if cues.any(cues::BUT_THESE) {
        return Vec::new();
    }
    let said =
        |state: &JobState| cues::STATES.iter().any(|(words, of)| of.contains(state) && cues.any(words));
    JobState::ALL.into_iter().filter(said).collect()
}
