//! A platform as a company runs it: three servers behind a network that can misbehave, and every role a process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::{Instant, sleep};
use trainyard_bus::{Part, Rights};
use trainyard_local::harness::{self, TestNats};
use trainyard_local::{LocalConfig, NatsUser, Platform, Server, Tools};
use trainyard_store::{Store, StoreConfig};

use super::Plan;
use super::disk::Disk;
use super::fault::Fault;
use super::proxy::Proxy;
use super::role::{Recipe, Role};
use crate::{binary, root};

pub(super) const TENANT: &str = "chaos";
const START_DEADLINE: Duration = Duration::from_secs(90);
/// What ends with a server or a role is gone by then, on a busy machine too.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Of the small disks, in MiB: room for what a long run writes.
const NATS_DISK_MIB: u32 = 256;
const POSTGRES_DISK_MIB: u32 = 768;
const S3_DISK_MIB: u32 = 512;

pub(super) struct Fleet {
    /// Before the folder: they lie in it.
    disks: Vec<(Server, Disk)>,
    folder: TempDir,
    servers: Platform,
    /// NATS, where it is three servers.
    cluster: Option<TestNats>,
    /// One for each server.
    network: Vec<(Server, Proxy)>,
    roles: Vec<Role>,
    /// What every role finds in its environment: the servers behind the network.
    environment: Vec<(String, String)>,
    /// NATS, past the network.
    pub(super) nats: String,
    /// NATS as each role's own user, who may do what that role must.
    nats_of: BTreeMap<String, String>,
    gateway: SocketAddr,
    pub(super) token: String,
    pub(super) http: reqwest::Client,
}

impl Fleet {
    pub(super) async fn start(plan: &Plan, small_disks: bool) -> Result<Fleet> {
        let Plan { workers, slots, cluster: is_cluster, .. } = *plan;
        let folder = TempDir::with_prefix("trainyard-chaos-")?;
        let tools = Tools::find(&root().join(".tools"))?;
        let data = folder.path().join("servers");
        let disks = if small_disks { disks(&data)? } else { Vec::new() };
        let mut config = LocalConfig::new(data, tools);
        config.nats_users = Part::ALL.map(nats_user).into();
        let cluster = if is_cluster { Some(harness::nats_of(3, &config.nats_users).await) } else { None };
        let ours: &[Server] = if is_cluster { &[Server::Postgres, Server::S3] } else { &Server::ALL };
        let servers = Platform::start_only(config, ours).await?;
        let urls = servers.urls().clone();
        let nats = match &cluster {
            Some(cluster) => cluster.urls(),
            None => vec![urls.nats.clone()],
        };
        let mut network = Vec::new();
        let nats_servers = nats.iter().map(|url| (Server::Nats, url));
        let others = [(Server::Postgres, &urls.postgres), (Server::S3, &urls.s3.endpoint)];
        for (server, url) in nats_servers.chain(others) {
            network.push((server, Proxy::start(address(url)?).await?));
        }
        // Servers of one kind are addressed in the order of their proxies.
        let behind = |server: Server, urls: &[String]| -> Result<String> {
            let proxies = network.iter().filter(|(known, _)| *known == server);
            let through = urls.iter().zip(proxies).map(|(url, (_, proxy))| {
                Ok(url.replacen(&address(url)?.to_string(), &proxy.address.to_string(), 1))
            });
            Ok(through.collect::<Result<Vec<_>>>()?.join(","))
        };
        let free = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let mut environment: Vec<(String, String)> = [
            ("TRAINYARD_NATS_URL", behind(Server::Nats, &nats)?),
            ("TRAINYARD_NATS_REPLICAS", nats.len().to_string()),
            ("TRAINYARD_DATABASE_URL", behind(Server::Postgres, std::slice::from_ref(&urls.postgres))?),
            ("TRAINYARD_S3_ENDPOINT", behind(Server::S3, std::slice::from_ref(&urls.s3.endpoint))?),
            ("TRAINYARD_S3_REGION", urls.s3.region.clone()),
            ("TRAINYARD_S3_BUCKET", urls.s3.bucket.clone()),
            ("TRAINYARD_S3_ACCESS_KEY", urls.s3.access_key.clone()),
            ("TRAINYARD_S3_SECRET_KEY", urls.s3.secret_key.clone()),
            ("TRAINYARD_LISTEN", free.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut nats_of = BTreeMap::new();
        for part in Part::ALL.map(Part::name) {
            let urls = match &cluster {
                Some(cluster) => cluster.urls_of(part),
                None => vec![urls.nats_of[part].clone()],
            };
            nats_of.insert(part.to_owned(), behind(Server::Nats, &urls)?);
        }
        environment.push(("TRAINYARD_TRAINER".to_owned(), text(&binary("trainyard-chain")?)));
        environment.push(("TRAINYARD_DATASET_ROOTS".to_owned(), "/".to_owned()));
        environment.push(("TRAINYARD_WORKER_SLOTS".to_owned(), slots.to_string()));
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build()?;
        let mut fleet = Fleet {
            disks,
            folder,
            servers,
            cluster,
            network,
            roles: Vec::new(),
            environment,
            nats: nats.join(","),
            nats_of,
            gateway: free,
            token: String::new(),
            http,
        };
        let first = fleet.trainyard(&["bootstrap", "--tenant", TENANT, "--json"]).await?;
        fleet.token = serde_json::from_str::<Value>(&first)?["token"].as_str().context("a token")?.to_owned();
        // Two of each that may be more than one: what they do twice must be written once.
        for role in ["gateway", "projector", "dispatcher-1", "dispatcher-2", "feed-1", "feed-2"] {
            fleet.launch(role)?;
        }
        for number in 1..=workers {
            fleet.launch(&format!("worker-{number}"))?;
        }
        fleet.answers().await?;
        Ok(fleet)
    }

    fn launch(&mut self, name: &str) -> Result<()> {
        let role = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '-');
        let mut environment = self.environment.clone();
        let nats = self.nats_of.get(role).context("a user for each role")?;
        environment.push(("TRAINYARD_NATS_URL".to_owned(), nats.clone()));
        environment.push(("TRAINYARD_DATA".to_owned(), text(&self.path().join(name))));
        environment.push(("TRAINYARD_WORKER_NAME".to_owned(), name.to_owned()));
        environment.push(("TRAINYARD_TEST_CLOCK_STEP".to_owned(), text(&self.clock(name))));
        let recipe = Recipe {
            name: name.to_owned(),
            program: binary("trainyard")?,
            arguments: vec![role.to_owned()],
            environment,
        };
        self.roles.push(Role::start(recipe, self.folder.path()));
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file that says by how much the clock of a role is wrong.
    fn clock(&self, role: &str) -> PathBuf {
        self.path().join(format!("{role}.clock"))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway)
    }

    pub(super) fn role_names(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name.clone()).collect()
    }

