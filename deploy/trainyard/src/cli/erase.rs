//! `trainyard erase`: what people have said leaves the platform for good.

use anyhow::{Result, bail};
use reqwest::Url;
use trainyard_api::chats::Erased;
use trainyard_events::chat::Language;

use crate::args::Erase;
use crate::cli::client::Client;
use crate::cli::meant::is_meant;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, erase: Erase, json: bool) -> Result<()> {
    let language = client.language;
    if !erase.yes && !is_meant(&question(&erase, language), language)? {
        bail!(pick(language, "아무것도 지우지 않았습니다", "nothing was erased"));
    }
    let answer = client.delete::<Erased>(&path(&erase)).await?;
    if json {
        return print_json(&answer.json);
    }
    let chats = answer.chats.len();
    line(match (chats, answer.sequence) {
        (0, _) => pick(
            language,
            "그 이름의 토큰으로 쓴 메시지가 없습니다. 이름은 `trainyard token list`에 있습니다".to_owned(),
            "nothing was ever said with a token of that name; `trainyard token list` has the names"
                .to_owned(),
        ),
        (_, None) => pick(language, "이미 지워져 있습니다".to_owned(), "it is erased already".to_owned()),
        (_, Some(_)) => pick(
            language,
            format!("대화 {chats}개에서 메시지와 답변을 지웠습니다"),
            format!("what was said and answered in {chats} conversations is erased"),
        ),
    });
    Ok(())
}

fn path(erase: &Erase) -> String {
    match (&erase.chat, &erase.member) {
        (Some(chat), _) => format!("/v1/chats/{chat}/said"),
        (None, member) => {
            let mut url = Url::parse("http://gateway").expect("it is one");
            let name = member.as_deref().unwrap_or_default();
            url.path_segments_mut().expect("it has a path").extend(["v1", "members", name, "said"]);
            url.path().to_owned()
        }
    }
}

fn question(erase: &Erase, language: Language) -> String {
    match (&erase.chat, &erase.member) {
        (Some(chat), _) => pick(
            language,
            format!("대화 {chat}에서 오간 말을 모두 지울까요? 되돌릴 수 없습니다"),
            format!("erase all that was said in the conversation {chat}? It cannot be had back"),
        ),
        (None, member) => {
            let name = member.as_deref().unwrap_or_default();
            pick(
                language,
                format!("{name} 토큰으로 쓴 말과 그 답변을 모든 대화에서 지울까요? 되돌릴 수 없습니다"),
                format!(
                    "erase all that was said with the token {name}, and what was answered? It cannot be had back"
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_part_of_the_path_whatever_it_is() {
        let of = |member: &str| Erase { member: Some(member.to_owned()), chat: None, yes: true };
        assert_eq!(path(&of("laptop")), "/v1/members/laptop/said");
        assert_eq!(path(&of("a b/c+d?김")), "/v1/members/a%20b%2Fc+d%3F%EA%B9%80/said");
        let chat = Erase { member: None, chat: Some("7".to_owned()), yes: true };
        assert_eq!(path(&chat), "/v1/chats/7/said");
    }
}
