//! `make chaos`: 200 short jobs under 100 faults, and so again and again for as many minutes as are asked for. Arguments: seed,
//! jobs, faults, 3 for a cluster of three NATS servers, and minutes.

use std::time::Duration;

use anyhow::Result;
use trainyard_e2e::chaos::{Plan, run};

fn main() -> Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let number = |at: usize, otherwise: u64| numbers.get(at).copied().unwrap_or(otherwise);
    let plan = Plan {
        seed: number(0, 1),
        jobs: usize::try_from(number(1, 200))?,
        job_pause: Duration::from_millis(600),
        faults: usize::try_from(number(2, 100))?,
        twins: 2,
        workers: 8,
        slots: 2,
        cluster: number(3, 1) == 3,
        lasting: Duration::from_secs(60 * number(4, 0)),
    };
    println!("{}", run(plan)?);
    Ok(())
}
