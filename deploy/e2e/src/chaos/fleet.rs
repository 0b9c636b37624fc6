//! A platform as a company runs it: servers behind a network that can misbehave, and every role a process, most of them twice.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::{Instant, sleep};
use trainyard_store::Store;

use super::Plan;
use super::processes;
use super::role::{Recipe, Role};
use super::servers::Servers;
use crate::binary;

pub(super) const TENANT: &str = "chaos";
pub(super) const TRAINER: &str = "trainyard-chain";
const START_DEADLINE: Duration = Duration::from_secs(90);
/// What ends with a server or a role is gone by then, on a busy machine too.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Roles of which there may be more than one: what they do twice must be written once.
const TWINS: [&str; 4] = ["gateway", "projector", "dispatcher", "feed"];

pub(super) struct Fleet {
    /// Before the folder: their disks lie in it.
    pub(super) servers: Servers,
    folder: TempDir,
    pub(super) roles: Vec<Role>,
    /// What every role finds in its environment: the servers behind the network.
    environment: Vec<(String, String)>,
    /// NATS, past the network.
    pub(super) nats: String,
    gateways: Vec<SocketAddr>,
    /// Counts requests, which take turns.
    asked: AtomicUsize,
    pub(super) token: String,
    pub(super) http: reqwest::Client,
}

impl Fleet {
    pub(super) async fn start(plan: &Plan, small_disks: bool) -> Result<Fleet> {
        let folder = TempDir::with_prefix("trainyard-chaos-")?;
        let servers = Servers::start(&folder.path().join("servers"), plan.cluster, small_disks).await?;
        let mut environment = servers.environment()?;
        environment.push(("TRAINYARD_TRAINER".to_owned(), text(&binary(TRAINER)?)));
        environment.push(("TRAINYARD_DATASET_ROOTS".to_owned(), "/".to_owned()));
        environment.push(("TRAINYARD_WORKER_SLOTS".to_owned(), plan.slots.to_string()));
        let mut fleet = Fleet {
            nats: servers.nats().join(","),
            servers,
            folder,
            roles: Vec::new(),
            environment,
            gateways: addresses(plan.twins).await?,
            asked: AtomicUsize::new(0),
            token: String::new(),
            http: trainyard_fetch::client().timeout(Duration::from_secs(20)).build()?,
        };
        let first = fleet.trainyard(&["bootstrap", "--tenant", TENANT, "--json"]).await?;
        fleet.token = serde_json::from_str::<Value>(&first)?["token"].as_str().context("a token")?.to_owned();
        for number in 1..=plan.twins {
            for role in TWINS {
                fleet.launch(role, number)?;
            }
        }
        fleet.launch("auditor", 1)?;
        for number in 1..=plan.workers {
            fleet.launch("worker", number)?;
        }
        fleet.answers().await?;
        Ok(fleet)
    }

    fn launch(&mut self, role: &str, number: usize) -> Result<()> {
        let name = format!("{role}-{number}");
        let mut environment = self.environment.clone();
        let own = [
            ("TRAINYARD_NATS_URL", self.servers.nats_of(role)?),
            ("TRAINYARD_DATA", text(&self.path().join(&name))),
            ("TRAINYARD_WORKER_NAME", name.clone()),
            ("TRAINYARD_TEST_CLOCK_STEP", text(&self.clock(&name))),
        ];
        environment.extend(own.map(|(variable, value)| (variable.to_owned(), value)));
        if role == "gateway" {
            environment.push(("TRAINYARD_LISTEN".to_owned(), self.gateways[number - 1].to_string()));
        }
        let recipe =
            Recipe { name, program: binary("trainyard")?, arguments: vec![role.to_owned()], environment };
        self.roles.push(Role::start(recipe, self.folder.path()));
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file that says by how much the clock of a role is wrong.
    pub(super) fn clock(&self, role: &str) -> PathBuf {
        self.path().join(format!("{role}.clock"))
    }

    /// At the next gateway, so that whatever is asked again is asked elsewhere.
    pub(super) fn url(&self, path: &str) -> String {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        format!("http://{}{path}", self.gateways[turn % self.gateways.len()])
    }

    /// At every gateway.
    pub(super) fn urls(&self, scheme: &str, path: &str) -> Vec<String> {
        self.gateways.iter().map(|gateway| format!("{scheme}://{gateway}{path}")).collect()
    }

    pub(super) fn role_names(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name.clone()).collect()
    }

    /// The artifact store, past the network.
    pub(super) async fn store(&self) -> Result<Store> {
        self.servers.store().await
    }

    /// Rids the store of what is of no use, with no more rights than that takes; how many objects that was.
    pub(super) async fn collect(&self) -> Result<u64> {
        let nats = self.servers.nats_of("projector")?;
        let said = self.trainyard(&["collect", "--json", "--nats-url", &nats]).await?;
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

    /// Returns when every gateway says that every part is there.
    pub(super) async fn answers(&self) -> Result<()> {
        let begun = Instant::now();
        for url in self.urls("http", "/readyz") {
            loop {
                let ready = self.http.get(&url).send().await;
                if ready.is_ok_and(|answer| answer.status().is_success()) {
                    break;
                }
                ensure!(begun.elapsed() < START_DEADLINE, "{url} does not say so after {START_DEADLINE:?}");
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    /// Trainers that run.
    pub(super) fn trainers(&self) -> Vec<i32> {
        processes::named(self.path(), TRAINER)
    }

    /// Resident memory of each role in MiB.
    pub(super) fn memory(&self) -> Vec<(String, f64)> {
        let resident = |role: &Role| Some((role.name.clone(), processes::resident_mib(role.pid()?)?));
        self.roles.iter().filter_map(resident).collect()
    }

    /// The roles that have failed, and how often.
    pub(super) fn failures(&self) -> Vec<(String, usize)> {
        let failed = self.roles.iter().map(|role| (role.name.clone(), role.failures()));
        failed.filter(|(_, times)| *times > 0).collect()
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
        let Fleet { folder, servers, .. } = self;
        let _disks = servers.stop().await?;
        let begun = Instant::now();
        loop {
            let left = processes::left_of(folder.path())?;
            if left.is_empty() || begun.elapsed() > LAST_WORDS {
                return Ok(left);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Free ones, all taken at once so that none is given twice.
async fn addresses(count: usize) -> Result<Vec<SocketAddr>> {
    let mut taken = Vec::new();
    for _ in 0..count {
        taken.push(TcpListener::bind("127.0.0.1:0").await?);
    }
    taken.iter().map(|listener| Ok(listener.local_addr()?)).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
