//! `trainyard events`: what happens, as it happens.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::{print_json, text};
use crate::out::line;

/// Events fetched by one request.
const PAGE: usize = 200;

/// What cannot be read, and what to do about it.
pub(crate) async fn quarantine(client: &Client, json: bool) -> Result<()> {
    let answer = client.get("/v1/quarantine").await?;
    if json {
        return print_json(&answer);
    }
    let held = answer["quarantine"].as_array().cloned().unwrap_or_default();
    for row in &held {
        let sequence = row["sequence"].as_u64().unwrap_or(0);
        line(format_args!(
            "{:<42} event {sequence} ({}): {}",
            text(row, "aggregate"),
            text(row, "kind"),
            text(row, "reason")
        ));
    }
    match held.len() {
        0 => line(format_args!("every event can be read")),
        _ => line(format_args!(
            "upgrade to a version that reads them, or let one be skipped: trainyard events skip SEQUENCE --because REASON"
        )),
    }
    Ok(())
}

/// Lets what comes after an unreadable event count again, without it.
pub(crate) async fn skip(client: &Client, sequence: u64, because: &str, json: bool) -> Result<()> {
    let path = format!("/v1/quarantine/{sequence}/skip");
    let answer = client.post(&path, &json!({ "reason": because })).await?;
    if json {
        return print_json(&answer);
    }
    line(format_args!("{} goes on without event {sequence}", text(&answer, "aggregate")));
    Ok(())
}

pub(crate) async fn run(
    client: &Client,
    topic: Option<String>,
    after: Option<u64>,
    no_follow: bool,
    json: bool,
) -> Result<()> {
    let topic = topic.unwrap_or_else(|| "activity".to_owned());
    let mut live = if no_follow { None } else { Some(Live::subscribe(client, &topic).await?) };
    let mut seen = after.unwrap_or(0);
    if after.is_some() || no_follow {
        seen = print_past(client, &topic, seen, json).await?;
    }
    while let Some(socket) = &mut live {
        let frame = socket.next().await?;
        if frame["type"] == "refetch" {
            // Too far behind for the socket: what it left out is read from the views.
            live = Some(Live::subscribe(client, &topic).await?);
            seen = print_past(client, &topic, seen, json).await?;
            continue;
        }
        let sequence = frame["event"]["sequence"].as_u64().unwrap_or(0);
        if frame["type"] == "event" && sequence > seen {
            seen = sequence;
            print(&frame["event"], json)?;
        }
    }
    Ok(())
}

/// Prints what is written down already, and returns the sequence it got to.
async fn print_past(client: &Client, topic: &str, after: u64, json: bool) -> Result<u64> {
    let mut seen = after;
    loop {
        let path = match topic.split_once(':') {
            Some(("job", job)) => format!("/v1/jobs/{job}/events?after={seen}&limit={PAGE}"),
            Some((kind, id)) => format!("/v1/activity?aggregate={kind}/{id}&after={seen}&limit={PAGE}"),
            None => format!("/v1/activity?after={seen}&limit={PAGE}"),
        };
        let answer = client.get(&path).await?;
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        for event in &events {
            seen = event["sequence"].as_u64().unwrap_or(seen).max(seen);
            print(event, json)?;
        }
        if events.len() < PAGE {
            return Ok(seen);
        }
    }
}

fn print(event: &Value, json: bool) -> Result<()> {
    if json {
        return print_json(event);
    }
    let at = text(event, "at").get(11..19).unwrap_or_default();
    line(format_args!(
        "{:>7}  {at}  {:<28} {}  {}",
        event["sequence"].as_u64().unwrap_or(0),
        text(event, "kind"),
        text(event, "aggregate"),
        text(event, "actor")
    ));
    Ok(())
}
