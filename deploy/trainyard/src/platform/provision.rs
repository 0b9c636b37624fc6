//! What an operator does once for servers of their own: streams, tables and a bucket, and a NATS user for each role.

use anyhow::{Context, Result};
use trainyard_bus::{CUTTER, Issuer, Part};

use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::{Backends, nats_user};
use crate::platform::readers::account;
use crate::platform::settings::Resolved;

/// `trainyard provision`: after this, and after each upgrade, every role can do with the rights of its own user.
pub(crate) async fn run(settings: Resolved) -> Result<()> {
    let (keeps, replicas) = (settings.feed_keeps, settings.nats_replicas);
    let external = settings.external.context(pick(
        language(),
        "provision은 직접 운영하는 서버에 씁니다. TRAINYARD_NATS_URL을 설정하세요",
        "provision is for servers of your own: set TRAINYARD_NATS_URL",
    ))?;
    let backends = Backends::connect(&external, replicas, keeps).await?;
    backends.bus.drain().await;
    backends.views.close().await;
    out::line(pick(
        language(),
        "스트림, 테이블, 버킷이 모두 있으며 최신입니다",
        "streams, tables and bucket are there and up to date",
    ));
    Ok(())
}

/// `trainyard nats-users`: for the `authorization` of a server's configuration, or the `accounts` besides.
pub(crate) fn print_nats_users(readers: bool) {
    let password = || format!("{:032x}", rand::random::<u128>());
    let admin = format!(
        "# Provisions, archives and restores.\n{{ user: \"admin\", password: \"{}\" }}\n",
        password()
    );
    let parts: String = Part::ALL.map(|part| nats_user(part).entry(&password())).concat();
    let users = admin + &parts;
    if !readers {
        out::lines(&format!("authorization {{ users: [\n{users}] }}"));
        return;
    }
    let issuer = Issuer::draw();
    let names: Vec<&str> = ["admin"].into_iter().chain(Part::ALL.map(Part::name)).collect();
    out::line("# A secret, for gateways alone:");
    out::line(format_args!("# TRAINYARD_READERS_SEED={}", issuer.seed()));
    out::line(format_args!("# TRAINYARD_READERS_NATS_URL is the URL of the user {CUTTER} below."));
    out::lines(account(&issuer).configuration(&users, &names, &password()).trim_end());
}
