//! Readers of the feed: what servers are told of their account, and what a gateway needs to let them in.

use std::path::Path;

use anyhow::{Context, Result};
use trainyard_bus::{
    Bus, BusConfig, CUTTER, Issuer, PLATFORM_ACCOUNT, READERS_ACCOUNT, Rights, Service, cutter, services,
};
use trainyard_gateway::Logins;
use trainyard_local::{NatsService, NatsUser, Readers};

use crate::language::{language, pick};
use crate::platform::bootstrap::write_secret;

/// Below the data folder: the key that vouches for readers.
const SEED_FILE: &str = "readers.seed";

/// Who vouches for readers, and the NATS of the user who cuts them off.
#[derive(Clone, Debug)]
pub(crate) struct ReadersAccess {
    pub issuer: Issuer,
    pub cutter: String,
}

impl ReadersAccess {
    pub(crate) async fn logins(self) -> Result<Logins> {
        let ReadersAccess { issuer, cutter: url } = self;
        let cutter = Bus::connect(BusConfig { url, replicas: 1 }).await.context(pick(
            language(),
            "TRAINYARD_READERS_NATS_URL의 NATS에 연결할 수 없습니다",
            "the NATS of TRAINYARD_READERS_NATS_URL",
        ))?;
        Ok(Logins { issuer, cutter })
    }
}

/// The account of readers, for a server's configuration.
pub(crate) fn account(issuer: &Issuer) -> Readers {
    let service = |Service { asked, heard, streams }| NatsService { asked, heard, streams };
    let Rights { publish, subscribe } = cutter();
    Readers {
        account: READERS_ACCOUNT.to_owned(),
        platform: PLATFORM_ACCOUNT.to_owned(),
        services: services().into_iter().map(service).collect(),
        system: NatsUser { name: CUTTER.to_owned(), publish, subscribe },
        issuer: issuer.public_key(),
    }
}

/// The key of the platform in `data`, made the first time.
pub(crate) fn local_issuer(data: &Path) -> Result<Issuer> {
    let path = data.join(SEED_FILE);
    match std::fs::read_to_string(&path) {
        Ok(seed) => Ok(Issuer::from_seed(&seed)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let issuer = Issuer::draw();
            write_secret(&path, issuer.seed().as_bytes())?;
            Ok(issuer)
        }
        Err(error) => Err(error).with_context(|| {
            let path = path.display();
            pick(language(), format!("{path}: 읽을 수 없습니다"), format!("{path} cannot be read"))
        }),
    }
}
