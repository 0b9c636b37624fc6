//! What each part of the platform may do on the bus, and no more: the permissions of its NATS user.
//!
//! The server checks subjects, so a worker can write events of jobs and datasets, and none of a chat, an endpoint or a
//! tenant. What it cannot check is which job: there the fencing token decides.

use trainyard_events::fleet::Work;
use trainyard_events::tenant::Role;
use trainyard_events::{TenantId, subject};

use crate::readers::{CONSUMERS, reader_api};
use crate::streams::{
    CALLS_STREAM, FLEET_STREAM, HOOKS_STREAM, KEYS_STREAM, LEASES_STREAM, PREFERENCES_STREAM, SAID_STREAM,
    SEEN_STREAM, UNDERTAKER,
};
use crate::traces::TRACES;

/// Answers to a user's questions come below this and its name, where nobody else may listen.
const INBOX: &str = "_INBOX";

/// Where servers ask whether somebody may log in, and where they are asked who is connected.
pub(crate) const LOGINS: &str = "$SYS.REQ.USER.AUTH";
pub(crate) const CONNECTIONS: &str = "$SYS.REQ.SERVER.PING.CONNZ";

/// A part of the platform with a NATS user of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Gateway,
    Projector,
    Dispatcher,
    /// And the predictor that it keeps.
    Worker,
    /// Copies the log for readers, and makes their consumers.
    Feed,
    /// Tells the receivers of hooks.
    Webhooks,
    /// Checks the log.
    Auditor,
    /// Moves what has ended from the log's stream into the archive.
    Archiver,
    /// Mirrors jobs and models to MLflow.
    Mlflow,
    /// Makes traces of what happens.
    Traces,
}

/// Looks who is connected, and cuts off: a user of the servers' own account.
pub const CUTTER: &str = "cutter";

/// Subjects, possibly with wildcards. A reply to a message that was received is always allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
}

impl Part {
    pub const ALL: [Part; 10] = [
        Part::Gateway,
        Part::Projector,
        Part::Dispatcher,
        Part::Worker,
        Part::Feed,
        Part::Webhooks,
        Part::Auditor,
        Part::Archiver,
        Part::Mlflow,
        Part::Traces,
    ];

    /// The name of its user.
    pub fn name(self) -> &'static str {
        match self {
            Part::Gateway => "gateway",
            Part::Projector => "projector",
            Part::Dispatcher => "dispatcher",
            Part::Worker => "worker",
            Part::Feed => "feed",
            Part::Webhooks => "webhooks",
            Part::Auditor => "auditor",
            Part::Archiver => "archiver",
            Part::Mlflow => "mlflow",
            Part::Traces => "traces",
        }
    }

    /// Whether what people have said is opened for it.
    pub fn reads_what_is_said(self) -> bool {
        matches!(self, Part::Gateway | Part::Projector | Part::Webhooks)
    }

    pub fn rights(self) -> Rights {
        // Everybody reads the log, and may ask whether a stream is there.
        let mut publish = vec!["$JS.API.STREAM.INFO.*".to_owned()];
        publish.extend(reading(subject::EVENTS));
        publish.push(format!("$JS.API.DIRECT.GET.{}", subject::EVENTS));
        let mut subscribe = vec![format!("{}.>", inbox(self.name()))];
        match self {
            Part::Auditor | Part::Mlflow => {}
            // What people have said is in the rows.
            Part::Projector => publish.push(api("MSG.GET", SAID_STREAM)),
            // And copies the keys of what people have said.
            Part::Archiver => {
                publish.push(api("PURGE", subject::EVENTS));
                publish.extend(reading(SAID_STREAM));
            }
            Part::Feed => {
                publish.extend([subject::FEED, subject::TELEMETRY].into_iter().flat_map(reading));
                publish.extend([subject::ALL_FEED, subject::ALL_ADMIN_FEED].map(str::to_owned));
                subscribe.push(format!("{CONSUMERS}.>"));
            }
            Part::Webhooks => {
                publish.extend(reading(subject::FEED));
                publish.extend(events_of(&["hook"]));
                publish.extend([HOOKS_STREAM, SAID_STREAM].map(|stream| api("MSG.GET", stream)));
                publish.push(format!("$KV.{}.>", subject::HOOKS));
            }
            Part::Traces => {
                publish.extend(reading(subject::TELEMETRY));
                publish.push(format!("$JS.ACK.{}.{TRACES}.>", subject::EVENTS));
            }
            Part::Gateway => {
                publish
                    .extend([LEASES_STREAM, FLEET_STREAM, subject::TELEMETRY].into_iter().flat_map(reading));
                publish.extend([SEEN_STREAM, CALLS_STREAM, subject::REFUSED].into_iter().flat_map(reading));
                publish.push(api("MSG.GET", PREFERENCES_STREAM));
                let kept = [subject::SEEN, subject::CALLS, subject::PREFERENCES];
                publish.extend(kept.map(|bucket| format!("$KV.{bucket}.>")));
                let asked = [subject::PREDICT, subject::FOLDERS, subject::FILES];
                publish.extend([subject::ALL_REFUSED, subject::ALL_EVENTS].map(str::to_owned));
                publish.extend(asked.map(str::to_owned));
                publish.push(about(subject::DEAD, UNDERTAKER));
                publish.push(api("MSG.GET", HOOKS_STREAM));
                publish.extend([api("MSG.GET", KEYS_STREAM), format!("$KV.{}.>", subject::KEYS)]);
                publish.extend(["MSG.GET", "MSG.DELETE"].map(|what| api(what, SAID_STREAM)));
                publish.push(format!("$KV.{}.>", subject::SAID));
                subscribe.extend([subject::ALL_TELEMETRY, LOGINS].map(str::to_owned));
            }
            Part::Dispatcher => {
                publish.extend([LEASES_STREAM, FLEET_STREAM].into_iter().flat_map(reading));
                publish.extend(taking(subject::DEAD, UNDERTAKER));
                publish.extend(["MSG.GET", "MSG.DELETE"].map(|what| api(what, subject::COMMANDS)));
                // Chats hear why what was approved does not run, tenants keep the slots of their quota.
                publish.extend(events_of(&["job", "dataset", "chat", "tenant"]));
                publish.extend([subject::ALL_COMMANDS, subject::ALL_DEAD].map(str::to_owned));
            }
            Part::Worker => {
                publish.extend([LEASES_STREAM, FLEET_STREAM].into_iter().flat_map(reading));
                publish.extend(taking(subject::COMMANDS, "*"));
                publish.push(queues_of_runners());
                publish.extend(events_of(&["job", "dataset"]));
                publish.extend([subject::LEASES, subject::FLEET].map(|bucket| format!("$KV.{bucket}.>")));
                publish.extend([subject::ALL_TELEMETRY, subject::ALL_DEAD].map(str::to_owned));
                let asked = [subject::PREDICT, subject::FOLDERS, subject::FILES];
                subscribe.extend(asked.into_iter().chain([subject::ALL_COMMANDS]).map(str::to_owned));
            }
        }
        Rights { publish, subscribe }
    }
}

