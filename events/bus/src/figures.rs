//! How much lies in each stream, for whoever watches the servers.

use std::time::Duration;

use async_nats::jetstream::Context;
use serde::Deserialize;
use time::OffsetDateTime;
use trainyard_events::subject;

use crate::BusError;
use crate::error::unavailable;
use crate::streams;

/// A server that is there says so within this.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// One stream as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFigures {
    pub stream: String,
    pub messages: u64,
    pub bytes: u64,
    pub last_sequence: u64,
    pub consumers: u64,
    /// Members that are missing or behind; 0 where there is one server.
    pub replicas_behind: u64,
}

pub(crate) async fn of_all(context: &Context) -> Result<Vec<StreamFigures>, BusError> {
    let mut all = Vec::new();
    for stream in streams::names() {
        let found = context.get_stream(&stream).await.map_err(unavailable)?;
        let info = found.cached_info();
        let members = info.cluster.iter().flat_map(|cluster| &cluster.replicas);
        all.push(StreamFigures {
            messages: info.state.messages,
            bytes: info.state.bytes,
            last_sequence: info.state.last_sequence,
            consumers: info.state.consumer_count as u64,
            replicas_behind: members.filter(|member| !member.current || member.offline).count() as u64,
            stream,
        });
    }
    Ok(all)
}

/// What the server at the other end says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSaid {
    pub version: String,
    /// By its own clock. `None` where the log is not there yet, or this user may not ask about it.
    pub now: Option<OffsetDateTime>,
}

/// The head of an answer about a stream, which has the time of whoever answers.
#[derive(Deserialize)]
struct Dated {
    #[serde(with = "time::serde::rfc3339")]
    ts: OffsetDateTime,
}

pub(crate) async fn of_server(context: &Context) -> ServerSaid {
    let client = context.client();
    let subject = format!("$JS.API.STREAM.INFO.{}", subject::EVENTS);
    let asked = tokio::time::timeout(ANSWERS_WITHIN, client.request(subject, "".into()));
    let answer = asked.await.ok().and_then(Result::ok);
    let dated: Option<Dated> = answer.and_then(|answer| serde_json::from_slice(&answer.payload).ok());
    ServerSaid { version: client.server_info().version, now: dated.map(|dated| dated.ts) }
}
