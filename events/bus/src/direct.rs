//! Many messages of one subject in one answer, from whichever member of the stream is nearest: what it has is right, and may be
//! less than its leader has.

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::{Client, Subscriber};
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use crate::link::Link;
use crate::past::Raw;

/// Messages of one answer.
const AT_ONCE: usize = 256;
/// A member that answers says the next message or the end within this; one that has gone, or that may not be asked, says nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// What `subject` has after `after`, in order and without a hole; fewer than there are, or none, where the answer was cut short
/// or nobody gives one.
pub(crate) async fn next_ones(link: &Link, stream: &str, subject: &str, after: u64) -> Vec<Raw> {
    let mut interruptions = link.interruptions.clone();
    interruptions.mark_unchanged();
    let mut found = Vec::new();
    let Some(mut answers) = ask(&link.context.client(), stream, subject, after).await else { return found };
    loop {
        let answer = tokio::select! {
            biased;
            // What was on its way may be lost.
            _ = interruptions.changed() => return found,
            answer = timeout(PATIENCE, answers.next()) => answer,
        };
        // The last word has a status: the end, or that there is nothing.
        let Ok(Some(message)) = answer else { return found };
        let Some(message) = message.status.is_none().then(|| StreamMessage::try_from(message).ok()).flatten()
        else {
            return found;
        };
        found.push(Raw::from(message));
    }
}

async fn ask(client: &Client, stream: &str, subject: &str, after: u64) -> Option<Subscriber> {
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await.ok()?;
    let question = json!({ "seq": after + 1, "next_by_subj": subject, "batch": AT_ONCE }).to_string();
    let asked = client.publish_with_reply(format!("$JS.API.DIRECT.GET.{stream}"), inbox, question.into());
    asked.await.ok().map(|()| answers)
}
