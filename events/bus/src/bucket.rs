//! A key-value bucket whose keys expire: guarded writes, reads from the leader, and a watch that heals by itself.

use std::collections::BTreeSet;
use std::collections::VecDeque;

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures::{Stream, stream};

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Message, Ordered, Read};
use crate::publish::{NotStored, publish};

const OPERATION: &str = "KV-Operation";
const MARKER: &str = "Nats-Marker-Reason";

#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) link: Link,
    stream: &'static str,
    /// Before the key in its subject.
    prefix: String,
}

/// What is under a key: no value when it was deleted or expired and its marker is still there.
pub(crate) struct Entry {
    pub(crate) revision: u64,
    pub(crate) value: Option<Bytes>,
}

/// What a watch tells.
#[derive(Debug)]
pub(crate) enum Change {
    Put {
        key: String,
        value: Bytes,
    },
    /// Deleted or expired.
    Ended {
        key: String,
    },
    /// Every key there is has been told; comes at the start and after each interruption.
    Current,
}

impl Bucket {
    pub(crate) fn new(link: Link, stream: &'static str, name: &str) -> Bucket {
        Bucket { link, stream, prefix: format!("$KV.{name}.") }
    }

    /// Writes if `revision` is the key's newest (0: it has none).
    pub(crate) async fn put_if(&self, key: &str, value: Bytes, revision: u64) -> Result<u64, NotStored> {
        let message = PublishMessage::build().payload(value).expected_last_subject_sequence(revision);
        publish(&self.link.context, self.subject(key), message).await.map(|stored| stored.sequence)
    }

    /// Writes whatever was there.
    pub(crate) async fn put(&self, key: &str, value: Bytes) -> Result<u64, NotStored> {
        let message = PublishMessage::build().payload(value);
        publish(&self.link.context, self.subject(key), message).await.map(|stored| stored.sequence)
    }

    /// Leaves a marker that says that the key is gone; `revision` as in [`Bucket::put_if`].
    pub(crate) async fn delete(&self, key: &str, revision: Option<u64>) -> Result<u64, NotStored> {
        let mut headers = HeaderMap::new();
        headers.insert(OPERATION, "DEL");
        let mut message = PublishMessage::build().headers(headers);
        if let Some(revision) = revision {
            message = message.expected_last_subject_sequence(revision);
        }
        publish(&self.link.context, self.subject(key), message).await.map(|stored| stored.sequence)
    }

    /// As the leader has it.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Entry>, BusError> {
        let stream = self.link.context.get_stream_no_info(self.stream).await.map_err(unavailable)?;
        match stream.get_last_raw_message_by_subject(&self.subject(key)).await {
            Ok(message) => {
                let value = (!is_marker(&message.headers)).then_some(message.payload);
                Ok(Some(Entry { revision: message.sequence, value }))
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Every value whose key begins with the words of `key` and has one more.
    pub(crate) async fn all_below(&self, key: &str) -> Vec<Bytes> {
        let filter = format!("{}.*", self.subject(key));
        let mut ordered = Ordered::new(self.link.clone(), self.stream, filter, From::LastOfEach);
        let mut found = Vec::new();
        loop {
            let waiting = match ordered.next().await {
                Read::Opened { waiting } => waiting,
                Read::Message(message) => {
                    found.extend(
                        (!message.headers.as_ref().is_some_and(is_marker)).then_some(message.payload),
                    );
                    message.waiting
                }
            };
            if waiting == 0 {
                ordered.close().await;
                return found;
            }
        }
    }

    /// Everything there is now, then every change, for ever. After an interruption everything is told again; what
    /// ended meanwhile is told after `Current`.
    pub(crate) fn watch(&self) -> impl Stream<Item = Change> + Send + use<> {
        let filter = format!("{}>", self.prefix);
        let watch = Watch {
            ordered: Ordered::new(self.link.clone(), self.stream, filter, From::LastOfEach),
            prefix: self.prefix.len(),
            known: BTreeSet::new(),
            listed: None,
            ready: VecDeque::new(),
        };
        stream::unfold(watch, |mut watch| async { Some((watch.next().await, watch)) })
    }

    fn subject(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

struct Watch {
    ordered: Ordered,
    /// Length of what comes before the key in a subject.
    prefix: usize,
    known: BTreeSet<String>,
    /// The keys that were told since the watch was opened, until all of them were.
    listed: Option<BTreeSet<String>>,
    ready: VecDeque<Change>,
}

impl Watch {
    async fn next(&mut self) -> Change {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return change;
            }
            match self.ordered.next().await {
                Read::Opened { waiting } => {
                    self.listed = Some(BTreeSet::new());
                    self.end_list_if(waiting == 0);
                }
                Read::Message(message) => {
                    let waiting = message.waiting;
                    self.take(message);
                    self.end_list_if(waiting == 0);
                }
            }
        }
    }

    fn take(&mut self, message: Message) {
        let key = message.subject[self.prefix..].to_owned();
        if message.headers.as_ref().is_some_and(is_marker) {
            // While the list lasts, absence is what counts.
            if self.listed.is_none() && self.known.remove(&key) {
                self.ready.push_back(Change::Ended { key });
            }
            return;
        }
        self.known.insert(key.clone());
        if let Some(listed) = &mut self.listed {
            listed.insert(key.clone());
        }
        self.ready.push_back(Change::Put { key, value: message.payload });
    }

    fn end_list_if(&mut self, complete: bool) {
        if !complete {
            return;
        }
        let Some(listed) = self.listed.take() else { return };
        self.ready.push_back(Change::Current);
        let ended = self.known.difference(&listed).cloned().collect::<Vec<_>>();
        self.ready.extend(ended.into_iter().map(|key| Change::Ended { key }));
        self.known = listed;
    }
}

/// Deleted by a client, or expired by the server.
fn is_marker(headers: &HeaderMap) -> bool {
    headers.get(OPERATION).is_some_and(|operation| operation.as_str() != "PUT")
        || headers.get(MARKER).is_some()
}
