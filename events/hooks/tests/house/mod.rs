//! A bus with a feed, a role that tells hooks and can be killed, and a tenant with hooks and jobs.
#![allow(dead_code, reason = "each test file uses its part of them")]

pub(crate) mod receiver;

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, EventLog, Part, Rights};
use trainyard_commands::hook::HookCommand;
use trainyard_commands::{Command as Asked, Request};
use trainyard_door::{Door, Handled, system_clock};
use trainyard_events::chat::Language;
use trainyard_events::hook::Form;
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Envelope, Event, TenantId, event_id};
use trainyard_feed::FeedMetrics;
use trainyard_hooks::{HooksConfig, HooksKey, HooksMetrics, Mail, Patience, Place, Trusted, kept_as};
use trainyard_local::NatsUser;
use trainyard_local::harness::{self, TestNats};
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Where a process of this test tells hooks, and with which key.
const NATS_URL: &str = "HOOKS_TEST_NATS";
const KEY: &str = "HOOKS_TEST_KEY";

/// A day passes in seconds.
pub(crate) const HURRIED: Patience = Patience {
    first: Duration::from_millis(50),
    longest: Duration::from_millis(400),
    day: Duration::from_secs(3),
    answer: Duration::from_millis(500),
};
/// Tries often, and gives nothing up while a test runs.
pub(crate) const PATIENT: Patience = Patience { day: Duration::from_secs(600), ..HURRIED };

