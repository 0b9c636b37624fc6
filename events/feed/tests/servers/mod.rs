//! A NATS server with an account of readers, a log to copy, and a process that copies and can be killed.
#![allow(dead_code, reason = "each test file uses its part of them")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, ServerAddr};
use futures::StreamExt;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{
    Bus, BusConfig, CUTTER, Issuer, Login, PLATFORM_ACCOUNT, Part, READERS_ACCOUNT, Rights, Service, Shown,
    consumers_of, reader,
};
use trainyard_events::chat::Language;
use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, TenantId, subject};
use trainyard_feed::FeedMetrics;
use trainyard_local::harness::{self, TestNats};
use trainyard_local::{NatsService, NatsUser, Readers};
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Where a process of this test copies.
const PLATFORM_URL: &str = "FEED_TEST_PLATFORM";

/// Of which the names of readers' consumers are made.
pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) struct Servers {
    pub(crate) nats: TestNats,
    pub(crate) issuer: Issuer,
}

fn user(name: &str, rights: Rights) -> NatsUser {
    NatsUser { name: name.to_owned(), publish: rights.publish, subscribe: rights.subscribe }
}

impl Servers {
    pub(crate) async fn start() -> Servers {
        Servers::start_of(1).await
    }

    pub(crate) async fn start_of(servers: usize) -> Servers {
        let issuer = Issuer::draw();
        let services = trainyard_bus::services().into_iter();
        let services =
            services.map(|Service { asked, heard, streams }| NatsService { asked, heard, streams });
        let readers = Readers {
            account: READERS_ACCOUNT.to_owned(),
            platform: PLATFORM_ACCOUNT.to_owned(),
            services: services.collect(),
            system: user(CUTTER, trainyard_bus::cutter()),
            issuer: issuer.public_key(),
        };
        let parts = Part::ALL.map(|part| user(part.name(), part.rights()));
        let nats = harness::nats_with_readers(servers, &parts, &readers).await;
        let servers = Servers { nats, issuer };
        servers.bus(&servers.nats.url()).await.ensure().await.expect("the streams of the platform");
        servers
    }

    pub(crate) async fn bus(&self, url: &str) -> Bus {
        connect(url, self.nats.servers()).await
    }

    /// As a part of the platform, or another user with a name.
    pub(crate) async fn bus_of(&self, user: &str) -> Bus {
        self.bus(&self.nats.urls_of(user).join(",")).await
    }

    /// A connection that knows nothing of Trainyard.
    pub(crate) async fn stranger(&self, user: &str) -> Client {
        let url = self.nats.urls_of(user).remove(0).parse::<ServerAddr>().expect("a URL").into_inner();
        let password = url.password().expect("a password").to_owned();
        let options = ConnectOptions::with_user_and_password(user.to_owned(), password);
        options.connect(url.as_str()).await.expect("a connection")
    }

    /// JetStream, as somebody who may do everything.
    pub(crate) async fn jetstream(&self) -> Context {
        jetstream::new(self.stranger("test").await)
    }

    /// The role in this process.
    pub(crate) async fn feed(&self) -> CancellationToken {
        let stop = CancellationToken::new();
        let bus = self.bus_of("feed").await;
        tokio::spawn(trainyard_feed::run(bus, FeedMetrics::default(), stop.clone()));
        stop
    }

    /// The role in a process of its own.
    pub(crate) fn feeder(&self) -> Feeder {
        let mut command = Command::new(std::env::current_exe().expect("the test knows itself"));
        command
            .args(["--exact", "copies_in_a_process_of_its_own", "--ignored"])
            .env(PLATFORM_URL, self.nats.urls_of("feed").join(","))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Feeder(command.spawn().expect("the test starts itself"))
    }

