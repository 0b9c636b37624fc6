//! Readers: people and programs of others, who log in with a token into an account of their own on the NATS server.
//!
//! Whoever may ask JetStream for anything may name a subject for the answer, and the server sends it there whatever the
//! user's rights say: in the platform's account that may be a subject of the log, or a request to remove a stream. So readers
//! have an account without streams, into which only what they need is let through: the next messages of a consumer, what
//! there is to know of it, acknowledgements and its removal. Consumers are made here, of what is harmless in a request.

use async_nats::{Client, Message};
use futures::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use trainyard_events::{TenantId, limits, subject};

use crate::BusError;
use crate::error::unavailable;

/// The platform's own account, and that of readers.
pub const PLATFORM_ACCOUNT: &str = "PLATFORM";
pub const READERS_ACCOUNT: &str = "READERS";
/// What readers say in front of a request to JetStream: NATS calls it a domain.
pub const READERS_DOMAIN: &str = "feed";
/// Where the platform hears which consumer a reader wants to have.
pub(crate) const CONSUMERS: &str = "trainyard.consumers";
/// One role makes each, however many there are of it.
const QUEUE: &str = "consumers";
/// Digits in the names of a tenant's consumers that nobody else can guess.
const SECRET_DIGITS: usize = 12;
/// What a reader may say of a consumer; whatever else says nothing may be left in a request.
const SAYABLE: &[&str] = &[
    "name",
    "durable_name",
    "description",
    "deliver_policy",
    "opt_start_seq",
    "opt_start_time",
    "ack_policy",
    "ack_wait",
    "max_deliver",
    "filter_subject",
    "replay_policy",
    "headers_only",
    "max_batch",
    "max_expires",
    "max_bytes",
    "max_ack_pending",
    "inactive_threshold",
    "max_waiting",
];

/// A request of the readers' account that is let through to the platform's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// As readers write it, and as the platform hears it.
    pub asked: String,
    pub heard: String,
    /// Several answers may come to one request.
    pub streams: bool,
}

/// The streams that readers may have consumers of.
pub(crate) const STREAMS: [&str; 2] = [subject::FEED, subject::TELEMETRY];

/// Everything that is let through.
pub fn services() -> Vec<Service> {
    let api = |what: &str, stream: &str| (asked(what, stream), format!("$JS.API.CONSUMER.{what}.{stream}.>"));
    let mut all = Vec::new();
    for stream in STREAMS {
        for (what, streams) in [("MSG.NEXT", true), ("INFO", false), ("DELETE", false)] {
            let (asked, heard) = api(what, stream);
            all.push(Service { asked, heard, streams });
        }
        let acknowledged = format!("$JS.ACK.{stream}.>");
        all.push(Service { asked: acknowledged.clone(), heard: acknowledged, streams: false });
        let heard = format!("{CONSUMERS}.{stream}.>");
        all.push(Service { asked: asked("CREATE", stream), heard, streams: false });
    }
    all
}

fn asked(what: &str, stream: &str) -> String {
    format!("{}.>", reader_api(what, stream))
}

/// How a reader begins a request about a consumer.
pub(crate) fn reader_api(what: &str, stream: &str) -> String {
    format!("$JS.{READERS_DOMAIN}.API.CONSUMER.{what}.{stream}")
}

/// The names of the consumers that a tenant's readers may have of each stream. `key` is one that only the platform knows: who
/// knows the name of another's consumer could have its messages sent into nowhere.
pub fn consumers_of(tenant: &TenantId, key: &[u8; 32]) -> Vec<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(tenant.as_str().as_bytes());
    let secret = &hex::encode(mac.finalize().into_bytes())[..SECRET_DIGITS];
    (1..=limits::READER_CONSUMERS).map(|number| format!("{tenant}_{secret}_{number}")).collect()
}

/// Makes the consumers that readers ask for, for ever.
pub(crate) async fn make_consumers(client: &Client) -> Result<(), BusError> {
    let all = format!("{CONSUMERS}.>");
    let requests = client.queue_subscribe(all, QUEUE.to_owned()).await.map_err(unavailable)?;
    requests.for_each_concurrent(None, |request| answer(client, request)).await;
    Ok(())
}

async fn answer(client: &Client, request: Message) {
    let Some(reply) = request.reply.clone() else { return };
    let below =
        request.subject.strip_prefix(CONSUMERS).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
    let answered = match harmless(below, &request.payload) {
        Ok(request) => {
            let asked =
                client.request(format!("$JS.API.CONSUMER.CREATE.{below}"), request.to_string().into());
            asked.await.map(|answer| answer.payload).map_err(|error| error.to_string())
        }
        Err(reason) => Ok(refusal(&reason).to_string().into()),
    };
    let sent = match answered {
        Ok(answer) => client.publish(reply, answer).await.map_err(|error| error.to_string()),
        // The client asks again when nobody has answered.
        Err(reason) => Err(reason),
    };
    if let Err(reason) = sent {
        tracing::warn!(reason, "a reader's consumer was not made");
    }
}

/// In the words of JetStream.
fn refusal(reason: &str) -> Value {
    let kind = "io.nats.jetstream.api.v1.consumer_create_response";
    json!({ "type": kind, "error": { "code": 400, "err_code": 10012, "description": reason } })
}

