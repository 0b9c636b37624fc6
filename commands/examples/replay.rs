//! `make simulate`: a log of 10,000 jobs that ask for GPUs, played on 1,000 workers under three rules; prints who waits how long, and
//! how long it took to play.

#[path = "../tests/given/mod.rs"]
mod given;

use std::time::Instant;

use given::crowd;
use trainyard_commands::replay::Story;
use trainyard_commands::schedule::Rules;

const JOBS: u64 = 10_000;
const WORKERS: u64 = 1_000;

fn main() {
    let mut story = Story::default();
    crowd::log(JOBS, WORKERS).iter().for_each(|recorded| story.take_in(recorded));
    let fleet = crowd::fleet(WORKERS);
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
}
