//! Writes many events straight into a platform's log while it is down: the same server on the same files, which only does not
//! wait for the disk after each message.

use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use trainyard_e2e::root;

use crate::story::Told;

/// Sent before their answers are read.
const WINDOW: usize = 500;
const START_DEADLINE: Duration = Duration::from_secs(60);

/// Returns the sequence of the last event.
pub async fn fill(folder: &Path, events: impl Iterator<Item = Vec<Told>>) -> Result<u64> {
    let home = folder.join(".trainyard/nats");
    let config = std::fs::read_to_string(home.join("nats.conf"))?;
    let quick = config.replace("sync_interval: always", "sync_interval: 1m");
    ensure!(quick != config, "the server does not wait for its disk: {config}");
    std::fs::write(home.join("quick.conf"), &quick)?;
    let mut server = Command::new(root().join(".tools/bin/nats-server"))
        .args(["-c", "quick.conf"])
        .current_dir(&home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut writer = Writer::connect(&quick).await?;
    let last = writer.write_all(events).await?;
    let pid = server.id().context("it runs")?;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.try_into()?), nix::sys::signal::Signal::SIGTERM)?;
    server.wait().await?;
    std::fs::remove_file(home.join("quick.conf"))?;
    let store = home.join("store");
    let owner = std::fs::metadata(&store)?;
    give_back(&store, (owner.uid(), owner.gid()))?;
    Ok(last)
}

/// To the account that the platform's own server runs under.
fn give_back(path: &Path, (user, group): (u32, u32)) -> Result<()> {
    lchown(path, Some(user), Some(group))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            give_back(&entry?.path(), (user, group))?;
        }
    }
    Ok(())
}

/// A client of the few words that this takes.
pub struct Writer {
    server: BufReader<TcpStream>,
}

impl Writer {
    /// As the first user of a server's configuration, who may do everything.
    async fn connect(config: &str) -> Result<Writer> {
        let said = |name: &str| -> Result<&str> {
            let rest = config.split(name).nth(1).with_context(|| format!("no {name}"))?;
            rest.split('"').nth(1).with_context(|| format!("no {name}"))
        };
        let (address, user, password) = (said("listen:")?, said("user:")?, said("password:")?);
        Writer::log_in(address, user, password).await
    }

    pub async fn log_in(address: &str, user: &str, password: &str) -> Result<Writer> {
        let connecting = async {
            loop {
                if let Ok(stream) = TcpStream::connect(address).await {
                    let mut writer = Writer { server: BufReader::new(stream) };
                    let who = serde_json::json!({ "user": user, "pass": password, "verbose": false, "pedantic": false });
                    let hello = format!("CONNECT {who}\r\nSUB _INBOX.bench 1\r\n");
                    writer.server.write_all(hello.as_bytes()).await?;
                    if writer.ask("$JS.API.STREAM.INFO.EVENTS").await?.contains("\"config\"") {
                        return anyhow::Ok(writer);
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(START_DEADLINE, connecting).await.context("the server does not answer")?
    }

    async fn ask(&mut self, subject: &str) -> Result<String> {
        self.server.write_all(format!("PUB {subject} _INBOX.bench 0\r\n\r\n").as_bytes()).await?;
        // A server that has just begun may not have heard of streams; nobody answers then.
        match tokio::time::timeout(Duration::from_secs(1), self.answer()).await {
            Ok(answer) => answer,
            Err(_) => Ok(String::new()),
        }
    }

    /// Returns the sequence of the last event.
    pub async fn write_all(&mut self, events: impl Iterator<Item = Vec<Told>>) -> Result<u64> {
        let (mut last, mut window, mut sent) = (0, Vec::new(), 0);
        for (subject, json) in events.flatten() {
            window.extend_from_slice(
                format!("PUB {subject} _INBOX.bench {}\r\n{json}\r\n", json.len()).as_bytes(),
            );
            sent += 1;
            if sent == WINDOW {
                last = self.send(&mut window, std::mem::take(&mut sent)).await?;
            }
        }
        if sent > 0 { self.send(&mut window, sent).await } else { Ok(last) }
    }

    async fn send(&mut self, window: &mut Vec<u8>, sent: usize) -> Result<u64> {
        self.server.write_all(window).await?;
        window.clear();
        let mut last = 0;
        for _ in 0..sent {
            let answer = self.answer().await?;
            let answer: serde_json::Value = serde_json::from_str(&answer).with_context(|| answer.clone())?;
            last = answer["seq"].as_u64().with_context(|| answer.to_string())?;
        }
        Ok(last)
    }

    async fn answer(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            ensure!(self.server.read_line(&mut line).await? > 0, "the server hung up");
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["MSG", .., bytes] => {
                    let mut answer = vec![0; bytes.parse::<usize>()? + 2];
                    self.server.read_exact(&mut answer).await?;
                    return Ok(String::from_utf8_lossy(&answer).trim_end().to_owned());
                }
                ["PING"] => self.server.write_all(b"PONG\r\n").await?,
                ["-ERR", ..] => bail!(line),
                _ => {}
            }
        }
    }
}
