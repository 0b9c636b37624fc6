//! A job by how it did or when it ran: "the most accurate one", `방금 끝난 거`.

use crate::cues::Cues;

/// Which of several jobs is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// By the measurement that decides.
    Best,
    Worst,
    Latest,
}

#[rustfmt::skip]
const BEST: &[&str] = &[
    "best", "most accurate", "highest", "top", "most precise", "제일좋", "가장좋", "제일정확", "가장정확", "제일높", "가장높", "제일잘", "가장잘", "최고", "베스트",
    "정확도높은", "성능좋은", "성능이좋은", "젤좋", "젤잘", "젤높", "제일괜찮", "가장괜찮", "1등", "일등",
];
#[rustfmt::skip]
const WORST: &[&str] = &[
    "worst", "lowest", "least accurate", "poorest", "제일나쁜", "가장나쁜", "제일낮", "가장낮", "최악", "꼴찌", "제일못", "가장못", "성능낮은",
];
#[rustfmt::skip]
const LATEST: &[&str] = &[
    "latest", "newest", "last", "most recent", "마지막", "최근", "방금", "최신", "맨끝", "제일나중",
];

/// What the turn picks a job by, if by anything.
pub(crate) fn picked(cues: &Cues) -> Option<Pick> {
    let picks = [(Pick::Best, BEST), (Pick::Worst, WORST), (Pick::Latest, LATEST)];
    picks.into_iter().find(|(_, words)| cues.any(words)).map(|(pick, _)| pick)
}
