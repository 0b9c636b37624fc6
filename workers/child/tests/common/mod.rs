//! Words for tests of children: shell scripts as programs, and what the system says of processes.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use trainyard_child::Program;

/// Nothing here takes longer on any machine, unless it never happens.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A shell script as a program.
pub fn script(text: &str, folder: &Path) -> Program {
    Program::new("/bin/sh", vec!["-c".into(), text.into()], folder)
}

pub async fn all(mut from: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut text = String::new();
    let reading = from.read_to_string(&mut text);
    tokio::time::timeout(DEADLINE, reading).await.expect("it ends").unwrap();
    text
}

pub fn is_running(pid: u32) -> bool {
    // A zombie has ended; only its parent has not looked yet.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}

/// Every process with `mark` in its environment, as it has from whom it descends.
pub fn with_mark(mark: &str) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let environment = |pid: u32| fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    pids.filter(|pid| String::from_utf8_lossy(&environment(*pid)).contains(mark) && is_running(*pid))
        .collect()
}

/// The value of a line of `/proc/<pid>/status`, without its unit.
pub fn status(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

pub fn parent(pid: u32) -> u32 {
    status(pid, "PPid").try_into().unwrap()
}

pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Runs an ignored test of this binary as a process of its own.
pub fn start_test(name: &str, environment: &[(&str, OsString)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

pub fn kill_9(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}
