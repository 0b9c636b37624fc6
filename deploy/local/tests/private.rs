//! What lies in the data folder is nobody else's, and the servers are nobody else either.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

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

const PORTS: &str = "TRAINYARD_TEST_PORTS";
const OBJECT: &str = "/trainyard/kept";

/// Not a test: the process that `nobody_else_reads_or_writes_an_object` starts as somebody else. It says what it is
/// answered on each port.
#[test]
#[ignore = "it asks the ports that it is told"]
fn stranger() {
    let ports = std::env::var_os(PORTS).expect("the test says which");
    for port in ports.to_string_lossy().split(',').map(|port| port.parse().expect("a port")) {
        for signature in ["", "Authorization: AWS any:any\r\n", FORGED] {
            for method in ["GET", "HEAD", "PUT", "DELETE", "POST"] {
                for path in ["/", "/trainyard", OBJECT, "/trainyard?list-type=2", "/trainyard/kept?uploads"] {
                    let status = asked(port, method, path, signature).unwrap_or_default();
                    println!("\nanswer {port} {method} {path} {status}");
                }
            }
        }
    }
}

const FORGED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\
                      x-amz-date: 20260101T000000Z\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n";

/// The status of an HTTP answer, or `None` where nobody speaks HTTP.
fn asked(port: u16, method: &str, path: &str, signature: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{signature}Content-Length: 6\r\n\r\nforged"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    // One that hangs up has said what it says.
    let _ = stream.read_to_end(&mut answer);
    let status = answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(status).ok()?.parse().ok()
}

/// The ports that an account listens on.
fn ports_of(account: u32) -> BTreeSet<u16> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>())
        .filter(|row| row[3] == "0A" && row[7] == account.to_string())
        .map(|row| u16::from_str_radix(row[1].rsplit(':').next().expect("a port"), 16).expect("a port"))
        .collect()
}

#[tokio::test]
async fn nobody_else_reads_or_writes_an_object() {
    if !we_are_root() {
        return;
    }
    let data = harness::folder().join("data");
    let platform = Platform::start_only(LocalConfig::new(&data, harness::tools()), &[Server::S3]).await;
    let platform = platform.expect("starts");
    let account =
        fs::read_to_string(data.join("account")).expect("it is kept").trim().parse().expect("a number");
    let ports = ports_of(account);
    let port: u16 = platform.urls().s3.endpoint.rsplit(':').next().expect("a port").parse().expect("a port");
    assert_eq!(ports, BTreeSet::from([port]), "one door, and we know it");

    let output = Command::new("/proc/self/exe")
        .args(["--exact", "stranger", "--ignored", "--nocapture"])
        .env(PORTS, port.to_string())
        .uid(STRANGER)
        .gid(STRANGER)
        .current_dir("/")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let answers: Vec<&str> = said.lines().filter(|line| line.starts_with("answer")).collect();
    assert_eq!(answers.len(), 75, "{said}");
    for answer in answers {
        let status: u16 = answer.rsplit(' ').next().expect("a status").parse().expect("a number");
        assert!((400..500).contains(&status), "{answer}");
    }
    platform.ready(Server::S3).await.expect("it still answers those who sign");
    let objects = below(&data.join("objects/trainyard"));
    assert_eq!(objects.len(), 1, "nothing was written: {objects:?}");
    platform.stop().await.expect("stops");
}