    /// The artifact store, past the network.
    pub(super) async fn store(&self) -> Result<Store> {
        let s3 = &self.servers.urls().s3;
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

    /// Rids the store of what is of no use, with no more rights than that takes; how many objects that was.
    pub(super) async fn collect(&self) -> Result<u64> {
        let nats = self.nats_of.get("projector").context("a user for each role")?;
        let said = self.trainyard(&["collect", "--json", "--nats-url", nats]).await?;
        let said: Value = serde_json::from_str(&said)?;
        said["collected"]["objects"].as_u64().with_context(|| said.to_string())
    }

    /// One command of the command line; its standard output.
    pub(super) async fn trainyard(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(binary("trainyard")?)
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .kill_on_drop(true)
            .output()
            .await?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{arguments:?}: {}{errors}",
            String::from_utf8_lossy(&output.stdout)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Returns when the gateway says that every part is there.
    pub(super) async fn answers(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let ready = self.http.get(self.url("/readyz")).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            ensure!(begun.elapsed() < START_DEADLINE, "the gateway is not ready after {START_DEADLINE:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Lets it happen, and returns when it is over. False when there was nothing that it could happen to.
    pub(super) async fn suffer(&self, fault: &Fault, random: &mut StdRng) -> bool {
        let network = |server: &Server, suffer: &dyn Fn(&Proxy)| {
            self.network.iter().filter(|(known, _)| known == server).for_each(|(_, proxy)| suffer(proxy));
        };
        let role = |name: &String| self.roles.iter().find(|role| role.name == *name);
        match fault {
            Fault::KillServer(server) => {
                self.pid(*server, random).is_some_and(|pid| kill(pid, Signal::SIGKILL).is_ok())
            }
            Fault::FreezeServer(server, lasting) => match self.pid(*server, random) {
                Some(pid) => freeze(pid, *lasting).await,
                None => false,
            },
            Fault::KillRole(name) => role(name).is_some_and(|role| role.signal(Signal::SIGKILL)),
            Fault::TerminateRole(name) => role(name).is_some_and(|role| role.signal(Signal::SIGTERM)),
            Fault::FreezeRole(name, lasting) => match role(name).and_then(Role::pid) {
                Some(pid) => freeze(Pid::from_raw(pid), *lasting).await,
                None => false,
            },
            Fault::KillTrainer => {
                let trainers = self.processes("trainyard-chain");
                if trainers.is_empty() {
                    return false;
                }
                let chosen = trainers[random.random_range(0..trainers.len())];
                kill(Pid::from_raw(chosen), Signal::SIGKILL).is_ok()
            }
            Fault::Cut(server) => {
                network(server, &Proxy::cut);
                true
            }
            Fault::Truncate(server) => {
                network(server, &Proxy::truncate);
                true
            }
            Fault::FillStore(lasting) => {
                network(&Server::S3, &|proxy| proxy.fill(true));
                sleep(*lasting).await;
                network(&Server::S3, &|proxy| proxy.fill(false));
                true
            }
            Fault::FillDisk(server, lasting) => {
                match self.disks.iter().find(|(known, _)| known == server) {
                    // With a cluster, NATS lies elsewhere.
                    Some((_, disk)) if self.pid_alone(*server).is_some() => full_for(disk, *lasting).await,
                    _ => false,
                }
            }
            Fault::StepClock(name, by_s, lasting) => {
                let stepped = std::fs::write(self.clock(name), by_s.to_string()).is_ok();
                sleep(*lasting).await;
                stepped && std::fs::write(self.clock(name), "0").is_ok()
            }
            Fault::Slow { server, by, lasting } => {
                network(server, &|proxy| proxy.delay(*by));
                sleep(*lasting).await;
                network(server, &|proxy| proxy.delay(Duration::ZERO));
                true
            }
        }
    }

    /// The process of a server, or of any member of a cluster, that runs now.
    fn pid(&self, server: Server, random: &mut StdRng) -> Option<Pid> {
        let pid = match &self.cluster {
            Some(cluster) if server == Server::Nats => cluster.pid(random.random_range(0..3)),
            _ => self.pid_alone(server),
        };
        Some(Pid::from_raw(i32::try_from(pid?).ok()?))
    }

    /// The same of a server that is one process.
    fn pid_alone(&self, server: Server) -> Option<u32> {
        if self.cluster.is_some() && server == Server::Nats { None } else { self.servers.pid(server) }
    }

    /// Processes of this fleet whose command line has `word` in it.
    pub(super) fn processes(&self, word: &str) -> Vec<i32> {
        let ours = text(self.path());
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            // A guard has the line of what it guards at the end of its own.
            line.contains(&ours) && line.contains(word) && !line.contains("\0guard\0")
        })
        .collect()
    }

    /// Resident memory of each role in MiB.
    pub(super) fn memory(&self) -> Vec<(String, f64)> {
        let resident = |pid: i32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
        };
        self.roles.iter().filter_map(|role| Some((role.name.clone(), resident(role.pid()?)?))).collect()
    }

    /// Copies what roles and servers have written to where it stays.
    pub(super) fn keep_logs(&self) -> Result<PathBuf> {
        let kept = TempDir::with_prefix("trainyard-chaos-logs-")?.keep();
        for folder in [self.path().to_owned(), self.path().join("servers/logs")] {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if let Some(name) =
                    path.file_name().filter(|_| path.extension().is_some_and(|it| it == "log"))
                {
                    std::fs::copy(&path, kept.join(name))?;
                }
            }
        }
        Ok(kept)
    }