pub(crate) struct House {
    pub(crate) nats: TestNats,
    pub(crate) admin: Bus,
    pub(crate) key: HooksKey,
    feed: CancellationToken,
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
        let feed = CancellationToken::new();
        let bus = connect(&nats.urls_of("feed").join(","), nats.servers()).await;
        tokio::spawn(trainyard_feed::run(bus, FeedMetrics::default(), feed.clone()));
        House { nats, admin, key: HooksKey::draw(), feed }
    }

    pub(crate) fn config(&self, patience: Patience) -> HooksConfig {
        config(self.key.clone(), patience, None)
    }

    /// The role, with the rights of its own user, until it is told to stop.
    pub(crate) async fn hooks(&self, config: HooksConfig) -> Role {
        let stop = CancellationToken::new();
        let bus = connect(&self.nats.urls_of("webhooks").join(","), self.nats.servers()).await;
        let metrics = HooksMetrics::default();
        let task = tokio::spawn(trainyard_hooks::run(bus, system_clock, config, metrics, stop.clone()));
        Role { stop, task }
    }

    /// The role in a process of its own, which is patient.
    pub(crate) fn process(&self) -> Process {
        let mut command = Command::new(std::env::current_exe().expect("the test knows itself"));
        command
            .args(["--exact", "hooks_in_a_process_of_its_own", "--ignored"])
            .env(NATS_URL, self.nats.urls_of("webhooks").join(","))
            .env(KEY, self.key.text())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process(command.spawn().expect("the test starts itself"))
    }

    pub(crate) async fn ask(&self, tenant: &TenantId, command: HookCommand) -> u64 {
        let door = Door::new(self.admin.log(), system_clock);
        let request = Request {
            id: Uuid::new_v4(),
            tenant: tenant.clone(),
            aggregate: Aggregate::Hooks(tenant.clone()),
            actor: Actor::User("admin".to_owned()),
            correlation_id: Uuid::new_v4(),
            causation_id: None,
            command: Asked::Hook(command),
        };
        match door.handle(request).await.expect("it may happen") {
            Handled::Recorded(recorded) => recorded.sequence,
            Handled::AlreadySo => panic!("it was so already"),
        }
    }

    pub(crate) async fn add(&self, tenant: &TenantId, form: Form, address: &str, on: &[&str]) -> Uuid {
        let hook_id = Uuid::new_v4();
        let on = on.iter().map(|kind| (*kind).to_owned()).collect();
        let sealed = self.key.seal(tenant, hook_id, address);
        let language = Language::English;
        self.ask(tenant, HookCommand::Add { hook_id, form, on, language, sealed }).await;
        hook_id
    }

    /// Something that happens to a job.
    pub(crate) async fn happen(&self, tenant: &TenantId, job: Uuid, reason: &str) -> Uuid {
        let event = JobEvent::CancelRequested { reason: reason.to_owned(), because: vec![] };
        self.record(tenant, Aggregate::Job(job), Event::Job(event)).await
    }

    pub(crate) async fn record(&self, tenant: &TenantId, aggregate: Aggregate, event: Event) -> Uuid {
        let command_id = Uuid::new_v4();
        let envelope = Envelope {
            event_id: event_id(command_id),
            tenant: tenant.clone(),
            aggregate: aggregate.clone(),
            command_id,
            correlation_id: Uuid::new_v4(),
            causation_id: None,
            actor: Actor::User("test".to_owned()),
            at: system_clock(),
            sealed: None,
            event,
        };
        let log = self.admin.log();
        let last =
            log.history(tenant, &aggregate, 0).await.expect("a history").last().map_or(0, |it| it.sequence);
        log.append(&envelope, last).await.expect("it is written");
        envelope.event_id
    }

    pub(crate) async fn place(&self, tenant: &TenantId, hook: Uuid) -> Option<Place> {
        let (_, kept) = self.admin.hooks().kept(&kept_as(tenant, hook)).await.ok()?;
        kept.map(|kept| serde_json::from_slice(&kept).expect("a place"))
    }

    /// Waits until the place of a hook is as it should be, as it is kept.
    pub(crate) async fn place_is(&self, tenant: &TenantId, hook: Uuid, is: impl Fn(&Place) -> bool) -> Place {
        let mut last = None;
        let waiting = async {
            loop {
                last = self.place(tenant, hook).await;
                if let Some(place) = last.as_ref().filter(|place| is(place)) {
                    return place.clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let found = tokio::time::timeout(SOON, waiting).await;
        found.unwrap_or_else(|_| panic!("the place is {last:?}"))
    }

    /// The kinds of a tenant's events of hooks.
    pub(crate) async fn history(&self, tenant: &TenantId) -> Vec<&'static str> {
        let history = self.admin.log().history(tenant, &Aggregate::Hooks(tenant.clone()), 0).await;
        history.expect("a history").iter().map(|recorded| recorded.envelope.event.kind()).collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.feed.cancel();
    }
}

pub(crate) struct Role {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Role {
    pub(crate) async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(SOON, self.task)
            .await
            .expect("it ends when it is told to")
            .expect("it does not panic");
    }
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
pub(crate) async fn tell_as_told() {
    let (Ok(url), Ok(key)) = (std::env::var(NATS_URL), std::env::var(KEY)) else { return };
    let (bus, key) = (connect(&url, 1).await, HooksKey::from_text(&key).expect("a key"));
    let (config, metrics) = (config(key, PATIENT, None), HooksMetrics::default());
    trainyard_hooks::run(bus, system_clock, config, metrics, CancellationToken::new()).await;
}

pub(crate) fn config(key: HooksKey, patience: Patience, mail: Option<Mail>) -> HooksConfig {
    let trusted = Arc::new(Trusted::read("127.0.0.1").expect("a host"));
    HooksConfig { key, trusted, mail, site: Some("https://train.example".to_owned()), patience }
}

async fn connect(url: &str, replicas: usize) -> Bus {
    Bus::connect(BusConfig { url: url.to_owned(), replicas }).await.expect("a connection")
}

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().expect("a name")
}

/// What came of each line, each once, in the order in which it came first.
pub(crate) fn lines(got: &[receiver::Got]) -> BTreeMap<String, Vec<Uuid>> {
    let mut lines: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for got in got {
        let line = lines.entry(got.event["subject"].as_str().expect("a subject").to_owned()).or_default();
        let id = got.id();
        if !line.contains(&id) {
            line.push(id);
        }
    }
    lines
}