/// The request with nothing in it but what a reader may say. `below` is what its subject says: stream, name and filter, which
/// the reader has the right to.
fn harmless(below: &str, payload: &[u8]) -> Result<Value, String> {
    let mut words = below.splitn(3, '.');
    let (Some(stream), Some(name), Some(filter)) = (words.next(), words.next(), words.next()) else {
        return Err("a consumer has a name and a filter".to_owned());
    };
    let request: Map<String, Value> =
        serde_json::from_slice(payload).map_err(|error| format!("not a request for a consumer: {error}"))?;
    let said = |key: &str, expected: &str| {
        let said = request.get("config").and_then(|config| config.get(key));
        said.is_none_or(|said| said == expected || is_nothing(said))
    };
    let is_whole = request.get("stream_name").is_some_and(|named| named == stream)
        && request
            .get("config")
            .and_then(|config| config.get("filter_subject"))
            .is_some_and(|said| said == filter)
        && said("name", name)
        && said("durable_name", name);
    if !is_whole {
        return Err("stream, name and filter must be those of the request's subject".to_owned());
    }
    let config = request.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
    let (mut kept, others): (Map<_, _>, Map<_, _>) =
        config.into_iter().partition(|(key, _)| SAYABLE.contains(&key.as_str()));
    if let Some((key, _)) = others.iter().find(|(_, value)| !is_nothing(value)) {
        return Err(format!("{key} cannot be chosen here; readers pull"));
    }
    kept.insert("name".to_owned(), name.into());
    let most = |limit: i64, said: Option<&Value>| {
        said.and_then(Value::as_i64).filter(|said| (1..=limit).contains(said)).unwrap_or(limit)
    };
    let idle = i64::try_from(limits::READER_IDLE.as_nanos()).expect("a few weeks fit");
    for (key, limit) in [
        ("inactive_threshold", idle),
        ("max_ack_pending", limits::READER_ACKS_PENDING),
        ("max_waiting", limits::READER_WAITING),
        ("max_batch", limits::READER_BATCH),
    ] {
        let value = most(limit, kept.get(key));
        kept.insert(key.to_owned(), value.into());
    }
    let action = request.get("action").cloned().unwrap_or_else(|| "".into());
    Ok(json!({ "stream_name": stream, "config": kept, "action": action }))
}

/// What libraries send of what nobody has said.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(said) => !said,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "none",
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BELOW: &str = "FEED.acme_1.trainyard.feed.acme.>";

    fn asked(config: Value) -> Result<Value, String> {
        harmless(BELOW, json!({ "stream_name": "FEED", "config": config }).to_string().as_bytes())
    }

    #[test]
    fn a_consumer_is_made_of_what_a_reader_may_say() {
        let made = asked(json!({
            "durable_name": "acme_1", "filter_subject": "trainyard.feed.acme.>", "deliver_policy": "new",
            "deliver_subject": null, "flow_control": false, "rate_limit_bps": 0, "priority_policy": "none",
            "max_ack_pending": 1_000_000, "max_batch": 10,
        }));
        let made = made.expect("nothing in it does harm");
        assert_eq!(made["config"]["name"], "acme_1");
        assert_eq!(made["config"]["max_ack_pending"], limits::READER_ACKS_PENDING);
        assert_eq!(made["config"]["max_batch"], 10);
        assert!(made["config"].get("deliver_subject").is_none());
    }

    #[test]
    fn nothing_else_is() {
        let filter = "trainyard.feed.acme.>";
        for config in [
            json!({}),
            json!({ "filter_subject": "trainyard.feed.other.>" }),
            json!({ "filter_subjects": [filter] }),
            json!({ "filter_subject": filter, "filter_subjects": [">"] }),
            json!({ "filter_subject": filter, "name": "other_1" }),
            json!({ "filter_subject": filter, "durable_name": "other_1" }),
            json!({ "filter_subject": filter, "deliver_subject": "$JS.API.STREAM.DELETE.FEED" }),
            json!({ "filter_subject": filter, "num_replicas": 5 }),
            json!({ "filter_subject": filter, "sample_freq": "100" }),
            json!({ "filter_subject": filter, "what_a_later_server_knows": 1 }),
        ] {
            assert!(asked(config.clone()).is_err(), "{config}");
        }
        for payload in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"stream_name":"EVENTS","config":{"filter_subject":"trainyard.feed.acme.>"}}"#,
        ] {
            assert!(harmless(BELOW, payload.as_bytes()).is_err(), "{payload}");
        }
        assert!(harmless("FEED.acme_1", b"{}").is_err());
    }

    #[test]
    fn names_are_a_tenants_own_and_nobody_guesses_them() {
        let of = |tenant: &str, key: u8| consumers_of(&tenant.parse().expect("a name"), &[key; 32]);
        let acme = of("acme", 1);
        assert_eq!(acme.len(), limits::READER_CONSUMERS);
        assert!(acme[0].starts_with("acme_") && acme[0].ends_with("_1"));
        assert_eq!(acme, of("acme", 1));
        for others in [of("acme", 2), of("acme-2", 1)] {
            assert!(others.iter().all(|name| !acme.contains(name)));
        }
    }
}
