//! What the whole platform holds of the machine's memory, servers included: at rest, and after many jobs of our own trainer.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::Instant;
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::{Asker, Milestone, Order, Watch, first_job};
use crate::process::memory_mib;
use crate::table::Table;

/// From the last work to rest.
const REST: Duration = Duration::from_secs(15);

/// `jobs`, evenly over `lasting`, or one after the other where they take longer. What the first one leaves behind stays.
pub async fn measure(
    platform: &Platform,
    bus: &Bus,
    jobs: u64,
    lasting: Duration,
    table: &mut Table,
) -> Result<()> {
    let at_rest = Held::at_rest(platform).await?;
    table.row("memory of the whole platform at rest (PSS)", at_rest.to_string(), "< 450 MB");
    first_job(platform).await?;
    let after_one = Held::at_rest(platform).await?;
    table.row("the same after one job", after_one.to_string(), "< 450 MB");
    let asker = Asker::new(platform, "memory").await?;
    let mut watch = Watch::begin(bus).await?;
    let begun = Instant::now();
    for number in 1..=jobs {
        asker.order(&Order::default()).await?;
        while !matches!(watch.next().await?, Milestone::Finished(_)) {}
        tokio::time::sleep_until(begun + lasting.mul_f64(number as f64 / jobs as f64)).await;
    }
    let taken = begun.elapsed().as_secs_f64();
    let after_all = Held::at_rest(platform).await?;
    let figure = format!("{after_all}; {:+.0} MB", after_all.mb() - after_one.mb());
    table.row(format!("the same after {jobs} more in {taken:.0} s"), figure, "< 450 MB, flat");
    Ok(())
}

/// Memory by the name of the program, in MiB.
struct Held(BTreeMap<String, f64>);

impl Held {
    async fn at_rest(platform: &Platform) -> Result<Held> {
        tokio::time::sleep(REST).await;
        Held::of(platform.pid().context("it runs")?)
    }

    /// Of a process and all that descend from it.
    fn of(root: u32) -> Result<Held> {
        let mut processes: BTreeMap<u32, (u32, String)> = BTreeMap::new();
        for entry in std::fs::read_dir("/proc")? {
            let Ok(pid) = entry?.file_name().to_string_lossy().parse() else { continue };
            let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
            let field = |name: &str| {
                status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
            };
            processes.insert(pid, (field("PPid:").parse().unwrap_or(0), role(pid, field("Name:"))));
        }
        let mut held = BTreeMap::new();
        for (pid, (_, name)) in &processes {
            let mut at = *pid;
            while at != root && at > 1 {
                at = processes.get(&at).map_or(0, |(parent, _)| *parent);
            }
            // One that has just ended holds nothing.
            if at == root
                && let Ok(mib) = memory_mib(*pid)
            {
                *held.entry(name.clone()).or_default() += mib;
            }
        }
        Ok(Held(held))
    }

    fn mb(&self) -> f64 {
        self.0.values().sum::<f64>() * 1.048_576
    }
}

/// Processes of our own program are told apart by their first word.
fn role(pid: u32, program: String) -> String {
    let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    match line.split('\0').nth(1) {
        Some(word) if program == "trainyard" => word.to_owned(),
        _ => program,
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<(&String, &f64)> = self.0.iter().collect();
        parts.sort_by(|a, b| b.1.total_cmp(a.1));
        let mut by_name = String::new();
        for (name, mib) in parts {
            write!(by_name, "{}{name} {:.0}", if by_name.is_empty() { "" } else { ", " }, mib * 1.048_576)?;
        }
        write!(f, "{:.0} MB ({by_name})", self.mb())
    }
}