    /// Stops the roles, so that nothing is written any more; the servers stay.
    pub(super) async fn stop_roles(&mut self) -> Result<()> {
        let stops = self.roles.drain(..).map(Role::stop);
        futures::future::try_join_all(stops).await?;
        Ok(())
    }

    /// Stops the servers, and says which processes are left a moment later: none should be.
    pub(super) async fn stop_servers(self) -> Result<Vec<String>> {
        let Fleet { folder, servers, disks: _disks, .. } = self;
        servers.stop().await?;
        let begun = Instant::now();
        loop {
            let left = left_of(folder.path())?;
            if left.is_empty() || begun.elapsed() > LAST_WORDS {
                return Ok(left);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The processes of a fleet in this folder, each with what it does: `25556: trainyard guard run ...`.
fn left_of(folder: &Path) -> Result<Vec<String>> {
    let ours = text(folder);
    let left = std::fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // Servers are put into their folders, and name none.
        let works_in = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        let is_ours = line.contains(&ours) || works_in.starts_with(folder);
        is_ours.then(|| format!("{pid}: {line}"))
    });
    Ok(left.collect())
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

/// False when it could not be filled, or not be emptied again.
async fn full_for(disk: &Disk, lasting: Duration) -> bool {
    let filled = disk.fill().is_ok();
    sleep(lasting).await;
    disk.make_room().is_ok() && filled
}

/// SIGSTOP, and SIGCONT after so long.
async fn freeze(pid: Pid, lasting: Duration) -> bool {
    let stopped = kill(pid, Signal::SIGSTOP).is_ok();
    sleep(lasting).await;
    stopped && kill(pid, Signal::SIGCONT).is_ok()
}

/// `host:port` of a URL.
fn address(url: &str) -> Result<SocketAddr> {
    let rest = url.split_once("://").context("a URL")?.1;
    let host = rest.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    host.parse().with_context(|| format!("{host} is no address"))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
