//! `make outages`: NATS, Postgres, the store, the gateways and the dispatchers are away for two minutes each while jobs train.
//! Argument: the seconds of each.

use std::time::Duration;

use anyhow::Result;
use trainyard_e2e::chaos::outages;

fn main() -> Result<()> {
    let seconds = std::env::args().nth(1).map_or(Ok(120), |word| word.parse())?;
    println!("{}", outages(Duration::from_secs(seconds))?);
    Ok(())
}
