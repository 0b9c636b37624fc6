//! `trainyard token list`, `create`, `rotate` and `revoke`.

use anyhow::{Context, Result};
use time::{Duration, OffsetDateTime};
use trainyard_api::tokens::{NewToken, Rotation, TokenIssued, TokenList, TokenRevoked, TokenRotated};
use trainyard_door::system_clock;
use trainyard_events::access::LastUse;
use trainyard_events::chat::Language;
use trainyard_views::TokenRow;

use crate::args::TokenAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: TokenAction, json: bool) -> Result<()> {
    let language = client.language;
    match action {
        TokenAction::List => {
            let answer = client.get::<TokenList>("/v1/tokens").await?;
            if json {
                return print_json(&answer.json);
            }
            let header = pick(
                language,
                ["id", "이름", "역할", "범위", "상태", "만료", "마지막 사용"],
                ["id", "name", "role", "scope", "state", "expires", "last used"],
            );
            let used = |token: &TokenRow| answer.last_uses.get(&token.token_id.to_string());
            let rows: Vec<Vec<String>> =
                answer.tokens.iter().map(|token| row(token, used(token), language)).collect();
            table::print(&header, &rows);
        }
        TokenAction::Create { name, role, expires, nkey, scope } => {
            let expires_at = expires.map(|span| end(span, language)).transpose()?;
            let new = NewToken { name, role, expires_at, nkey, scope };
            let answer = client.post::<TokenIssued>("/v1/tokens", &new).await?;
            if json {
                return print_json(&answer.json);
            }
            line(&answer.token);
            line(pick(language, "(지금 한 번만 보여 드립니다)", "(shown this once)"));
        }
        TokenAction::Rotate { id, grace } => {
            let grace_s = grace.map(|span| u32::try_from(span.whole_seconds()).unwrap_or(u32::MAX));
            let rotation = Rotation { grace_s, expires_at: None };
            let answer = client.post::<TokenRotated>(&format!("/v1/tokens/{id}/rotate"), &rotation).await?;
            if json {
                return print_json(&answer.json);
            }
            line(&answer.token);
            let until = second(answer.old_until);
            line(pick(
                language,
                format!("(지금 한 번만 보여 드립니다. 이전 토큰은 {until} UTC까지 씁니다)"),
                format!("(shown this once; the old one goes on until {until} UTC)"),
            ));
        }
        TokenAction::Revoke { id } => {
            let answer = client.delete::<TokenRevoked>(&format!("/v1/tokens/{id}")).await?;
            if json {
                return print_json(&answer.json);
            }
            line(pick(
                language,
                format!("토큰을 폐기했습니다({id})"),
                format!("token {id} opens nothing any more"),
            ));
        }
    }
    Ok(())
}

/// When a token that is made now ends.
fn end(span: Duration, language: Language) -> Result<OffsetDateTime> {
    let too_far = pick(language, "--expires가 너무 깁니다", "--expires is too far away");
    system_clock().checked_add(span).context(too_far)
}

fn row(token: &TokenRow, used: Option<&LastUse>, language: Language) -> Vec<String> {
    let all = pick(language, "전체", "all").to_owned();
    let scope: Vec<&str> = token.scope.iter().map(|scope| scope.name()).collect();
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => pick(language, "폐기됨", "revoked"),
        (None, Some(end)) if end <= system_clock() => pick(language, "만료됨", "expired"),
        (None, _) => pick(language, "유효", "valid"),
    };
    vec![
        token.token_id.to_string(),
        token.name.clone(),
        token.role.name().to_owned(),
        if scope.is_empty() { all } else { scope.join(",") },
        state.to_owned(),
        token.expires_at.map_or_else(|| pick(language, "없음", "never").to_owned(), second),
        used.map_or_else(String::new, |used| format!("{} {}", second(used.at), used.address)),
    ]
}

/// Such as `2026-03-01 09:30:08`.
pub(super) fn second(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", at.date())
}
