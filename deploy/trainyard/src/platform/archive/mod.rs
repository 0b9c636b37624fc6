//! `trainyard archive` and `restore`: the log as a chain of files in the artifact store, and a log made of it again. Views need no
//! archive: they are built from the log.

mod schedule;
mod settings;

use std::time::Duration;

use anyhow::Result;
use time::OffsetDateTime;
use trainyard_archive::{ArchiveError, Remainder, Trimmed, extend, keep_keys, put_keys_back, restore, trim};
use trainyard_door::system_clock;

use crate::args::Archive;
use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::Backends;
use crate::platform::make_private;
use crate::platform::settings::Resolved;

pub(crate) use schedule::{ArchiverMetrics, by_schedule};
pub(crate) use settings::ArchiveSettings;

/// What a run has done.
pub(crate) struct Turn {
    /// Events that are new in the archive, and the newest that it has.
    written: u64,
    archived: u64,
    /// What has left the log's stream; nothing does where it lets nothing go.
    trimmed: Option<Trimmed>,
}

/// Writes what is new to the archive, and has leave the log what ended longer than `after` ago and was in the archive before.
pub(crate) async fn turn(
    backends: &Backends,
    remainder: Remainder,
    after: Option<Duration>,
    now: OffsetDateTime,
) -> Result<Turn, ArchiveError> {
    // As it is stored: nothing is opened on its way.
    let (bus, archive) = (&backends.bus.clone().sealed(), &backends.archive);
    let before = archive.chain().await?.last();
    let written = extend(&bus.log(), &backends.store, remainder).await?;
    let trimmed = match after {
        Some(after) if bus.trim().is_possible().await? => {
            Some(trim(bus, archive, before, now - after).await?)
        }
        Some(_) => None,
        None => Some(Trimmed::default()),
    };
    keep_keys(bus, &backends.store).await?;
    Ok(Turn { written, archived: before + written, trimmed })
}

pub(crate) async fn archive(settings: Resolved, wish: Archive, json: bool) -> Result<()> {
    let (backends, servers) = match &settings.external {
        Some(external) => (Backends::connect_as_part(external, settings.nats_replicas).await?, None),
        None => Box::pin(Backends::start(&settings)).await?,
    };
    let outcome = match wish.verify {
        true => verify(&backends, json).await,
        false => archive_now(&backends, settings.archive.after, json).await,
    };
    close(backends, servers).await?;
    Ok(outcome?)
}

pub(crate) async fn from_archive(settings: Resolved, json: bool) -> Result<()> {
    make_private(&settings.data)?;
    let (backends, servers) = Box::pin(Backends::start(&settings)).await?;
    let bus = backends.bus.clone().sealed();
    let outcome = async {
        let lost = put_keys_back(&bus, &backends.store).await?;
        Ok::<_, ArchiveError>((restore(&bus.log(), &backends.store).await?, lost))
    };
    let outcome = outcome.await;
    close(backends, servers).await?;
    let (events, lost) = outcome?;
    match json {
        true => out::json(&serde_json::json!({ "events": events, "keys_lost": lost })),
        false => out::line(pick(
            language(),
            format!("이벤트 {events}개를 되살렸습니다. 뷰는 `trainyard rebuild`로 만듭니다"),
            format!("{events} events are restored; `trainyard rebuild` makes the views of them"),
        )),
    }
    if lost > 0 && !json {
        out::line(pick(
            language(),
            format!("보관소에 키가 없어서 지워진 것으로 남는 메시지가 있습니다(키 {lost}개)"),
            format!("{lost} keys are not in the archive: what was said with them reads as erased"),
        ));
    }
    Ok(())
}

async fn close(backends: Backends, servers: Option<trainyard_local::Platform>) -> Result<()> {
    backends.views.close().await;
    if let Some(servers) = servers {
        servers.stop().await?;
    }
    Ok(())
}

async fn verify(backends: &Backends, json: bool) -> Result<(), ArchiveError> {
    let chain = backends.archive.chain().await?;
    chain.check(&backends.store).await?;
    let (segments, events) = (chain.links().len(), chain.last());
    match json {
        true => out::json(&serde_json::json!({ "segments": segments, "events": events })),
        false => out::line(pick(
            language(),
            format!("보관 파일 {segments}개, 이벤트 {events}개가 모두 쓴 그대로입니다"),
            format!("{segments} segments with {events} events are as they were written"),
        )),
    }
    Ok(())
}

async fn archive_now(backends: &Backends, after: Option<Duration>, json: bool) -> Result<(), ArchiveError> {
    let turn = turn(backends, Remainder::Close, after, system_clock()).await?;
    let Turn { written, archived, trimmed } = turn;
    let Trimmed { histories, messages } = trimmed.unwrap_or_default();
    if json {
        out::json(&serde_json::json!({
            "events": written, "archived": archived, "histories": histories, "left": messages,
            "keeps_all": trimmed.is_none(),
        }));
        return Ok(());
    }
    out::line(pick(
        language(),
        format!("이벤트 {written}개를 보관소에 더했습니다"),
        format!("{written} events are new in the archive"),
    ));
    out::line(match trimmed {
        Some(_) => pick(
            language(),
            format!("끝난 지 오래된 이력 {histories}개의 이벤트 {messages}개를 로그에서 내보냈습니다"),
            format!("{messages} events of {histories} histories that ended long ago have left the log"),
        ),
        None => pick(
            language(),
            "이 로그는 예전 버전이 만들어서 아무것도 내보내지 않습니다. docs/OPERATIONS.md의 Archive를 보세요".to_owned(),
            "this log is of an earlier release and lets nothing go: see Archive in docs/OPERATIONS.md".to_owned(),
        ),
    });
    Ok(())
}
