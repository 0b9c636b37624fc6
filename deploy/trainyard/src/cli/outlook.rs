//! What to expect of an open proposal, in a sentence.

use anyhow::Result;
use trainyard_api::chats::Outlook;
use trainyard_words::Takes;

use crate::cli::client::Client;

pub(crate) async fn of(client: &Client, chat: &str) -> Result<String> {
    let told = client.get::<Outlook>(&format!("/v1/chats/{chat}/outlook")).await?;
    let Outlook { time, waiting, running, .. } = &*told;
    let time =
        time.as_ref().map(|time| Takes { ms: time.ms, by: time.by, guess: time.guess, cost: time.price() });
    Ok(trainyard_words::said(
        &trainyard_words::Outlook { time, waiting: *waiting, running: *running },
        client.language,
    ))
}
