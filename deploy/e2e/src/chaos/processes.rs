//! The processes of a fleet, as the machine knows them.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::sleep;

/// Those of the fleet in this folder whose command line has `word` in it.
pub(super) fn named(folder: &Path, word: &str) -> Vec<i32> {
    let ours = folder.to_string_lossy();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        // A guard has the line of what it guards at the end of its own.
        line.contains(&*ours) && line.contains(word) && !line.contains("\0guard\0")
    })
    .collect()
}

/// All of the fleet in this folder, each with what it does: `25556: trainyard guard run ...`.
pub(super) fn left_of(folder: &Path) -> Result<Vec<String>> {
    let ours = folder.to_string_lossy();
    let left = std::fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // Servers are put into their folders, and name none.
        let works_in = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        let is_ours = line.contains(&*ours) || works_in.starts_with(folder);
        is_ours.then(|| format!("{pid}: {line}"))
    });
    Ok(left.collect())
}

/// Resident memory in MiB.
pub(super) fn resident_mib(pid: i32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// SIGSTOP, and SIGCONT after so long. False when there was nothing to stop.
pub(super) async fn freeze(pid: Option<Pid>, lasting: Duration) -> bool {
    let Some(pid) = pid else { return false };
    let stopped = kill(pid, Signal::SIGSTOP).is_ok();
    sleep(lasting).await;
    stopped && kill(pid, Signal::SIGCONT).is_ok()
}
