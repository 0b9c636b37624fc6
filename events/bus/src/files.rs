//! Files in the workers' folders, part by part: asked of whichever worker is free, since only workers have those disks.

use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, Request, Subject};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use trainyard_events::folders::{FileRequest, FolderRefusal};
use trainyard_events::subject;

use crate::BusError;
use crate::error::unavailable;
use crate::folders::{FolderError, QUEUE_GROUP, not_asked};

/// How many bytes the whole file has. Where it is missing the answer is a refusal, as JSON.
const WHOLE: &str = "Trainyard-File-Bytes";

#[derive(Clone)]
pub struct Files {
    client: Client,
}

/// Some of a file's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    /// All that it has.
    pub whole: u64,
    /// Empty behind its end.
    pub content: Bytes,
}

/// A question that one worker answers.
pub struct FileCall {
    pub request: FileRequest,
    client: Client,
    reply: Subject,
}

impl Files {
    pub(crate) fn new(client: Client) -> Files {
        Files { client }
    }

    pub async fn ask(&self, request: &FileRequest, timeout: Duration) -> Result<FilePart, FolderError> {
        let payload = serde_json::to_vec(request).expect("a request is plain data, which always serialises");
        let question = Request::new().payload(payload.into()).timeout(Some(timeout));
        let reply = self.client.send_request(subject::FILES, question).await.map_err(not_asked)?;
        let whole = reply.headers.as_ref().and_then(|headers| headers.get(WHOLE));
        if let Some(whole) = whole.and_then(|whole| whole.as_str().parse().ok()) {
            return Ok(FilePart { whole, content: reply.payload });
        }
        let unread = |error| FolderError::Unavailable(format!("the answer does not decode: {error}"));
        let refusal: FolderRefusal = serde_json::from_slice(&reply.payload).map_err(unread)?;
        Err(refusal.into())
    }

    /// Questions for this worker, shared with all others. Who asked one that is lost is told that nobody answered.
    pub async fn serve(&self) -> Result<BoxStream<'static, FileCall>, BusError> {
        let group = QUEUE_GROUP.to_owned();
        let messages = self.client.queue_subscribe(subject::FILES, group).await.map_err(unavailable)?;
        let client = self.client.clone();
        Ok(messages.filter_map(move |message| future::ready(call(message, client.clone()))).boxed())
    }
}

fn call(message: Message, client: Client) -> Option<FileCall> {
    let reply = message.reply?;
    let request = serde_json::from_slice(&message.payload)
        .inspect_err(
            |error| tracing::warn!(%error, "a question about a file does not decode; left unanswered"),
        )
        .ok()?;
    Some(FileCall { request, client, reply })
}

impl FileCall {
    pub async fn answer(self, result: Result<FilePart, FolderRefusal>) -> Result<(), BusError> {
        let answered = match result {
            Ok(FilePart { whole, content }) => {
                let mut headers = HeaderMap::new();
                headers.insert(WHOLE, whole.to_string());
                self.client.publish_with_headers(self.reply, headers, content).await
            }
            Err(refusal) => {
                let json =
                    serde_json::to_vec(&refusal).expect("a refusal is plain data, which always serialises");
                self.client.publish(self.reply, json.into()).await
            }
        };
        answered.map_err(unavailable)
    }
}
