//! `trainyard token list`, `trainyard token create` and `trainyard token revoke`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::TokenAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table, text};
use crate::out::line;

pub(crate) async fn run(client: &Client, action: TokenAction, json: bool) -> Result<()> {
    let answer = match &action {
        TokenAction::List => client.get("/v1/tokens").await?,
        TokenAction::Create { name, role } => {
            client.post("/v1/tokens", &json!({ "name": name, "role": role })).await?
        }
        TokenAction::Revoke { id } => client.delete(&format!("/v1/tokens/{id}")).await?,
    };
    if json {
        return print_json(&answer);
    }
    match action {
        TokenAction::List => {
            let rows: Vec<Vec<String>> = answer["tokens"].as_array().into_iter().flatten().map(row).collect();
            table::print(&["id", "name", "role", "state"], &rows);
        }
        TokenAction::Create { .. } => {
            line(text(&answer, "token"));
            line("(shown this once)");
        }
        TokenAction::Revoke { id } => line(format_args!("token {id} opens nothing any more")),
    }
    Ok(())
}

fn row(token: &Value) -> Vec<String> {
    let state = if token["revoked_at"].is_null() { "valid" } else { "revoked" };
    vec![
        text(token, "token_id").to_owned(),
        text(token, "name").to_owned(),
        text(token, "role").to_owned(),
        state.to_owned(),
    ]
}
