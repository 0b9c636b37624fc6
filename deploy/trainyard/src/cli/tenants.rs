//! `trainyard tenants`: who has a place on the platform, for its operators.

use anyhow::Result;
use serde_json::json;
use trainyard_api::tenants::{TenantClosed, TenantList, TenantMade};

use crate::args::TenantAction;
use crate::cli::client::Client;
use crate::cli::tokens::second;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: Option<TenantAction>, json: bool) -> Result<()> {
    let language = client.language;
    match action.unwrap_or(TenantAction::List) {
        TenantAction::List => {
            let answer = client.get::<TenantList>("/v1/tenants").await?;
            if json {
                return print_json(&answer.json);
            }
            let rows = answer.tenants.iter().map(|tenant| {
                let closed = tenant.closed_at.map(second).unwrap_or_default();
                vec![tenant.tenant.to_string(), second(tenant.created_at), closed]
            });
            let header = pick(language, ["테넌트", "만든 때", "닫은 때"], ["tenant", "made", "closed"]);
            table::print(&header, &rows.collect::<Vec<_>>());
        }
        TenantAction::Create { tenant } => {
            let answer = client.post::<TenantMade>("/v1/tenants", &json!({ "tenant": tenant })).await?;
            if json {
                return print_json(&answer.json);
            }
            line(&answer.token);
            line(pick(
                language,
                format!("(테넌트 {tenant}의 관리자 토큰입니다. 지금 한 번만 보여 드립니다)"),
                format!("(the admin token of tenant {tenant}, shown this once)"),
            ));
        }
        TenantAction::Close { tenant } => {
            let answer = client.delete::<TenantClosed>(&format!("/v1/tenants/{tenant}")).await?;
            if json {
                return print_json(&answer.json);
            }
            let tokens = answer.tokens;
            line(pick(
                language,
                format!("{tenant} 테넌트를 닫았습니다. 폐기한 토큰: {tokens}"),
                format!("tenant {tenant} is closed; tokens that were revoked: {tokens}"),
            ));
        }
    }
    Ok(())
}
