//! Asks the servers who they are and what time it is: those of the settings, or those that the platform of this folder runs.

use std::fmt::Display;
use std::time::Duration;

use anyhow::{Context, Result};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use trainyard_bus::{Bus, BusConfig};
use trainyard_door::system_clock;
use trainyard_fetch::{Http, Trusted};
use trainyard_projections::DatabaseSaid;

use super::found::{Looked, Said, Server};
use crate::language::{language, pick};
use crate::platform::ready::Ready;
use crate::platform::settings::Resolved;

/// A server that is there and well has answered by then.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// What each server has said, and the versions of the views.
type Answers = (Vec<(Server, Looked<Said>)>, Looked<Vec<i32>>);

/// NATS, Postgres and the store, and the versions of the views.
pub(super) async fn all(settings: &Resolved, ready: Option<&Ready>) -> Answers {
    let at = match (&settings.external, ready) {
        (Some(external), _) => (&external.nats, &external.database, &external.s3.endpoint),
        (None, Some(ready)) => (&ready.nats, &ready.postgres, &ready.s3),
        (None, None) => return nobody_runs(),
    };
    let (nats, postgres, store) =
        tokio::join!(within(nats(at.0)), within(postgres(at.1)), within(store(at.2)));
    let (postgres, views) = match postgres {
        Ok((said, views)) => (Ok(said), Ok(views)),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    (vec![(Server::Nats, nats), (Server::Postgres, postgres), (Server::Store, store)], views)
}

fn nobody_runs() -> Answers {
    (Vec::new(), Err(pick(language(), "실행 중이 아닙니다", "none runs here now").to_owned()))
}

async fn within<T>(asked: impl Future<Output = Result<T>>) -> Looked<T> {
    let silent = || {
        anyhow::anyhow!(pick(
            language(),
            format!("{}초 안에 답하지 않습니다", ANSWERS_WITHIN.as_secs()),
            format!("it does not answer within {} s", ANSWERS_WITHIN.as_secs()),
        ))
    };
    let said = tokio::time::timeout(ANSWERS_WITHIN, asked).await.unwrap_or_else(|_| Err(silent()));
    said.map_err(|error| format!("{error:#}"))
}

async fn nats(url: &str) -> Result<Said> {
    let bus = Bus::connect(BusConfig { url: url.to_owned(), replicas: 1 }).await?;
    let begun = system_clock();
    let said = bus.server().await;
    let ahead_s = said.now.map(|now| ahead(now, begun, system_clock()));
    bus.drain().await;
    Ok(Said { version: Some(said.version), ahead_s })
}

async fn postgres(url: &str) -> Result<(Said, Vec<i32>)> {
    let begun = system_clock();
    let said = DatabaseSaid::ask(url).await?;
    let ahead_s = Some(ahead(said.now, begun, system_clock()));
    Ok((Said { version: Some(said.version), ahead_s }, said.projections))
}

/// Whatever it answers to somebody without a signature has the time in its head.
async fn store(endpoint: &str) -> Result<Said> {
    let url: reqwest::Url = endpoint.parse().context("TRAINYARD_S3_ENDPOINT")?;
    let trusted = Trusted(url.host_str().map(str::to_owned).into_iter().collect());
    let begun = system_clock();
    let answer = Http::new(trusted).get(&url, None, Default::default()).await?;
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let now = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
    // It says whole seconds, and leaves out the rest.
    let now = now.map(|now| now + Duration::from_millis(500));
    Ok(Said { version: None, ahead_s: now.map(|now| ahead(now, begun, system_clock())) })
}

/// Seconds, if the server looked at its clock midway.
fn ahead(now: OffsetDateTime, begun: OffsetDateTime, ended: OffsetDateTime) -> f64 {
    (now - (begun + (ended - begun) / 2_i32)).as_seconds_f64()
}

impl Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Server::Nats => "NATS",
            Server::Postgres => "Postgres",
            Server::Store => "S3",
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_is_compared_with_the_middle_of_the_question() {
        let (begun, ended) = (datetime!(2026-01-01 00:00:00 UTC), datetime!(2026-01-01 00:00:02 UTC));
        assert_eq!(ahead(datetime!(2026-01-01 00:00:01 UTC), begun, ended), 0.0);
        assert_eq!(ahead(datetime!(2026-01-01 00:01:01 UTC), begun, ended), 60.0);
        assert_eq!(ahead(datetime!(2025-12-31 23:59:58 UTC), begun, ended), -3.0);
        let date = OffsetDateTime::parse("Sun, 29 Nov 2026 13:42:22 GMT", &Rfc2822);
        assert_eq!(date, Ok(datetime!(2026-11-29 13:42:22 UTC)));
    }
}
