//! `trainyard token list`, `trainyard token create` and `trainyard token revoke`.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use trainyard_door::system_clock;

use crate::args::TokenAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table, text};
use crate::out::line;

pub(crate) async fn run(client: &Client, action: TokenAction, json: bool) -> Result<()> {
    let answer = match &action {
        TokenAction::List => client.get("/v1/tokens").await?,
        TokenAction::Create { name, role, expires } => {
            let mut new = json!({ "name": name, "role": role });
            if let Some(span) = expires {
                new["expires_at"] = end(*span)?.into();
            }
            client.post("/v1/tokens", &new).await?
        }
        TokenAction::Revoke { id } => client.delete(&format!("/v1/tokens/{id}")).await?,
    };
    if json {
        return print_json(&answer);
    }
    match action {
        TokenAction::List => {
            let rows: Vec<Vec<String>> = answer["tokens"].as_array().into_iter().flatten().map(row).collect();
            table::print(&["id", "name", "role", "state", "expires"], &rows);
        }
        TokenAction::Create { .. } => {
            line(text(&answer, "token"));
            line("(shown this once)");
        }
        TokenAction::Revoke { id } => line(format_args!("token {id} opens nothing any more")),
    }
    Ok(())
}

/// When a token that is made now ends.
fn end(span: Duration) -> Result<String> {
    let end = system_clock().checked_add(span).context("--expires is too far away")?;
    Ok(end.format(&Rfc3339)?)
}

fn row(token: &Value) -> Vec<String> {
    let end = OffsetDateTime::parse(text(token, "expires_at"), &Rfc3339).ok();
    let state = match (token["revoked_at"].is_null(), end) {
        (false, _) => "revoked",
        (true, Some(end)) if end <= system_clock() => "expired",
        (true, _) => "valid",
    };
    vec![
        text(token, "token_id").to_owned(),
        text(token, "name").to_owned(),
        text(token, "role").to_owned(),
        state.to_owned(),
        text(token, "expires_at").get(..19).unwrap_or("never").replace('T', " "),
    ]
}
