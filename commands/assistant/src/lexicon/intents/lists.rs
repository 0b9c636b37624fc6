//! Words of lists of jobs.

use crate::interpretation::JobState;
use crate::lexicon::Words;

/// Jobs that have not ended.
pub(crate) const UNFINISHED: Words = &[
    "unfinished", "not finished", "not yet finished", "havent finished", "have not finished", "not done", "not yet done",
    "arent done", "are not done", "havent ended", "still open", "안끝난", "안끝났", "끝나지않", "미완료", "완료되지않", "완료안", "덜끝난",
];
/// What takes a state out of what is asked for, so that it picks no jobs.
pub(crate) const BUT_THESE: Words = &[
    "not", "didnt", "hasnt", "havent", "isnt", "arent", "wasnt", "werent", "except", "excluding", "without", "but", "other than",
    "apart from", "been running", "말고", "빼고", "빼", "제외", "않", "안한", "안된", "안났", "안죽", "아닌", "상관없",
];
/// Words, and the states that they pick.
pub(crate) const STATES: &[(Words, &[JobState])] = &[
    (
        &["waiting", "queue", "queued", "pending", "in line", "대기", "기다리", "줄서", "작업큐", "큐에"],
        &[JobState::Waiting],
    ),
    (
        &[
            "running", "in progress", "ongoing", "under way", "underway", "being trained", "currently training", "training now",
            "training right now", "돌아가", "돌고", "도는", "돌리고있", "돌리는중", "실행중", "실행되고있", "진행중", "진행되고", "진행하고있", "학습중",
            "학습하고있", "시키고있", "훈련중", "작동중", "가동중", "굴러가",
        ],
        &[JobState::Running],
    ),
    (
        &[
            "finished", "completed", "succeeded", "successful", "are done", "is done", "done ones", "done jobs", "are complete",
            "is complete", "끝난", "끝났", "끝낸", "완료", "마친", "다된", "성공",
        ],
        &[JobState::Finished],
    ),
    (
        &[
            "fail*", "crash*", "died", "dead", "broke", "broken", "errored", "error*", "blew up", "실패", "죽은", "죽었", "터진", "터졌",
            "망한", "뻗은", "에러", "오류",
        ],
        &[JobState::Failed],
    ),
    (
        &["cancel*", "abort*", "killed", "취소"],
        &[JobState::Cancelled],
    ),
    (
        &["stopped", "interrupted", "멈춘", "멈췄", "중단", "중지"],
        &[JobState::Failed, JobState::Cancelled],
    ),
];
