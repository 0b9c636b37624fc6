//! Greetings, thanks and compliments: they order nothing, and are answered as what they are.

use crate::cues::Cues;

/// What is said to somebody, not about anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmallTalk {
    Greeting,
    Thanks,
    Praise,
}

/// The most characters of a turn that is nothing else.
const CHARS_MAX: usize = 24;

#[rustfmt::skip]
const SAID: &[(SmallTalk, &[&str])] = &[
    (SmallTalk::Thanks, &["thanks", "thank you", "thx", "ty", "cheers", "고마워", "고맙", "감사", "땡큐", "ㄳ", "ㄱㅅ", "수고"]),
    (SmallTalk::Greeting, &["hi", "hello", "hey", "good morning", "good evening", "good afternoon", "안녕", "하이", "헬로", "반가", "굿모닝", "ㅎㅇ", "계세요", "좋은아침"]),
    (SmallTalk::Praise, &["nice", "great", "cool", "awesome", "wow", "lovely", "good job", "well done", "good bot", "좋네", "좋다", "멋지", "멋져", "대박", "훌륭", "잘하네", "최고", "굿", "짱", "와우", "오오"]),
];

/// What a short turn is, where it is no more than that.
pub(crate) fn of(cues: &Cues, chars: usize) -> Option<SmallTalk> {
    if chars > CHARS_MAX || cues.is_question() {
        return None;
    }
    SAID.iter().find(|(_, words)| cues.any(words)).map(|(said, _)| *said)
}