/// What [`CUTTER`] may do.
pub fn cutter() -> Rights {
    let publish = vec![CONNECTIONS.to_owned(), kick("*")];
    Rights { publish, subscribe: vec![format!("{}.>", inbox(CUTTER))] }
}

/// What a reader of `tenant` may do: have these `consumers`, with a filter of the tenant's own. It hears nothing but answers.
/// Roles are alike but that admins may read of tokens.
pub fn reader(tenant: &TenantId, role: Role, consumers: &[String]) -> Rights {
    let mut publish = Vec::new();
    let mut feeds = vec![subject::feed_of(tenant)];
    feeds.extend((role == Role::Admin).then(|| subject::admin_feed_of(tenant)));
    let telemetry = vec![subject::telemetry_of(tenant)];
    for (stream, filters) in [(subject::FEED, feeds), (subject::TELEMETRY, telemetry)] {
        for consumer in consumers {
            let create = reader_api("CREATE", stream);
            publish.extend(filters.iter().map(|filter| format!("{create}.{consumer}.{filter}")));
            publish.extend(
                ["INFO", "MSG.NEXT", "DELETE"].map(|what| format!("{}.{consumer}", reader_api(what, stream))),
            );
            publish.push(format!("$JS.ACK.{stream}.{consumer}.>"));
        }
    }
    Rights { publish, subscribe: vec![format!("{}.>", reader_inbox(tenant))] }
}

/// Before the inboxes of a tenant's readers.
pub fn reader_inbox(tenant: &TenantId) -> String {
    inbox(tenant.as_str())
}

/// How the server is asked to end a connection of its own.
pub(crate) fn kick(server: &str) -> String {
    format!("$SYS.REQ.SERVER.{server}.KICK")
}

/// Before the inboxes of a user.
pub(crate) fn inbox(user: &str) -> String {
    format!("{INBOX}.{user}")
}

fn api(what: &str, stream: &str) -> String {
    format!("$JS.API.STREAM.{what}.{stream}")
}

/// Messages one by one from the leader, and all of them by consumers that come and go.
fn reading(stream: &str) -> Vec<String> {
    let consumer = |what: &str| format!("$JS.API.CONSUMER.{what}");
    vec![
        api("MSG.GET", stream),
        consumer(&format!("CREATE.{stream}")),
        consumer(&format!("CREATE.{stream}.>")),
        consumer(&format!("MSG.NEXT.{stream}.>")),
        consumer(&format!("DELETE.{stream}.>")),
    ]
}

/// Messages of a consumer that is there, and their acknowledgements.
fn taking(stream: &str, consumer: &str) -> Vec<String> {
    vec![
        about(stream, consumer),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
        format!("$JS.ACK.{stream}.{consumer}.>"),
    ]
}

/// To make a consumer of trainings for a runner, by what it filters, and of nothing else.
fn queues_of_runners() -> String {
    let anything = "*";
    format!(
        "$JS.API.CONSUMER.CREATE.{}.*.trainyard.command.{}.{anything}.{anything}.{anything}",
        subject::COMMANDS,
        Work::Train
    )
}

/// Whether a consumer is there, and who waits at it.
fn about(stream: &str, consumer: &str) -> String {
    format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}")
}

fn events_of(aggregates: &[&str]) -> Vec<String> {
    aggregates.iter().map(|aggregate| subject::events_of(aggregate)).collect()
}
