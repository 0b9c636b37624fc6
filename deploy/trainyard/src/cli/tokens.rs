//! `trainyard token list`, `trainyard token create` and `trainyard token revoke`.

use anyhow::{Context, Result};
use time::{Duration, OffsetDateTime};
use trainyard_api::tokens::{NewToken, TokenIssued, TokenList, TokenRevoked};
use trainyard_door::system_clock;
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
                ["id", "이름", "역할", "상태", "만료"],
                ["id", "name", "role", "state", "expires"],
            );
            let rows: Vec<Vec<String>> = answer.tokens.iter().map(|token| row(token, language)).collect();
            table::print(&header, &rows);
        }
        TokenAction::Create { name, role, expires, nkey } => {
            let expires_at = expires.map(|span| end(span, language)).transpose()?;
            let new = NewToken { name, role, expires_at, nkey };
            let answer = client.post::<TokenIssued>("/v1/tokens", &new).await?;
            if json {
                return print_json(&answer.json);
            }
            line(&answer.token);
            line(pick(language, "(지금 한 번만 보여 드립니다)", "(shown this once)"));
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

fn row(token: &TokenRow, language: Language) -> Vec<String> {
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => pick(language, "폐기됨", "revoked"),
        (None, Some(end)) if end <= system_clock() => pick(language, "만료됨", "expired"),
        (None, _) => pick(language, "유효", "valid"),
    };
    vec![
        token.token_id.to_string(),
        token.name.clone(),
        token.role.name().to_owned(),
        state.to_owned(),
        token.expires_at.map_or_else(|| pick(language, "없음", "never").to_owned(), second),
    ]
}

/// Such as `2026-03-01 09:30:08`.
fn second(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", at.date())
}
