//! Why a hook is paused, and why its receiver has not got what was sent.

use trainyard_events::hook::{Miss, Pause};

use crate::{Both, Words, both};

impl Words for Pause {
    fn words(&self) -> Both {
        match self {
            Pause::DeadDay => both(
                "the hook is paused: its receiver has taken nothing for a day",
                "받는 쪽이 하루 동안 아무것도 받지 않아 웹훅을 멈췄습니다",
            ),
            Pause::Gone => both(
                "the hook is paused: its receiver says that it is gone for good (410)",
                "받는 쪽이 더는 없다고 답해(410) 웹훅을 멈췄습니다",
            ),
        }
    }
}

impl Words for Miss {
    fn words(&self) -> Both {
        match self {
            Miss::Status { status } => {
                both(format!("the receiver answers {status}"), format!("받는 쪽이 {status}로 답했습니다"))
            }
            Miss::Redirected { status } => both(
                format!("the receiver leads elsewhere ({status}): give the hook the address it leads to"),
                format!("받는 쪽이 다른 주소로 보냅니다({status}). 웹훅에 그 주소를 적으세요"),
            ),
            Miss::Silent => both("the receiver has not answered in time", "받는 쪽이 제때 답하지 않았습니다"),
            Miss::Unreachable { detail } => both(
                format!("the receiver cannot be reached: {detail}"),
                format!("받는 쪽에 연결할 수 없습니다: {detail}"),
            ),
            Miss::NotPublic => both(
                "the address leads inside a network, where nothing is sent unless the operator names the host in \
                 TRAINYARD_HOOK_HOSTS",
                "내부 네트워크로 이어지는 주소입니다. 운영자가 `TRAINYARD_HOOK_HOSTS`에 적은 곳으로만 보낼 수 있습니다",
            ),
            Miss::Sealed => both(
                "the address was given under another key: give it anew",
                "주소를 다른 키로 저장했습니다. 주소를 다시 적으세요",
            ),
            Miss::NoMailServer => both(
                "the platform has no mail server: its operator sets TRAINYARD_SMTP_URL",
                "메일 서버가 없습니다. 운영자가 `TRAINYARD_SMTP_URL`을 설정해야 합니다",
            ),
            Miss::MailRefused { detail } => both(
                format!("the mail server does not take it: {detail}"),
                format!("메일 서버가 받지 않았습니다: {detail}"),
            ),
            Miss::Unreadable => {
                both("the event cannot be read by this release", "이 버전이 읽을 수 없는 이벤트입니다")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_miss_says_what_it_knows_in_both_languages() {
        let detail = || "no route to host".to_owned();
        for (miss, value) in [
            (Miss::Status { status: 503 }, "503"),
            (Miss::Redirected { status: 302 }, "302"),
            (Miss::Unreachable { detail: detail() }, "no route to host"),
            (Miss::MailRefused { detail: detail() }, "no route to host"),
            (Miss::Silent, ""),
            (Miss::NotPublic, "TRAINYARD_HOOK_HOSTS"),
            (Miss::Sealed, ""),
            (Miss::NoMailServer, "TRAINYARD_SMTP_URL"),
            (Miss::Unreadable, ""),
        ] {
            let Both { english, korean } = miss.words();
            assert!(english.contains(value) && korean.contains(value), "{english} / {korean}");
            assert!(korean.chars().any(|letter| ('가'..='힣').contains(&letter)), "{korean}");
        }
    }
}
