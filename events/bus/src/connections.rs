//! Who is connected to the readers' account, and how a connection is ended. Needs a user of the servers' own account.

use std::time::Duration;

use async_nats::Client;
use futures::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::BusError;
use crate::error::unavailable;
use crate::readers::READERS_ACCOUNT;
use crate::rights::{CONNECTIONS, kick};

/// Servers answer in their own time, and nobody knows how many there are: the last one has answered when none does for
/// this long, and all have to by then.
const QUIET: Duration = Duration::from_millis(200);
const DEADLINE: Duration = Duration::from_secs(1);
/// Connections that one answer names.
const PAGE: usize = 8_192;

/// One connection to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// As [`crate::Login`] has named it.
    pub name: String,
    server: String,
    id: u64,
}

impl Connected {
    /// For tests of those who decide about connections.
    pub fn new(name: &str, server: &str, id: u64) -> Connected {
        Connected { name: name.to_owned(), server: server.to_owned(), id }
    }
}

pub struct Connections {
    client: Client,
}

impl Connections {
    pub(crate) fn new(client: Client) -> Connections {
        Connections { client }
    }

    /// All of the readers' account, on every server, the oldest of a server first.
    pub async fn list(&self) -> Result<Vec<Connected>, BusError> {
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.map_err(unavailable)?;
        // Sorted by when they began, which is the order of their numbers.
        let ask = json!({ "acc": READERS_ACCOUNT, "auth": true, "limit": PAGE, "sort": "cid" });
        let ask = serde_json::to_vec(&ask).expect("a question is plain JSON");
        self.client.publish_with_reply(CONNECTIONS, inbox, ask.into()).await.map_err(unavailable)?;
        let (deadline, mut until) = (Instant::now() + DEADLINE, Instant::now() + DEADLINE);
        let mut found = Vec::new();
        let mut answered = false;
        while let Ok(Some(message)) = timeout_at(until, answers.next()).await {
            let answer: Answer = serde_json::from_slice(&message.payload)
                .map_err(|error| BusError::Corrupt(format!("who is connected: {error}")))?;
            found.extend(answer.data.connections.into_iter().map(|connection| Connected {
                name: connection.authorized_user,
                server: answer.data.server_id.clone(),
                id: connection.cid,
            }));
            (answered, until) = (true, (Instant::now() + QUIET).min(deadline));
        }
        if answered { Ok(found) } else { Err(unavailable("no server says who is connected")) }
    }

    /// Ends a connection; one that has ended by itself is none.
    pub async fn cut(&self, connected: &Connected) -> Result<(), BusError> {
        let ask = json!({ "cid": connected.id }).to_string();
        let asked = self.client.request(kick(&connected.server), ask.into());
        asked.await.map(drop).map_err(unavailable)
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    server_id: String,
    #[serde(default)]
    connections: Vec<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    cid: u64,
    #[serde(default)]
    authorized_user: String,
}
