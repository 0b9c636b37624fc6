//! Says when a job has ended, also of one that ended while this was away.
//!
//! ```sh
//! curl -s -H "Authorization: Bearer $TRAINYARD_TOKEN" http://127.0.0.1:7700/v1/feed |
//!     TOKEN=$TRAINYARD_TOKEN cargo run --example job_ends nats://127.0.0.1:4222
//! ```

use anyhow::{Context, Result};
use async_nats::jetstream::{self, consumer::pull};
use futures::StreamExt;
use serde_json::Value;

const ENDS: [&str; 3] = ["job.finished", "job.failed", "job.cancelled"];

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example has no settings but its token")]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).context("the URL of NATS")?;
    let feed: Value = serde_json::from_reader(std::io::stdin())?;
    let text = |path: &str| feed.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let client =
        async_nats::ConnectOptions::with_user_and_password("reader".to_owned(), std::env::var("TOKEN")?)
            .custom_inbox_prefix(text("/inbox_prefix"))
            .connect(url)
            .await?;
    let stream =
        jetstream::with_domain(client, text("/domain")).get_stream_no_info(text("/streams/0/stream")).await?;
    let config = pull::Config {
        durable_name: Some(text("/consumers/2")),
        filter_subject: text("/streams/0/filters/0").replace(".>", ".job.>"),
        ..pull::Config::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let event: Value = serde_json::from_slice(&message.payload)?;
        if event["type"].as_str().is_some_and(|kind| ENDS.contains(&kind)) {
            println!("{} {} {}", event["time"], event["subject"], event["type"]);
        }
        message.ack().await.map_err(anyhow::Error::from_boxed)?;
    }
    Ok(())
}
