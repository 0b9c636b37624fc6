//! The short form of the chaos suite: every part of it, on few jobs. `make chaos` is the long one.

use std::time::Duration;

use trainyard_e2e::chaos::{Plan, run};

#[test]
fn a_storm_loses_nothing_and_writes_nothing_twice() -> anyhow::Result<()> {
    let job_pause = Duration::from_millis(400);
    let plan = Plan { seed: 7, jobs: 24, job_pause, faults: 10, workers: 2, slots: 3, cluster: false };
    println!("{}", run(plan)?);
    Ok(())
}
