//! What a turn about a job says beside the job.

use super::Found;
use crate::cues::Cues;
use crate::lexicon::{common, intents as cues};

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

/// `53번 것도 보여줘`, "and job 7?": a job, and nothing that is asked of it.
pub(crate) fn names_only_a_job(cues: &Cues, found: &Found) -> bool {
    let more = found.describes() || found.configures() || found.path;
    let known = [&KNOWN[..], &[cues::ANOTHER]].concat();
    found.job && !more && !asks_status(cues, true) && !is_over(cues) && cues.strays(&known) == 0
}

fn asks_status(cues: &Cues, job: bool) -> bool {
    cues.any(cues::STATUS) || cues.any(cues::STATUS_OF) && (job || cues.any(cues::IT))
}

/// "did it stop?", "tell me whether it was stopped", `멈췄어?`.
fn is_over(cues: &Cues) -> bool {
    let over = cues.is_question() && cues.any(cues::OVER_KOREAN) || cues.any(cues::WHETHER_OVER_KOREAN);
    over || (cues.starts(cues::OVER) || cues.any(cues::WHETHER_OVER)) && cues.any(cues::STOPPED)
}
