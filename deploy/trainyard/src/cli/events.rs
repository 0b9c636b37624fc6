//! `trainyard events`: what happens, as it happens.

use anyhow::Result;
use trainyard_api::activity::{ActivityQuery, EventPage, EventsQuery, PublicEvent};
use trainyard_api::live::ServerFrame;
use trainyard_api::quarantine::{Because, Held, Quarantine, Skipped};
use trainyard_views::Quarantined;

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

/// Events fetched by one request.
const PAGE: u32 = 200;

/// What cannot be read, and what to do about it.
pub(crate) async fn quarantine(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<Quarantine>("/v1/quarantine").await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    for Held { aggregate, by } in &answer.quarantine {
        let Quarantined { sequence, kind, reason } = by;
        let (aggregate, kind) = (aggregate.to_string(), kind.as_deref().unwrap_or_default());
        line(pick(
            language,
            format!("{aggregate:<42} 이벤트 {sequence} ({kind}): {reason}"),
            format!("{aggregate:<42} event {sequence} ({kind}): {reason}"),
        ));
    }
    line(match answer.quarantine.len() {
        0 => pick(language, "모든 이벤트를 읽을 수 있습니다", "every event can be read"),
        _ => pick(
            language,
            "이것을 읽는 버전으로 업데이트하거나 건너뛰세요: trainyard events skip 순번 --because 이유",
            "upgrade to a version that reads them, or let one be skipped: trainyard events skip SEQUENCE --because REASON",
        ),
    });
    Ok(())
}

/// Lets what comes after an unreadable event count again, without it.
pub(crate) async fn skip(client: &Client, sequence: u64, because: &str, json: bool) -> Result<()> {
    let path = format!("/v1/quarantine/{sequence}/skip");
    let answer = client.post::<Skipped>(&path, &Because { reason: because.to_owned() }).await?;
    if json {
        return print_json(&answer.json);
    }
    let aggregate = &answer.aggregate;
    line(pick(
        client.language,
        format!("{aggregate}: 이벤트 {sequence}번 없이 이어집니다"),
        format!("{aggregate} goes on without event {sequence}"),
    ));
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
        match socket.next().await? {
            // Too far behind for the socket: what it left out is read from the views.
            ServerFrame::Refetch { .. } => {
                live = Some(Live::subscribe(client, &topic).await?);
                seen = print_past(client, &topic, seen, json).await?;
            }
            ServerFrame::Event { event, .. } if event.sequence() > seen => {
                seen = event.sequence();
                print(&event, json)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Prints what is written down already, and returns the sequence it got to.
async fn print_past(client: &Client, topic: &str, after: u64, json: bool) -> Result<u64> {
    let mut seen = after;
    loop {
        let (after, limit) = (Some(seen), Some(PAGE));
        let page = match topic.split_once(':') {
            Some(("job", job)) => {
                let query = EventsQuery { after, limit };
                client.find::<EventPage>(&format!("/v1/jobs/{job}/events"), &query).await?
            }
            about => {
                let aggregate = about.map(|(kind, id)| format!("{kind}/{id}"));
                let query = ActivityQuery { aggregate, after, before: None, limit };
                client.find::<EventPage>("/v1/activity", &query).await?
            }
        };
        for event in &page.events {
            seen = event.sequence().max(seen);
            print(event, json)?;
        }
        if page.events.len() < PAGE as usize {
            return Ok(seen);
        }
    }
}

fn print(event: &PublicEvent, json: bool) -> Result<()> {
    if json {
        return print_json(&event.0);
    }
    // A newer platform has kinds of events and aggregates that this program does not know; they are shown all the same.
    let [at, aggregate, actor] =
        ["at", "aggregate", "actor"].map(|name| event.0[name].as_str().unwrap_or_default());
    let time = at.get(11..19).unwrap_or(at);
    line(format_args!("{:>7}  {time}  {:<28} {aggregate}  {actor}", event.sequence(), event.kind()));
    Ok(())
}
