//! Lists of jobs: whether one is asked for, and which states it is to show.

use super::Found;
use crate::cues::Cues;
use crate::interpretation::JobState;
use crate::lexicon::intents as cues;
use crate::slots::Intent;

/// `목록 보여줘`, "show the list": with nothing else said, it is that of the jobs.
pub(super) fn asking_for_the_list(cues: &Cues, found: &Found) -> Option<Intent> {
    let content = found.describes() || found.configures() || found.path || found.job;
    let alone = || cues.any(cues::THE_LIST) && cues.strays(&[cues::THE_LIST, cues::SHOWING]) == 0;
    (!content && alone() && !cues.any(cues::FAILURE)).then_some(Intent::ListJobs)
}

pub(super) fn lists(cues: &Cues) -> bool {
    let all = cues.any(&["작업", "실험", "훈련"])
        && cues.any(&["쭉", "전부", "모두", "모든", "나열", "목록", "리스트", "다보여", "뭐뭐"]);
    all || cues.any(cues::LIST_JOBS)
}

/// `취소된 작업 보여줘`: jobs that have ended, with no order that they go on or that others end.
pub(super) fn speaks_of_ended(cues: &Cues) -> bool {
    let ended: Vec<&&str> = cues::ENDED_JOBS.iter().filter(|words| cues.any(&[words])).collect();
    let orders = |word: &&str| cues.any(&[word]) && !ended.iter().any(|words| words.contains(*word));
    !ended.is_empty()
        && ![cues::STOPPING, cues::CANCEL, cues::RESUME].iter().any(|words| words.iter().any(orders))
}

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
