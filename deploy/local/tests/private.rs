//! What lies in the data folder is nobody else's, and the servers are nobody else either.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use trainyard_local::{LocalConfig, Platform, Server, harness};

const STRANGER: u32 = 61_000;
const NOBODY: u32 = 65_534;

fn we_are_root() -> bool {
    let is_root = fs::metadata("/proc/self").expect("we run").uid() == 0;
    if !is_root {
        println!("skipped: only root has servers of another account, and can ask as somebody else");
    }
    is_root
}

/// Everything below a folder, and the folder itself.
fn below(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
        // A server may have removed what it has just shown.
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        found.extend(entries.flat_map(|entry| below(&entry.path())));
    }
    found
}

/// What a program prints that runs as somebody else.
fn said_as(uid: u32, program: &str, paths: &[PathBuf]) -> String {
    let output =
        Command::new(program).args(paths).uid(uid).gid(uid).current_dir("/").output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The account of a process and of all that it has started.
fn accounts(pid: u32) -> BTreeSet<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mut found: BTreeSet<String> = ["Uid:", "Gid:", "Groups:"]
        .iter()
        .filter_map(|name| status.lines().find_map(|line| line.strip_prefix(name)))
        .flat_map(|line| line.split_whitespace().map(str::to_owned))
        .collect();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    found.extend(children.split_whitespace().flat_map(|pid| accounts(pid.parse().expect("a pid"))));
    found
}

/// Returns the servers' account.
fn assert_private(platform: &Platform, data: &Path) -> u32 {
    let kept = fs::read_to_string(data.join("account")).expect("it is kept");
    let account: u32 = kept.trim().parse().expect("a number");
    assert!(![0, NOBODY, STRANGER].contains(&account), "{account}");
    for server in Server::ALL {
        let pid = platform.pid(server).expect("it runs");
        assert_eq!(accounts(pid), BTreeSet::from([account.to_string()]), "{server}");
    }

    let all = below(data);
    assert!(all.len() > 100, "there is something to look at");
    for path in &all {
        let Ok(about) = fs::symlink_metadata(path) else { continue };
        let is_private = about.mode() & 0o077 == 0 || about.is_symlink();
        assert!(is_private, "{} is {:o}", path.display(), about.mode());
        assert!([0, account].contains(&about.uid()), "{} belongs to {}", path.display(), about.uid());
    }
    let listed = said_as(STRANGER, "find", &[data.to_owned()]);
    assert_eq!(listed.trim(), data.to_string_lossy(), "its name, and nothing below it");
    let files: Vec<PathBuf> = all.into_iter().filter(|path| path.is_file()).collect();
    for some in files.chunks(500) {
        assert_eq!(said_as(STRANGER, "cat", some), "");
        // The servers come to their own folders alone, and that only when they are put there.
        assert_eq!(said_as(account, "cat", some), "");
    }
    account
}

fn psql(url: &str, sql: &str) -> String {
    let program = harness::tools().postgres.join("bin/psql");
    let output = Command::new(program).args(["-XAt", "-c", sql, url]).output().expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test]
async fn nobody_else_reads_the_data_and_the_servers_are_nobody_else() {
    if !we_are_root() {
        return;
    }
    let one = harness::folder().join("data");
    let platform = Platform::start(LocalConfig::new(&one, harness::tools())).await.expect("starts");
    psql(&platform.urls().postgres, "CREATE TABLE kept AS SELECT 7 AS n");
    let first = assert_private(&platform, &one);
    platform.stop().await.expect("stops");

    // As an earlier version has left it.
    for (name, owner) in [("nats", 0), ("objects", 0), ("postgres", NOBODY)] {
        for path in below(&one.join(name)) {
            lchown(path, Some(owner), Some(owner)).expect("root may");
        }
    }
    for (name, mode) in [("", 0o711), ("logs", 0o755), ("logs/nats.log", 0o644)] {
        fs::set_permissions(one.join(name), Permissions::from_mode(mode)).expect("root may");
    }
    let platform = Platform::start(LocalConfig::new(&one, harness::tools())).await.expect("starts");
    assert_eq!(psql(&platform.urls().postgres, "SELECT n FROM kept"), "7");
    assert_eq!(assert_private(&platform, &one), first, "the account stays");
    platform.stop().await.expect("stops");
}
