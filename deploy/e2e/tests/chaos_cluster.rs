//! The short form of the chaos suite on three NATS servers that keep three copies of each stream.

use std::time::Duration;

use trainyard_e2e::chaos::{Plan, run};

#[test]
fn a_storm_over_a_cluster_loses_nothing_and_writes_nothing_twice() -> anyhow::Result<()> {
    let job_pause = Duration::from_millis(400);
    let plan = Plan { seed: 11, jobs: 10, job_pause, faults: 6, workers: 2, slots: 3, cluster: true };
    println!("{}", run(plan)?);
    Ok(())
}
