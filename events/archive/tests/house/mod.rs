//! A log and a store that are really there, and something that has happened.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::{ConnectOptions, ServerAddr};
use time::OffsetDateTime;
use time::macros::datetime;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_events::chat::Language;
use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, JobEvent, TenantId, subject};
use trainyard_local::harness::{self, TestNats};
use trainyard_store::{Store, StoreConfig};
use uuid::Uuid;

/// Before anything that happens here.
pub const OLD: OffsetDateTime = datetime!(2020-01-01 00:00 UTC);
/// After everything that is written here.
pub const LATER: OffsetDateTime = datetime!(2100-01-01 00:00 UTC);
const AT: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);
/// Epochs of the job that ends.
const EPOCHS: u64 = 20;
const TURNS: u64 = 5;

pub struct House {
    pub nats: TestNats,
    pub bus: Bus,
    pub store: Store,
    pub tenant: TenantId,
}

pub fn job(number: u128) -> Aggregate {
    Aggregate::Job(Uuid::from_u128(number))
}

pub fn chat() -> Aggregate {
    Aggregate::Chat(Uuid::from_u128(3))
}

/// One that somebody has written who binds nothing to what was before it.
pub fn strange() -> Aggregate {
    Aggregate::Chat(Uuid::from_u128(4))
}

pub fn lost() -> Event {
    Event::Job(JobEvent::AttemptLost { token: 1 })
}

pub fn said(text: &str) -> Event {
    Event::Chat(ChatEvent::PromptReceived { text: text.to_owned(), language: Language::Korean })
}

async fn connect(nats: &TestNats) -> Bus {
    let config = BusConfig { url: nats.url(), replicas: nats.servers() };
    let bus = Bus::connect(config).await.expect("the server is up");
    bus.ensure().await.expect("streams can be made");
    bus
}

/// Another platform's.
pub async fn another(servers: usize) -> (TestNats, Bus) {
    let nats = harness::nats_of(servers, &[]).await;
    let bus = connect(&nats).await;
    (nats, bus)
}

impl House {
    pub async fn open() -> House {
        let (nats, s3) = (harness::nats().await, harness::s3().await);
        let config = StoreConfig {
            endpoint: Some(s3.endpoint),
            region: s3.region,
            access_key: s3.access_key,
            secret_key: s3.secret_key,
            bucket: s3.bucket,
            path_style: true,
        };
        let store = Store::connect(config).await.expect("the store is up");
        let bus = connect(&nats).await;
        House { nats, bus, store, tenant: "acme".parse().expect("a name") }
    }

    pub fn event(&self, aggregate: Aggregate, event: Event) -> Envelope {
        Envelope {
            event_id: Uuid::new_v4(),
            tenant: self.tenant.clone(),
            aggregate,
            command_id: Uuid::new_v4(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("test".to_owned()),
            at: AT,
            sealed: None,
            event,
        }
    }

    async fn write(&self, aggregate: Aggregate, event: Event, last: &mut u64) {
        *last =
            self.bus.log().append(&self.event(aggregate, event), *last).await.expect("nobody else writes");
    }

    /// One more turn of the conversation.
    pub async fn talk(&self, text: &str) {
        let entries = self.bus.log().entries(&self.tenant, &chat(), 0).await.expect("the log is up");
        let mut last = entries.last().map_or(0, |entry| entry.sequence());
        self.write(chat(), said(text), &mut last).await;
    }

    /// Job 1 ends, job 2 has something that nobody can read, people talk, and a stranger writes; all at the same time.
    pub async fn a_story(&self) {
        let context = self.stranger().await;
        let (mut one, mut two, mut talk) = (0, 0, 0);
        for turn in 0..EPOCHS {
            self.write(job(1), lost(), &mut one).await;
            if turn < TURNS {
                self.write(chat(), said(&format!("말 {turn}")), &mut talk).await;
                self.write(job(2), lost(), &mut two).await;
            }
            if turn % 8 == 0 {
                let said = self.event(strange(), said("who am I")).to_json();
                let of = subject::event(&self.tenant, &strange());
                context.publish(of, said.into()).await.expect("sent").await.expect("stored");
            }
        }
        let of = subject::event(&self.tenant, &job(2));
        context.publish(of, b"\xff no\nJSON".as_slice().into()).await.expect("sent").await.expect("stored");
        self.write(job(1), Event::Job(JobEvent::Cancelled { token: None, console: None }), &mut one).await;
    }

    /// Histories that end in the story, and the messages of them that may leave: all but the newest of each.
    pub fn leaving(&self) -> (u64, u64) {
        (3, EPOCHS + TURNS - 1 + 2)
    }

    /// Of each, what `log` says that it is.
    pub async fn histories(&self, log: &impl EventLog) -> Vec<Vec<(u64, Vec<u8>)>> {
        let mut histories = Vec::new();
        for aggregate in [job(1), job(2), chat(), strange()] {
            let entries = log.entries(&self.tenant, &aggregate, 0).await.expect("it is read");
            histories.push(entries.iter().map(|entry| (entry.sequence(), entry.raw().to_vec())).collect());
        }
        histories
    }

    async fn stranger(&self) -> jetstream::Context {
        let url = self.nats.urls().remove(0).parse::<ServerAddr>().expect("a URL").into_inner();
        let (user, password) = (url.username().to_owned(), url.password().unwrap_or_default().to_owned());
        let options = ConnectOptions::with_user_and_password(user, password);
        let client = options.connect(url.as_str()).await.expect("the server is up");
        jetstream::context::ContextBuilder::new().timeout(Duration::from_secs(10)).build(client)
    }
}
