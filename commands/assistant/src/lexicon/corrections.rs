//! Words that take back what was said, beside those that take back numbers.

/// What is said of something that is left alone, or is not what is meant.
pub(crate) const LEFT: &[&str] = &[
    "두고", "됐고", "말고", "말구", "말고요", "빼고", "빼구", "제외", "아니라", "아니고", "아니구", "아니야", "아냐", "아닌", "대신", "아직 아니고",
    "계속 돌리고", "계속 하고", "계속 두고", "계속 가고", "계속 놔두고", "계속 돌게", "그냥 두", "그냥 놔", "가만히 두", "가만 두", "가만 놔",
];
/// What takes something back for what follows.
pub(crate) const MORE: &[&str] = &[
    "미안", "미안해", "죄송", "죄송해요", "죄송합니다", "실수", "잘못 말했어", "잘못 말했네", "잘못 말했어요", "아 맞다", "말이 헛나왔네",
    "wait", "hang on", "hold on", "er", "erm", "uh", "rather", "strike that", "forget that", "not that", "not that one", "i meant to say",
    "my mistake", "wrong one", "typo", "make it", "hm", "hmm", "흠",
];
/// What may stand between such a word and what it leads to: what is said once more.
pub(crate) const REPEATED: &[&str] = &[
    "of", "for", "a", "an", "the", "to", "it's", "its", "it is", "that's", "i want", "i wanted", "please", "cancel", "stop", "kill", "abort", "deploy",
    "resume", "register", "promote", "status", "results", "result", "progress", "show", "show me", "on", "with", "use", "that", "and", "oh", "ah",
    "아", "앗", "그", "어", "음", "저기", "그게",
];
