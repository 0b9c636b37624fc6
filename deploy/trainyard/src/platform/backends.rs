//! The three servers as the roles use them, whoever runs them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use trainyard_archive::Archive;
use trainyard_bus::{Bus, BusConfig, CUTTER, Part, Rights};
use trainyard_local::{LocalConfig, NatsUser, Platform, Tools};
use trainyard_projections::Views;
use trainyard_store::Store;

use crate::language::{language, pick};
use crate::platform::readers::{ReadersAccess, account, local_issuer};
use crate::platform::settings::{External, Resolved, S3};

/// Connections to NATS, Postgres and S3, with their streams, tables and bucket made.
#[derive(Clone)]
pub(crate) struct Backends {
    pub bus: Bus,
    pub views: Views,
    pub store: Store,
    /// What has left the log, as the bus reads it there.
    pub archive: Arc<Archive>,
    /// Where they are, secrets included: for the ready file and for child processes.
    pub at: External,
    /// The NATS of each part, with a user of its own, where the server is ours.
    nats_of: BTreeMap<String, String>,
    /// Where readers may log in.
    pub readers: Option<ReadersAccess>,
}

/// What `part` may do, as the user of a server's configuration.
pub(crate) fn nats_user(part: Part) -> NatsUser {
    let Rights { publish, subscribe } = part.rights();
    NatsUser { name: part.name().to_owned(), publish, subscribe }
}

impl Backends {
    /// Starts servers of our own unless there are others, and connects. The platform must be stopped by the caller.
    pub(crate) async fn start(settings: &Resolved) -> Result<(Backends, Option<Platform>)> {
        if let Some(external) = &settings.external {
            let backends = Backends::connect(external, settings.nats_replicas, settings.feed_keeps).await?;
            return Ok((Backends { readers: settings.readers()?, ..backends }, None));
        }
        let tools = Tools::with_store(&settings.tools, std::env::current_exe()?)?;
        let mut config = LocalConfig::new(&settings.data, tools);
        config.nats_users = Part::ALL.map(nats_user).into();
        let issuer = local_issuer(&settings.data)?;
        config.readers = Some(account(&issuer));
        let platform = Platform::start(config).await?;
        let urls = platform.urls();
        let at = External {
            nats: urls.nats.clone(),
            database: urls.postgres.clone(),
            s3: S3 {
                endpoint: urls.s3.endpoint.clone(),
                region: urls.s3.region.clone(),
                bucket: urls.s3.bucket.clone(),
                access_key: urls.s3.access_key.clone(),
                secret_key: urls.s3.secret_key.clone(),
            },
        };
        match Backends::connect(&at, 1, settings.feed_keeps).await {
            Ok(backends) => {
                let nats_of = urls.nats_of.clone();
                let readers = Some(ReadersAccess { issuer, cutter: nats_of[CUTTER].clone() });
                Ok((Backends { nats_of, readers, ..backends }, Some(platform)))
            }
            Err(error) => {
                platform.stop().await?;
                Err(error)
            }
        }
    }

    /// The same for one part: it does on the bus what it may, and nothing else.
    pub(crate) async fn of(&self, part: Part) -> Result<Backends> {
        let Some(nats) = self.nats_of.get(part.name()).cloned() else { return Ok(self.clone()) };
        let bus = Bus::connect(BusConfig { url: nats.clone(), replicas: 1 }).await?;
        let bus = bus.with_past(self.archive.clone());
        let bus = if part.reads_what_is_said() { bus } else { bus.sealed() };
        Ok(Backends { bus, at: External { nats, ..self.at.clone() }, ..self.clone() })
    }

    /// For what may change streams and tables.
    pub(crate) async fn connect(
        at: &External,
        replicas: usize,
        feed_keeps: Option<Duration>,
    ) -> Result<Backends> {
        let backends = Backends::connect_as_part(at, replicas).await?;
        let bus = backends.bus.keeping_feed(feed_keeps);
        bus.ensure().await?;
        Ok(Backends { bus, ..backends })
    }

    /// For a part of the platform, which may not change the streams that are there.
    pub(crate) async fn connect_as_part(at: &External, replicas: usize) -> Result<Backends> {
        let bus = Box::pin(async {
            let bus = Bus::connect(BusConfig { url: at.nats.clone(), replicas }).await?;
            bus.expect().await.context(pick(
                language(),
                "NATS: 스트림이 있어야 할 모습이 아닙니다. 권한이 있는 사용자로 `trainyard provision`을 실행하세요",
                "NATS: the streams are not as they should be; `trainyard provision` makes them, with a user who may",
            ))?;
            anyhow::Ok(bus)
        });
        let views = Box::pin(async { Views::connect(&at.database).await.context("Postgres") });
        let store = Box::pin(async {
            let store = at.s3.store().await?;
            store.ensure_bucket().await?;
            anyhow::Ok(store)
        });
        let (bus, views, store) = tokio::try_join!(bus, views, store)?;
        let archive = Arc::new(Archive::new(store.clone()));
        let bus = bus.with_past(archive.clone());
        Ok(Backends { bus, views, store, archive, at: at.clone(), nats_of: BTreeMap::new(), readers: None })
    }
}
