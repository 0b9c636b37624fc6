//! How much lies in each stream, for whoever watches the servers.

use async_nats::jetstream::Context;

use crate::BusError;
use crate::error::unavailable;
use crate::streams;

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
