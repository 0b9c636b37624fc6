//! The short form of the chaos suite on three NATS servers that keep three copies of each stream.

use std::time::Duration;

use trainyard_e2e::chaos::{Plan, run};

#[test]
fn a_storm_over_a_cluster_loses_nothing_and_writes_nothing_twice() -> anyhow::Result<()> {
    let job_pause = Duration::from_secs(1);
    let plan = Plan {
        seed: 11,
        jobs: 32,
        job_pause,
        faults: 6,
        twins: 2,
        workers: 8,
        slots: 2,
        cluster: true,
        lasting: Duration::ZERO,
    };
    println!("{}", run(plan)?);
    Ok(())
}
