//! `trainyard rebuild`: the views from the log alone, again.

use anyhow::{Result, bail};
use trainyard_bus::{Bus, BusConfig};
use trainyard_projections::{RebuildReport, Views};

use crate::args::Rebuild;
use crate::out;
use crate::platform::backends::Backends;
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Resolved;

/// Works beside a platform that runs in the folder, on servers of somebody else's, or starts those of the folder.
pub(crate) async fn run(settings: Resolved, rebuild: Rebuild, json: bool) -> Result<()> {
    let running = Ready::read(&settings.data.join(READY_FILE)).ok().filter(|_| settings.external.is_none());
    let (bus, views, servers) = match running {
        Some(ready) => {
            let bus = Bus::connect(BusConfig { url: ready.nats, replicas: 1 }).await?;
            (bus, Views::connect(&ready.postgres).await?, None)
        }
        None => {
            let (backends, servers) = Backends::start(&settings).await?;
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
        for table in &report.tables {
            let verdict = if table.equal { "equal" } else { "DIFFERENT" };
            out::line(format_args!("{:<16} {:>8} rows  {verdict}", table.name, table.live_rows));
        }
        out::line(format_args!("{} events, up to sequence {}", report.events, report.sequence));
    }
    if rebuild.verify && !report.equal {
        bail!("the live views differ from the log: run `trainyard rebuild` to replace them");
    }
    Ok(())
}

async fn rebuild_views(views: &Views, bus: &Bus, verify: bool) -> Result<RebuildReport> {
    let stream = bus.stream_id().await?;
    Ok(trainyard_projections::rebuild(views, &bus.log(), &stream, verify).await?)
}
