//! What is in the workers' folders: asked of whichever worker is free, since only workers have those disks.

use std::time::Duration;

use async_nats::{Client, Message, Request, RequestError, RequestErrorKind, Subject};
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use trainyard_events::folders::{FolderAnswer, FolderRefusal, FolderRequest};
use trainyard_events::subject;

use crate::BusError;
use crate::error::unavailable;

pub(crate) const QUEUE_GROUP: &str = "workers";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error(transparent)]
    Refused(#[from] FolderRefusal),
    #[error("no worker is there")]
    NobodyThere,
    #[error("no worker answered in time")]
    TimedOut,
    #[error("workers cannot be asked now: {0}")]
    Unavailable(String),
}

#[derive(Clone)]
pub struct Folders {
    client: Client,
}

/// A question that one worker answers.
pub struct FolderCall {
    pub request: FolderRequest,
    client: Client,
    reply: Subject,
}

impl Folders {
    pub(crate) fn new(client: Client) -> Folders {
        Folders { client }
    }

    pub async fn ask(&self, request: &FolderRequest, timeout: Duration) -> Result<FolderAnswer, FolderError> {
        let payload = serde_json::to_vec(request).expect("a request is plain data, which always serialises");
        let question = Request::new().payload(payload.into()).timeout(Some(timeout));
        let reply = self.client.send_request(subject::FOLDERS, question).await.map_err(not_asked)?;
        let answer: Result<FolderAnswer, FolderRefusal> = serde_json::from_slice(&reply.payload)
            .map_err(|error| FolderError::Unavailable(format!("the answer does not decode: {error}")))?;
        Ok(answer?)
    }

    /// Questions for this worker, shared with all others. Who asked one that is lost is told that nobody answered.
    pub async fn serve(&self) -> Result<BoxStream<'static, FolderCall>, BusError> {
        let group = QUEUE_GROUP.to_owned();
        let messages = self.client.queue_subscribe(subject::FOLDERS, group).await.map_err(unavailable)?;
        let client = self.client.clone();
        let calls = messages.filter_map(move |message| future::ready(call(message, client.clone())));
        Ok(calls.boxed())
    }
}

pub(crate) fn not_asked(error: RequestError) -> FolderError {
    match error.kind() {
        RequestErrorKind::NoResponders => FolderError::NobodyThere,
        RequestErrorKind::TimedOut => FolderError::TimedOut,
        _ => FolderError::Unavailable(error.to_string()),
    }
}

fn call(message: Message, client: Client) -> Option<FolderCall> {
    let reply = message.reply?;
    let request = serde_json::from_slice(&message.payload)
        .inspect_err(
            |error| tracing::warn!(%error, "a question about folders does not decode; left unanswered"),
        )
        .ok()?;
    Some(FolderCall { request, client, reply })
}

impl FolderCall {
    pub async fn answer(self, result: Result<FolderAnswer, FolderRefusal>) -> Result<(), BusError> {
        let payload = serde_json::to_vec(&result).expect("an answer is plain data, which always serialises");
        self.client.publish(self.reply, payload.into()).await.map_err(unavailable)
    }
}
