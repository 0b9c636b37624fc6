//! `trainyard rebuild`: the views from the log alone, again.

use std::sync::Arc;

use anyhow::{Result, bail};
use trainyard_archive::Archive;
use trainyard_bus::{Bus, BusConfig};
use trainyard_events::chat::Language;
use trainyard_projections::{RebuildReport, Views};

use crate::args::Rebuild;
use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::Backends;
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Resolved;

/// Works beside a platform that runs in the folder, on servers of somebody else's, or starts those of the folder.
pub(crate) async fn run(settings: Resolved, rebuild: Rebuild, json: bool) -> Result<()> {
    let running = Ready::read(&settings.data.join(READY_FILE)).ok().filter(|_| settings.external.is_none());
    let (bus, views, servers) = match running {
        Some(ready) => {
            let mut bus = Bus::connect(BusConfig { url: ready.nats, replicas: 1 }).await?;
            if let Some(s3) = ready.s3_access {
                bus = bus.with_past(Arc::new(Archive::new(s3.store().await?)));
            }
            (bus, Views::connect(&ready.postgres).await?, None)
        }
        None => {
            let (backends, servers) = Box::pin(Backends::start(&settings)).await?;
            (backends.bus, backends.views, servers)
        }
    };
    let report = rebuild_views(&views, &bus, rebuild.verify).await;
    views.close().await;
    if let Some(servers) = servers {
        servers.stop().await?;
    }
    let report = report?;
    if json {
        out::json_text(&serde_json::to_string(&report)?);
    } else {
        print(&report, language());
    }
    if rebuild.verify && !report.equal {
        bail!(pick(
            language(),
            "지금의 뷰가 로그와 다릅니다. `trainyard rebuild`로 새로 만드세요",
            "the live views differ from the log: run `trainyard rebuild` to replace them",
        ));
    }
    Ok(())
}

fn print(report: &RebuildReport, language: Language) {
    for table in &report.tables {
        let (name, rows) = (&table.name, table.live_rows);
        let verdict = match table.equal {
            true => pick(language, "같음", "equal"),
            false => pick(language, "다름", "DIFFERENT"),
        };
        let rows = pick(language, format!("{rows:>8}행"), format!("{rows:>8} rows"));
        out::line(format_args!("{name:<16} {rows}  {verdict}"));
    }
    let RebuildReport { events, sequence, .. } = report;
    out::line(pick(
        language,
        format!("이벤트 {events}개, 순번 {sequence}까지"),
        format!("{events} events, up to sequence {sequence}"),
    ));
}

async fn rebuild_views(views: &Views, bus: &Bus, verify: bool) -> Result<RebuildReport> {
    let stream = bus.stream_id().await?;
    Ok(trainyard_projections::rebuild(views, &bus.log(), &stream, verify).await?)
}
