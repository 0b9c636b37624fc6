//! Another account of the machine has nothing of the embedded store: it reads, replaces and deletes nothing, on any port.

mod access;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use trainyard_local::{LocalConfig, Platform, Server, harness};
use trainyard_store::Store;

const STRANGER: u32 = 61_000;

const PORTS: &str = "TRAINYARD_TEST_PORTS";
const OBJECT: &str = "/trainyard/kept";

/// Not a test: the process that `nobody_else_has_anything_of_an_object` starts as somebody else. It says what it is
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
async fn nobody_else_has_anything_of_an_object() {
    if fs::metadata("/proc/self").map(|us| std::os::unix::fs::MetadataExt::uid(&us)).unwrap() != 0 {
        return println!("skipped: only root can ask as somebody else");
    }
    let data = harness::folder().join("data");
    let config = LocalConfig::new(&data, harness::tools());
    let platform = Platform::start_only(config, &[Server::S3]).await.unwrap();
    let access = platform.urls().s3.clone();
    let port: u16 = access.endpoint.rsplit(':').next().unwrap().parse().unwrap();
    let account = fs::read_to_string(data.join("account")).unwrap().trim().parse().unwrap();
    assert_eq!(ports_of(account), BTreeSet::from([port]), "one door, and we know it");
    let store = Store::connect(access::config(access)).await.unwrap();
    store.put_bytes("kept", Bytes::from_static(b"ours")).await.unwrap();

    // By a name that leads there without a way through our folders.
    let mut command = Command::new("/proc/self/exe");
    command.args(["--exact", "stranger", "--ignored", "--nocapture"]).env(PORTS, port.to_string());
    let output = command.uid(STRANGER).gid(STRANGER).current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let answers: Vec<&str> = said.lines().filter(|line| line.starts_with("answer")).collect();
    assert_eq!(answers.len(), 75, "{said}");
    for answer in answers {
        let status: u16 = answer.rsplit(' ').next().unwrap().parse().unwrap();
        // 501: there is no such operation, whoever asks.
        assert!((400..500).contains(&status) || status == 501, "{answer}");
    }
    assert_eq!(store.get_bytes("kept", 100).await.unwrap(), "ours");
    assert_eq!(store.list("", None).await.unwrap().objects.len(), 1);
    assert_eq!(store.unfinished("").await.unwrap(), []);
    let log = fs::metadata(data.join("logs/s3.log")).unwrap().len();
    assert!(log < 1_000, "a stranger fills no disk with lines: {log} bytes");
    platform.stop().await.unwrap();
}
