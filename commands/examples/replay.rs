//! `make simulate`: a log of 10,000 jobs that ask for GPUs, played on 1,000 workers under three rules; prints who waits how long, and
//! how long it took to play. With a folder as its argument it writes `log.jsonl` and `fleet.json` there instead, as
//! `trainyard schedule replay` reads them.

#[path = "../tests/given/mod.rs"]
mod given;

use std::path::{Path, PathBuf};
use std::time::Instant;

use given::crowd;
use serde_json::json;
use trainyard_commands::replay::Story;
use trainyard_commands::schedule::Rules;
use trainyard_events::Recorded;
use trainyard_events::fleet::WorkerRecord;

const JOBS: u64 = 10_000;
const WORKERS: u64 = 1_000;

fn main() -> std::io::Result<()> {
    let (log, fleet) = (crowd::log(JOBS, WORKERS), crowd::fleet(WORKERS));
    if let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) {
        return write(&folder, &log, &fleet);
    }
    let mut story = Story::default();
    log.iter().for_each(|recorded| story.take_in(recorded));
    let usual = Rules::default();
    for (name, rules) in [
        ("as it is", usual),
        ("no packing", Rules { packs: false, ..usual }),
        ("no keeping", Rules { backfill: None, ..usual }),
    ] {
        let begun = Instant::now();
        let report = story.replay(&fleet, rules);
        println!(
            "{name}: {JOBS} jobs on {WORKERS} workers in {:.2} s, {} left",
            begun.elapsed().as_secs_f64(),
            report.left
        );
        println!("{:16} {:>6} {:>9} {:>9} {:>9}", "seconds waited", "jobs", "p50", "p95", "longest");
        for (group, waits) in &report.replayed {
            println!("{group:16} {:6} {:9.1} {:9.1} {:9.1}", waits.jobs, waits.p50, waits.p95, waits.longest);
        }
    }
    Ok(())
}

fn write(folder: &Path, log: &[Recorded], fleet: &[WorkerRecord]) -> std::io::Result<()> {
    let lines: Vec<String> = log.iter().map(|recorded| recorded.to_value().to_string()).collect();
    std::fs::write(folder.join("log.jsonl"), lines.join("\n"))?;
    let fleet = json!({ "workers": fleet, "unreachable": [] });
    std::fs::write(folder.join("fleet.json"), fleet.to_string())
}
