//! What to expect of an open proposal, in a sentence: how long it may take, what that costs, and who waits.

use anyhow::Result;
use trainyard_api::chats::Outlook;
use trainyard_events::chat::Language;
use trainyard_views::Estimate;

use crate::cli::client::Client;
use crate::cli::costs::money;
use crate::language::pick;

pub(crate) async fn of(client: &Client, chat: &str) -> Result<String> {
    let outlook = client.get::<Outlook>(&format!("/v1/chats/{chat}/outlook")).await?;
    Ok(sentence(&outlook, client.language))
}

fn sentence(outlook: &Outlook, language: Language) -> String {
    let Outlook { waiting, running, .. } = outlook;
    let time = match &outlook.time {
        Some(estimate) => time(estimate, language),
        None => pick(
            language,
            "비슷한 작업이 끝난 적이 없어 얼마나 걸릴지 모릅니다",
            "nothing like it has finished yet, so nobody knows how long it takes",
        )
        .to_owned(),
    };
    pick(
        language,
        format!("{time} (기다리는 작업 {waiting}개, 도는 작업 {running}개)"),
        format!("{time} (jobs that wait: {waiting}, that run: {running})"),
    )
}

fn time(Estimate { ms, by, guess, currency, cost, .. }: &Estimate, language: Language) -> String {
    let long = about(*ms, language);
    let cost =
        currency.as_deref().map_or_else(String::new, |currency| format!(", {}", money(*cost, currency)));
    match guess {
        false => pick(
            language,
            format!("예상: {long}쯤{cost}. 비슷한 작업 {by}개가 걸린 대로입니다"),
            format!("expect about {long}{cost}, as {by} like it took"),
        ),
        true => pick(
            language,
            format!("어림: {long}쯤{cost}. 다른 데이터로 학습한 작업 {by}개에서 이미지 수로 셈했습니다"),
            format!("a guess: about {long}{cost}, by the number of images, from {by} on other data"),
        ),
    }
}

/// In the two largest units that are not nothing.
fn about(ms: u64, language: Language) -> String {
    let [hour, minute, second] = pick(language, ["시간", "분", "초"], [" h", " min", " s"]);
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

    #[test]
    fn it_says_on_what_it_rests() {
        let estimate = |guess, currency: Option<&str>| Estimate {
            ms: 3_725_000,
            by: 3,
            guess,
            pool: None,
            device: None,
            currency: currency.map(str::to_owned),
            cost: 1_500_000_000,
        };
        let outlook = |time| Outlook { hash: String::new(), time, waiting: 2, running: 1 };
        let korean = |time| sentence(&outlook(time), Language::Korean);
        assert_eq!(
            korean(Some(estimate(false, Some("KRW")))),
            "예상: 1시간 2분쯤, 1,500 KRW. 비슷한 작업 3개가 걸린 대로입니다 (기다리는 작업 2개, 도는 작업 1개)"
        );
        assert!(korean(Some(estimate(true, None))).starts_with("어림: 1시간 2분쯤. 다른 데이터로"));
        assert!(korean(None).starts_with("비슷한 작업이 끝난 적이 없어"));
        let english = sentence(&outlook(Some(estimate(false, None))), Language::English);
        assert_eq!(english, "expect about 1 h 2 min, as 3 like it took (jobs that wait: 2, that run: 1)");
        assert_eq!([0, 999, 61_000].map(|ms| about(ms, Language::English)), ["0 s", "1 s", "1 min 1 s"]);
    }
}
