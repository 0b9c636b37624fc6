//! `trainyard token list`, `trainyard token create` and `trainyard token revoke`.

use anyhow::{Context, Result};
use time::{Duration, OffsetDateTime};
use trainyard_api::tokens::{NewToken, TokenIssued, TokenList, TokenRevoked};
use trainyard_door::system_clock;
use trainyard_views::TokenRow;

use crate::args::TokenAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::out::line;

pub(crate) async fn run(client: &Client, action: TokenAction, json: bool) -> Result<()> {
    match action {
        TokenAction::List => {
            let answer = client.get::<TokenList>("/v1/tokens").await?;
            if json {
                return print_json(&answer.json);
            }
            let rows: Vec<Vec<String>> = answer.tokens.iter().map(row).collect();
            table::print(&["id", "name", "role", "state", "expires"], &rows);
        }
        TokenAction::Create { name, role, expires } => {
            let new = NewToken { name, role, expires_at: expires.map(end).transpose()? };
            let answer = client.post::<TokenIssued>("/v1/tokens", &new).await?;
            if json {
                return print_json(&answer.json);
            }
            line(&answer.token);
            line("(shown this once)");
        }
        TokenAction::Revoke { id } => {
            let answer = client.delete::<TokenRevoked>(&format!("/v1/tokens/{id}")).await?;
            if json {
                return print_json(&answer.json);
            }
            line(format_args!("token {id} opens nothing any more"));
        }
    }
    Ok(())
}

/// When a token that is made now ends.
fn end(span: Duration) -> Result<OffsetDateTime> {
    system_clock().checked_add(span).context("--expires is too far away")
}

fn row(token: &TokenRow) -> Vec<String> {
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= system_clock() => "expired",
        (None, _) => "valid",
    };
    vec![
        token.token_id.to_string(),
        token.name.clone(),
        token.role.name().to_owned(),
        state.to_owned(),
        token.expires_at.map_or_else(|| "never".to_owned(), second),
    ]
}

/// Such as `2026-03-01 09:30:08`.
fn second(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", at.date())
}
