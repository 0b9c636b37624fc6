//! The first tenant and its first token, made once.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_commands::tenant::{NewToken, TenantCommand};
use trainyard_commands::{Command, Rejection, Request, derived_id};
use trainyard_door::{Door, HandleError, system_clock};
use trainyard_events::tenant::Role;
use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

use crate::language::{language, pick};
use crate::out;
use crate::platform::settings::Resolved;

/// The tenant of a platform that runs in a folder.
pub(crate) const LOCAL_TENANT: &str = "local";
const TOKEN_FILE: &str = "token";

/// The admin token of the platform in `data`: the one made the first time, or a new one.
pub(crate) async fn local_token(log: impl EventLog, data: &Path) -> Result<String> {
    let path = data.join(TOKEN_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let (text, _) = trainyard_gateway::new_token();
            write_secret(&path, text.as_bytes())?;
            text
        }
        Err(error) => {
            return Err(error).with_context(|| {
                let path = path.display();
                pick(language(), format!("{path}: 읽을 수 없습니다"), format!("{path} cannot be read"))
            });
        }
    };
    issue(log, &LOCAL_TENANT.parse().expect("the constant is a valid name"), &text).await?;
    Ok(text)
}

/// `trainyard bootstrap`: for a log that is run by others.
pub(crate) async fn print_token(settings: Resolved, tenant: &str, as_json: bool) -> Result<()> {
    let tenant: TenantId = tenant.parse()?;
    let external = settings.external.context(pick(
        language(),
        "bootstrap은 직접 운영하는 서버에 씁니다. TRAINYARD_NATS_URL을 설정하세요",
        "bootstrap is for servers of your own: set TRAINYARD_NATS_URL",
    ))?;
    let bus = Bus::connect(BusConfig { url: external.nats, replicas: settings.nats_replicas }).await?;
    let bus = bus.keeping_feed(settings.feed_keeps);
    bus.ensure().await?;
    let (text, _) = trainyard_gateway::new_token();
    issue(bus.log(), &tenant, &text).await?;
    if as_json {
        out::json(&json!({ "tenant": tenant, "token": text }));
    } else {
        out::line(text);
        out::line(pick(
            language(),
            format!("(테넌트 {tenant}의 관리자 토큰입니다. 지금 한 번만 보여 드립니다)"),
            format!("(the admin token of tenant {tenant}, shown this once)"),
        ));
    }
    Ok(())
}

/// Makes sure that the tenant exists and the token opens it. Doing it again changes nothing.
async fn issue(log: impl EventLog, tenant: &TenantId, token: &str) -> Result<()> {
    let door = Door::new(log, system_clock);
    let sha256 = trainyard_gateway::token_hash(token);
    let token_id =
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("trainyard:{tenant}:token:{sha256}").as_bytes());
    let ask = |name: &str, command| Request {
        id: derived_id(token_id, name),
        tenant: tenant.clone(),
        aggregate: Aggregate::Tenant(tenant.clone()),
        actor: Actor::Policy("bootstrap".to_owned()),
        correlation_id: token_id,
        causation_id: None,
        command: Command::Tenant(command),
    };
    door.handle(ask("create", TenantCommand::Create)).await?;
    let issue = |name: String| {
        let (role, sha256) = (Role::Admin, sha256.clone());
        let (scope, now) = (Vec::new(), system_clock());
        let new = NewToken { token_id, name, role, sha256, expires_at: None, scope, now };
        door.handle(ask("issue", TenantCommand::IssueToken(new)))
    };
    match issue("bootstrap".to_owned()).await {
        // Another was made before, and may be lost.
        Err(HandleError::Rejected(Rejection::TokenNameTaken)) => {
            issue(format!("bootstrap-{}", &sha256[..8])).await?
        }
        issued => issued?,
    };
    Ok(())
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_secret(path: &Path, secret: &[u8]) -> Result<()> {
    let cannot = || {
        let path = path.display();
        pick(language(), format!("{path}: 쓸 수 없습니다"), format!("{path} cannot be written"))
    };
    let beside = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .with_context(cannot)?;
    file.write_all(secret).and_then(|()| file.sync_all()).with_context(cannot)?;
    std::fs::rename(&beside, path).with_context(cannot)
}
