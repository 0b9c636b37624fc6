//! A bus, a role that mirrors and can be killed, and what happens meanwhile.
#![allow(dead_code, reason = "each test file uses its part of them")]

pub(crate) mod copy;
pub(crate) mod gate;
mod http;
pub(crate) mod peer;
pub(crate) mod story;

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, EventLog, Part, Rights};
use trainyard_events::{Actor, Aggregate, Envelope, Event, TenantId, event_id};
use trainyard_local::NatsUser;
use trainyard_local::harness::{self, TestNats};
use trainyard_mlflow::{MlflowConfig, MlflowMetrics, Patience};
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(120);
/// Where a process of this test reads and where it mirrors to.
const NATS_URL: &str = "MLFLOW_TEST_NATS";
const SERVER: &str = "MLFLOW_TEST_SERVER";

/// An hour passes in seconds.
pub(crate) const HURRIED: Patience = Patience {
    gather: Duration::from_millis(50),
    first: Duration::from_millis(20),
    longest: Duration::from_millis(300),
    settle: Duration::from_millis(1_500),
    refused: Duration::from_secs(2),
    keep: Duration::from_millis(200),
};

pub(crate) struct House {
    pub(crate) nats: TestNats,
    pub(crate) admin: Bus,
    /// The last event of each history.
    last: HashMap<(TenantId, Aggregate), u64>,
    written: i64,
}

impl House {
    pub(crate) async fn start() -> House {
        let user = |part: Part| {
            let Rights { publish, subscribe } = part.rights();
            NatsUser { name: part.name().to_owned(), publish, subscribe }
        };
        let nats = harness::nats_with(&Part::ALL.map(user)).await;
        let admin = connect(&nats.url(), nats.servers()).await;
        admin.ensure().await.expect("the streams of the platform");
        House { nats, admin, last: HashMap::new(), written: 0 }
    }

    /// The role, with the rights of its own user, until it is told to stop.
    pub(crate) async fn role(&self, server: &str) -> Role {
        let (stop, metrics) = (CancellationToken::new(), MlflowMetrics::default());
        let bus = connect(&self.nats.urls_of("mlflow").join(","), self.nats.servers()).await;
        let task = tokio::spawn(trainyard_mlflow::run(bus, config(server), metrics.clone(), stop.clone()));
        Role { stop, task, metrics }
    }

    /// The role in a process of its own.
    pub(crate) fn process(&self, server: &str) -> Process {
        let mut command = Command::new(std::env::current_exe().expect("the test knows itself"));
        command
            .args(["--exact", "mirroring_in_a_process_of_its_own", "--ignored"])
            .env(NATS_URL, self.nats.urls_of("mlflow").join(","))
            .env(SERVER, server)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process(command.spawn().expect("the test starts itself"))
    }

    pub(crate) async fn newest(&self) -> u64 {
        self.admin.log().last_sequence().await.expect("the log answers")
    }

    /// Each event a second after the last.
    pub(crate) async fn record(&mut self, tenant: &TenantId, aggregate: Aggregate, event: Event) -> u64 {
        self.written += 1;
        let command_id = Uuid::new_v4();
        let begin = OffsetDateTime::from_unix_timestamp(1_767_225_600).expect("a time");
        let envelope = Envelope {
            event_id: event_id(command_id),
            tenant: tenant.clone(),
            aggregate: aggregate.clone(),
            command_id,
            correlation_id: Uuid::new_v4(),
            causation_id: None,
            actor: Actor::User("laptop".to_owned()),
            at: begin + Duration::from_millis(self.written.unsigned_abs() * 1_001),
            sealed: None,
            event,
        };
        let last = self.last.entry((tenant.clone(), aggregate)).or_default();
        *last = self.admin.log().append(&envelope, *last).await.expect("it is written");
        *last
    }
}

pub(crate) struct Role {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    pub(crate) metrics: MlflowMetrics,
}

impl Role {
    pub(crate) async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(SOON, self.task)
            .await
            .expect("it ends when it is told to")
            .expect("it does not panic");
    }

    /// Waits until a figure of it is so.
    pub(crate) async fn shows(&self, row: &str) {
        until(&format!("{row} is shown"), async || figures(&self.metrics).lines().any(|it| it == row)).await;
    }
}

fn figures(metrics: &MlflowMetrics) -> String {
    let mut registry = prometheus_client::registry::Registry::default();
    metrics.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("it is text");
    text
}

pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it is ours");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until it is killed.
#[expect(clippy::disallowed_methods, reason = "a test that starts itself again is told so")]
pub(crate) async fn mirror_as_told() {
    let (Ok(nats), Ok(server)) = (std::env::var(NATS_URL), std::env::var(SERVER)) else { return };
    let bus = connect(&nats, 1).await;
    trainyard_mlflow::run(bus, config(&server), MlflowMetrics::default(), CancellationToken::new()).await;
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("not within {SOON:?}: {what}"));
}

fn config(server: &str) -> MlflowConfig {
    let mut config = MlflowConfig::new(server, None, "trainyard/{tenant}", "store").expect("a configuration");
    config.patience = HURRIED;
    config
}

async fn connect(url: &str, replicas: usize) -> Bus {
    Bus::connect(BusConfig { url: url.to_owned(), replicas }).await.expect("a connection")
}
