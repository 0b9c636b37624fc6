//! The servers of a fleet, behind a network that can misbehave: NATS, alone or three that find each other through it,
//! Postgres and the store.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use nix::unistd::Pid;
use rand::RngExt;
use rand::rngs::StdRng;
use trainyard_bus::{Part, Rights};
use trainyard_local::harness::{self, TestNats};
use trainyard_local::{LocalConfig, NatsUser, Platform, Server, Tools};
use trainyard_store::{Store, StoreConfig};

use super::disk::Disk;
use super::links::Links;
use super::proxy::Proxy;
use crate::root;

/// Of the small disks, in MiB: room for what a long run writes.
const NATS_DISK_MIB: u32 = 256;
const POSTGRES_DISK_MIB: u32 = 768;
const S3_DISK_MIB: u32 = 512;

pub(super) struct Servers {
    disks: Vec<(Server, Disk)>,
    platform: Platform,
    /// NATS, where it is three servers, and the ways between them.
    cluster: Option<(TestNats, Links)>,
    /// One for each server, those of NATS in the order of its members.
    network: Vec<(Server, Proxy)>,
}

impl Servers {
    pub(super) async fn start(data: &Path, is_cluster: bool, small_disks: bool) -> Result<Servers> {
        let disks = if small_disks { disks(data)? } else { Vec::new() };
        let mut config = LocalConfig::new(data.to_owned(), Tools::find(&root().join(".tools"))?);
        config.nats_users = Part::ALL.map(nats_user).into();
        let cluster = if is_cluster { Some(cluster(&config.nats_users).await?) } else { None };
        let ours: &[Server] = if is_cluster { &[Server::Postgres, Server::S3] } else { &Server::ALL };
        let platform = Platform::start_only(config, ours).await?;
        let mut servers = Servers { disks, platform, cluster, network: Vec::new() };
        let urls = servers.platform.urls();
        let nats = servers.nats().into_iter().map(|url| (Server::Nats, url));
        let others = [(Server::Postgres, urls.postgres.clone()), (Server::S3, urls.s3.endpoint.clone())];
        for (server, url) in nats.chain(others) {
            servers.network.push((server, Proxy::start(address(&url)?).await?));
        }
        Ok(servers)
    }

