//! Runs the local platform in a folder until it is killed, and says the pids of the servers: for the test that kills it.

use std::path::PathBuf;

use trainyard_local::{LocalConfig, LocalError, Platform, Server, harness};

#[tokio::main]
async fn main() -> Result<(), LocalError> {
    let data = std::env::args().nth(1).map_or_else(harness::folder, PathBuf::from);
    let platform = Platform::start(LocalConfig::new(data, harness::tools())).await?;
    let pids: Vec<String> =
        Server::ALL.iter().filter_map(|server| platform.pid(*server)).map(|pid| pid.to_string()).collect();
    println!("{}", pids.join(" "));
    Err(platform.failed().await)
}
