//! What to expect of a training that has not begun: how long it may take, what that costs, and who waits.

use crate::amount::money;
use crate::{Both, Words};

/// Of one proposal; `waiting` and `running` are numbers of jobs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook<'c> {
    /// `None` where nothing like it has finished yet.
    pub time: Option<Takes<'c>>,
    pub waiting: u64,
    pub running: u64,
}

/// What trainings like it have taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Takes<'c> {
    pub ms: u64,
    /// So many say so.
    pub by: usize,
    /// They were on other data.
    pub guess: bool,
    /// In millionths, and the currency.
    pub cost: Option<(u64, &'c str)>,
}

/// Without its full stop.
impl Words for Outlook<'_> {
    fn words(&self) -> Both {
        let Outlook { time, waiting, running } = self;
        let Both { english, korean } = time.map_or_else(unknown, |takes| takes.words());
        Both {
            english: format!("{english} (jobs that wait: {waiting}, that run: {running})"),
            korean: format!("{korean} (기다리는 작업 {waiting}개, 도는 작업 {running}개)"),
        }
    }
}

fn unknown() -> Both {
    Both {
        english: "nothing like it has finished yet, so nobody knows how long it takes".to_owned(),
        korean: "비슷한 작업이 끝난 적이 없어 얼마나 걸릴지 모릅니다".to_owned(),
    }
}

impl Words for Takes<'_> {
    fn words(&self) -> Both {
        let Takes { ms, by, guess, cost } = self;
        let cost = cost.map_or_else(String::new, |(cost, currency)| format!(", {}", money(cost, currency)));
        let long = about(*ms, [" h", " min", " s"]);
        let korean = about(*ms, ["시간", "분", "초"]);
        match guess {
            false => Both {
                english: format!("expect about {long}{cost}, as {by} like it took"),
                korean: format!("예상: {korean}쯤{cost}. 비슷한 작업 {by}개가 걸린 대로입니다"),
            },
            true => Both {
                english: format!(
                    "a guess: about {long}{cost}, by the number of images, from {by} on other data"
                ),
                korean: format!(
                    "어림: {korean}쯤{cost}. 다른 데이터로 학습한 작업 {by}개에서 이미지 수로 셈했습니다"
                ),
            },
        }
    }
}

/// In the two largest units that are not nothing.
fn about(ms: u64, [hour, minute, second]: [&str; 3]) -> String {
    let seconds = ms.div_ceil(1000);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}{second}"),
        (0, minutes, seconds) => format!("{minutes}{minute} {seconds}{second}"),
        (hours, minutes, _) => format!("{hours}{hour} {minutes}{minute}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{english, korean};

    #[test]
    fn it_says_on_what_it_rests() {
        let takes = |guess, cost| Some(Takes { ms: 3_725_000, by: 3, guess, cost });
        let outlook = |time| Outlook { time, waiting: 2, running: 1 };
        assert_eq!(
            korean(&outlook(takes(false, Some((1_500_000_000, "KRW"))))),
            "예상: 1시간 2분쯤, 1,500 KRW. 비슷한 작업 3개가 걸린 대로입니다 (기다리는 작업 2개, 도는 작업 1개)"
        );
        assert!(korean(&outlook(takes(true, None))).starts_with("어림: 1시간 2분쯤. 다른 데이터로"));
        assert!(korean(&outlook(None)).starts_with("비슷한 작업이 끝난 적이 없어"));
        assert_eq!(
            english(&outlook(takes(false, None))),
            "expect about 1 h 2 min, as 3 like it took (jobs that wait: 2, that run: 1)"
        );
        assert_eq!([0, 999, 61_000].map(|ms| about(ms, [" h", " min", " s"])), ["0 s", "1 s", "1 min 1 s"]);
    }
}
