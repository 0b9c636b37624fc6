//! What an operator does once for servers of their own: streams, tables and a bucket, and a NATS user for each role.

use anyhow::{Context, Result};
use trainyard_bus::Part;

use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::{Backends, nats_user};
use crate::platform::settings::Resolved;

/// `trainyard provision`: after this, and after each upgrade, every role can do with the rights of its own user.
pub(crate) async fn run(settings: Resolved) -> Result<()> {
    let external = settings.external.context(pick(
        language(),
        "provision은 직접 운영하는 서버에 씁니다. TRAINYARD_NATS_URL을 설정하세요",
        "provision is for servers of your own: set TRAINYARD_NATS_URL",
    ))?;
    let backends = Backends::connect(&external, settings.nats_replicas).await?;
    backends.bus.drain().await;
    backends.views.close().await;
    out::line(pick(
        language(),
        "스트림, 테이블, 버킷이 모두 있으며 최신입니다",
        "streams, tables and bucket are there and up to date",
    ));
    Ok(())
}

/// `trainyard nats-users`: for the `authorization` of a server's configuration.
pub(crate) fn print_nats_users() {
    let password = || format!("{:032x}", rand::random::<u128>());
    out::line("authorization { users: [");
    out::line("# Provisions, archives and restores.");
    out::line(format_args!("{{ user: \"admin\", password: \"{}\" }}", password()));
    for part in Part::ALL {
        out::lines(nats_user(part).entry(&password()).trim_end());
    }
    out::line("] }");
}