    /// Waits until as much is copied as stands in the log; both as they are stored.
    pub(crate) async fn all_copied(&self) -> (Vec<StreamMessage>, Vec<StreamMessage>) {
        let context = self.jetstream().await;
        let log = messages(&context, subject::EVENTS).await;
        let copied = async {
            loop {
                let last = match context.get_stream(subject::FEED).await {
                    Ok(stream) => stream.cached_info().state.last_sequence,
                    Err(_) => 0,
                };
                if last >= log.len() as u64 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, copied).await.expect("the feed reaches the end of the log");
        (log, messages(&context, subject::FEED).await)
    }
}

pub(crate) struct Feeder(Child);

impl Feeder {
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it is ours");
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn connect(url: &str, replicas: usize) -> Bus {
    Bus::connect(BusConfig { url: url.to_owned(), replicas }).await.expect("a connection")
}

/// Until it is killed.
#[expect(clippy::disallowed_methods, reason = "a test that starts itself again is told so")]
pub(crate) async fn copy_as_told() {
    let Ok(platform) = std::env::var(PLATFORM_URL) else { return };
    let bus = connect(&platform, 1).await;
    trainyard_feed::run(bus, FeedMetrics::default(), CancellationToken::new()).await;
}

/// Every message of a stream, read one by one from where it is kept, once the servers have a leader for it.
pub(crate) async fn messages(context: &Context, stream: &str) -> Vec<StreamMessage> {
    let reading = async {
        loop {
            match read(context, stream).await {
                Ok(messages) => return messages,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    };
    tokio::time::timeout(SOON, reading).await.expect("the stream can be read")
}

async fn read(context: &Context, stream: &str) -> Result<Vec<StreamMessage>, async_nats::Error> {
    let stream = context.get_stream(stream).await?;
    let state = &stream.cached_info().state;
    assert_eq!(state.messages, state.last_sequence, "{} has lost messages", stream.cached_info().config.name);
    let mut all = Vec::new();
    for first in (1..=state.last_sequence).step_by(256) {
        let some =
            (first..=state.last_sequence.min(first + 255)).map(|sequence| stream.get_raw_message(sequence));
        all.extend(futures::future::try_join_all(some).await?);
    }
    Ok(all)
}

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().expect("a name")
}

/// What somebody said, as it is stored.
pub(crate) fn prompt(tenant_name: &str, text: &str) -> (String, String) {
    let (tenant, aggregate) = (tenant(tenant_name), Aggregate::Chat(Uuid::new_v4()));
    let on = subject::event(&tenant, &aggregate);
    let text = text.to_owned();
    let envelope = Envelope {
        event_id: Uuid::new_v4(),
        tenant,
        aggregate,
        command_id: Uuid::new_v4(),
        correlation_id: Uuid::new_v4(),
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: time::OffsetDateTime::UNIX_EPOCH,
        sealed: None,
        event: Event::Chat(ChatEvent::PromptReceived { text, language: Language::English }),
    };
    (on, envelope.to_json())
}

/// Writes so many events of two tenants and some that nobody can read, as fast as the server takes them.
pub(crate) async fn write(platform: &Context, count: usize) {
    for begin in (0..count).step_by(200) {
        let some = (begin..count.min(begin + 200)).map(|number| async move {
            let (on, payload) = match number % 10 {
                7 => (
                    format!("trainyard.event.acme.job.{number}"),
                    format!("{{\"kind\":\"job.from_the_future\",\"{number}\""),
                ),
                odd if odd % 2 == 1 => prompt("acme", &format!("number {number}")),
                _ => prompt("other", &format!("number {number}")),
            };
            platform.publish(on, payload.into()).await.expect("sent").await.expect("stored")
        });
        join_all(some).await;
    }
}

/// Answers for readers whose password is `<tenant>/<role>`.
pub(crate) async fn vouch(bus: Bus, issuer: Issuer) {
    let mut requests = bus.logins(issuer).await.unwrap();
    let now = time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    while let Some(request) = requests.next().await {
        let said = match &request.shown {
            Shown::Secret(said) => said.clone(),
            Shown::Key(_) => "a key that nobody knows".to_owned(),
        };
        match said.split_once('/') {
            Some((name, role)) => {
                let name_of = tenant(name);
                let rights = reader(&name_of, role.parse().unwrap(), &consumers_of(&name_of, &KEY));
                let login = Login { name: format!("{name}.token"), rights, expires_at: None };
                request.accept(&login, now).await.unwrap();
            }
            None => request.refuse("nobody", now).await.unwrap(),
        }
    }
}
