//! `store HOST:PORT`, the command that the platform starts its store with; people have no need of it.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use crate::folder::Folder;
use crate::server;

/// The first argument.
pub const VERB: &str = "store";
/// The file, in the folder that is served, with the keys that a request must be signed with:
/// `{"access_key": "...", "secret_key": "..."}`. Only the server's own account may read it.
pub const KEYS: &str = "keys.json";
/// s3s has a line for each request that it refuses, and any stranger of the machine would fill the disk with them.
const LOGGED: &str = "info,s3s=off";
const THREADS: usize = 2;
/// Threads that wait for the disk; what comes besides waits for one of them. Those that wait together for their files to be
/// synced wait for one commit of the file system's journal: as many as the gateway sends files at once.
const DISK_THREADS: usize = 64;

/// Serves until it is killed if this process was started as a store; `None` if not. To be asked before anything else.
pub fn if_asked() -> Option<ExitCode> {
    let mut said = std::env::args().skip(1);
    if said.next()? != VERB {
        return None;
    }
    let outcome = match (said.next().map(|at| at.parse()), said.next()) {
        (Some(Ok(at)), None) => run(at),
        _ => Err("a store is told the one HOST:PORT where it listens".into()),
    };
    Some(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the store cannot run: {error}");
            ExitCode::FAILURE
        }
    })
}

fn run(at: SocketAddr) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).with_env_filter(LOGGED).init();
    let keys = std::fs::read(KEYS).map_err(|error| format!("{KEYS}: {error}"))?;
    let keys: server::Keys = serde_json::from_slice(&keys)?;
    let folder = Folder::open(Path::new("."))?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(THREADS).max_blocking_threads(DISK_THREADS).enable_all().build()?;
    runtime.block_on(server::serve(at, keys, folder))?;
    Ok(())
}
