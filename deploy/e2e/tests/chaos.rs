//! The short form of the chaos suite: every part of it, on few jobs. `make chaos` is the long one.

use std::time::Duration;

use trainyard_e2e::chaos::{Plan, run};

#[test]
fn a_storm_loses_nothing_and_writes_nothing_twice() -> anyhow::Result<()> {
    let job_pause = Duration::from_secs(1);
    let plan = Plan {
        seed: 7,
        jobs: 32,
        job_pause,
        faults: 10,
        twins: 2,
        workers: 8,
        slots: 2,
        cluster: false,
        lasting: Duration::ZERO,
    };
    println!("{}", run(plan)?);
    Ok(())
}