    /// What a role has to know of them, which reaches them through the network. NATS it knows as a user of its own.
    pub(super) fn environment(&self) -> Result<Vec<(String, String)>> {
        let urls = self.platform.urls();
        let all = [
            ("TRAINYARD_NATS_URL", self.behind(Server::Nats, &self.nats())?),
            ("TRAINYARD_NATS_REPLICAS", self.nats().len().to_string()),
            ("TRAINYARD_DATABASE_URL", self.behind(Server::Postgres, std::slice::from_ref(&urls.postgres))?),
            ("TRAINYARD_S3_ENDPOINT", self.behind(Server::S3, std::slice::from_ref(&urls.s3.endpoint))?),
            ("TRAINYARD_S3_REGION", urls.s3.region.clone()),
            ("TRAINYARD_S3_BUCKET", urls.s3.bucket.clone()),
            ("TRAINYARD_S3_ACCESS_KEY", urls.s3.access_key.clone()),
            ("TRAINYARD_S3_SECRET_KEY", urls.s3.secret_key.clone()),
        ];
        Ok(all.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The members of NATS, past the network.
    pub(super) fn nats(&self) -> Vec<String> {
        match &self.cluster {
            Some((cluster, _)) => cluster.urls(),
            None => vec![self.platform.urls().nats.clone()],
        }
    }

    /// NATS through the network, for a user who may do what a part must.
    pub(super) fn nats_of(&self, part: &str) -> Result<String> {
        let urls = match &self.cluster {
            Some((cluster, _)) => cluster.urls_of(part),
            None => vec![self.platform.urls().nats_of.get(part).context("a user for each role")?.clone()],
        };
        self.behind(Server::Nats, &urls)
    }

    fn behind(&self, server: Server, urls: &[String]) -> Result<String> {
        let through = urls
            .iter()
            .zip(self.before(server))
            .map(|(url, proxy)| Ok(url.replacen(&address(url)?.to_string(), &proxy.address.to_string(), 1)));
        Ok(through.collect::<Result<Vec<_>>>()?.join(","))
    }

    /// The network before a server.
    pub(super) fn before(&self, server: Server) -> impl Iterator<Item = &Proxy> {
        self.network.iter().filter(move |(known, _)| *known == server).map(|(_, proxy)| proxy)
    }

    /// The network between the members of NATS, where there are several.
    pub(super) fn links(&self) -> Option<&Links> {
        self.cluster.as_ref().map(|(_, links)| links)
    }

    /// The small disk of a server that runs. With a cluster, NATS lies elsewhere.
    pub(super) fn disk(&self, server: Server) -> Option<&Disk> {
        self.pid_alone(server)?;
        self.disks.iter().find(|(known, _)| *known == server).map(|(_, disk)| disk)
    }

    /// The process of a server, or of any member of a cluster, that runs now.
    pub(super) fn pid(&self, server: Server, random: &mut StdRng) -> Option<Pid> {
        let pid = match &self.cluster {
            Some((cluster, _)) if server == Server::Nats => {
                cluster.pid(random.random_range(0..cluster.servers()))
            }
            _ => self.pid_alone(server),
        };
        Some(Pid::from_raw(i32::try_from(pid?).ok()?))
    }

    /// The same of a server that is one process.
    fn pid_alone(&self, server: Server) -> Option<u32> {
        if self.cluster.is_some() && server == Server::Nats { None } else { self.platform.pid(server) }
    }

    /// The artifact store, past the network.
    pub(super) async fn store(&self) -> Result<Store> {
        let s3 = &self.platform.urls().s3;
        let config = StoreConfig {
            endpoint: Some(s3.endpoint.clone()),
            region: s3.region.clone(),
            access_key: s3.access_key.clone(),
            secret_key: s3.secret_key.clone(),
            bucket: s3.bucket.clone(),
            path_style: true,
        };
        Ok(Store::connect(config).await?)
    }

    /// Stops them, and returns the disks: what is left on them can be looked at while they are there.
    pub(super) async fn stop(self) -> Result<Vec<(Server, Disk)>> {
        let Servers { disks, platform, .. } = self;
        platform.stop().await?;
        Ok(disks)
    }
}

async fn cluster(users: &[NatsUser]) -> Result<(TestNats, Links)> {
    let mut laid = None;
    let nats = harness::nats_through(users, async |ports| {
        let (links, ways) = Links::lay(ports).await.expect("this machine has free ports");
        laid = Some(links);
        ways
    });
    let nats = nats.await;
    Ok((nats, laid.context("the members were told their ways")?))
}

/// As `trainyard nats-users` prints it.
fn nats_user(part: Part) -> NatsUser {
    let Rights { publish, subscribe } = part.rights();
    NatsUser { name: part.name().to_owned(), publish, subscribe }
}

/// A disk for NATS, and one for Postgres and the servers' logs.
fn disks(data: &Path) -> Result<Vec<(Server, Disk)>> {
    let postgres = Disk::put(data, POSTGRES_DISK_MIB)?;
    let nats = Disk::put(&data.join("nats"), NATS_DISK_MIB)?;
    let s3 = Disk::put(&data.join("objects"), S3_DISK_MIB)?;
    // The one that the others lie on is the last to go.
    Ok(vec![(Server::Nats, nats), (Server::S3, s3), (Server::Postgres, postgres)])
}

/// `host:port` of a URL.
fn address(url: &str) -> Result<SocketAddr> {
    let rest = url.split_once("://").context("a URL")?.1;
    let host = rest.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    host.parse().with_context(|| format!("{host} is no address"))
}
