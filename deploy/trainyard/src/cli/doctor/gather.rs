//! Looks at this machine. Nothing is changed, and nothing said about what it means.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use rustix::process::{Resource, getrlimit};
use trainyard_events::fleet::Pool;
use trainyard_fetch::client_trusting;
use trainyard_workers::runners::{Installed, installed};

use super::found::{Format, Found, Gpus, Looked, Memory, Port, Room, Secret};
use super::servers;
use crate::cli::tools;
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::roots::roots;
use crate::platform::settings::Resolved;

/// A driver that takes longer to say what it has hangs.
const DRIVER_ANSWERS: Duration = Duration::from_secs(10);
/// In the data folder.
const SECRETS: [&str; 6] =
    ["token", "readers.seed", "hooks.key", "credentials.json", "ports.json", READY_FILE];
/// What a settings file holds that is secret.
const SECRET_KEYS: [&str; 6] = ["secret_key", "_token", "_seed", "hooks_key", "llm_key", "_url"];

pub(super) async fn all(settings: &Resolved, config: Option<&Path>) -> Result<Found> {
    let data = std::path::absolute(&settings.data)?;
    let ready = Ready::read(&data.join(READY_FILE)).ok();
    let (servers, views) = Box::pin(servers::all(settings, ready.as_ref())).await;
    let here = [std::env::current_dir()?, std::path::absolute(&settings.tools)?];
    let roots = roots(settings.worker.dataset_roots.as_deref(), &here)?;
    let mut secrets: Vec<Secret> = SECRETS
        .iter()
        .map(|name| data.join(name))
        .chain([data.clone()])
        .filter_map(|path| secret(&path))
        .collect();
    secrets.extend(config.filter(|path| holds_secrets(path)).and_then(secret));
    let tool = |tool: tools::Tool| (tool.name.clone(), tool.state(&settings.tools));
    let needed = tools::wanted().into_iter().filter(|tool| !tool.is_optional && settings.external.is_none());
    Ok(Found {
        listen: (settings.listen, port(settings.listen, ready.as_ref()).await),
        format: format(&data),
        // `None` is no limit at all.
        open_files: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
        memory: memory(),
        shared_memory: room(Path::new("/dev/shm")),
        servers,
        views,
        gpus: gpus().await,
        wants_gpu: settings.worker.pool == Pool::Gpu,
        tools: needed.map(tool).collect(),
        trainer: trainer(&settings.worker.trainer).await,
        runners: runners(&settings.worker.runners),
        roots: roots.into_iter().map(|root| (root.path.clone(), readable(&root.path))).collect(),
        secrets,
        data: (data.clone(), room(&data)),
    })
}

async fn port(at: SocketAddr, ready: Option<&Ready>) -> Port {
    match tokio::net::TcpListener::bind(at).await {
        Ok(_) => Port::Free,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => match ready {
            Some(ready) if ready.http.ends_with(&format!(":{}", at.port())) && answers(ready).await => {
                Port::Ours
            }
            _ => Port::Taken,
        },
        Err(error) => Port::Refused(error.to_string()),
    }
}

async fn answers(ready: &Ready) -> bool {
    let Some(client) = ready.tls().ok().and_then(|tls| client_trusting(tls).build().ok()) else {
        return false;
    };
    let asked = client.get(format!("{}/healthz", ready.http)).timeout(Duration::from_secs(5)).send().await;
    asked.is_ok_and(|answer| answer.status().is_success())
}

/// Of the disk that holds `folder`, or will.
fn room(folder: &Path) -> Looked<Room> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    let disk = rustix::fs::statvfs(there).map_err(|error| error.to_string())?;
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    let files_free = (disk.f_files > 0).then_some(disk.f_favail);
    Ok(Room { free: bytes(disk.f_bavail), whole: bytes(disk.f_blocks), files_free })
}

fn memory() -> Looked<Memory> {
    let text = std::fs::read_to_string("/proc/meminfo").map_err(|error| error.to_string())?;
    let limit =
        std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    memory_of(&text, limit).ok_or_else(|| "/proc/meminfo".to_owned())
}

/// What `/proc/meminfo` says, within the container's limit in bytes if there is one.
fn memory_of(meminfo: &str, limit: Option<u64>) -> Option<Memory> {
    let bytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    let limit = limit.unwrap_or(u64::MAX);
    Some(Memory { available: bytes("MemAvailable:")?.min(limit), whole: bytes("MemTotal:")?.min(limit) })
}

/// In a thread that nobody waits for when it hangs.
async fn gpus() -> Looked<Option<Gpus>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    // Nobody listens any more when it has taken too long.
    let ask = move || drop(tell.send(trainyard_workers::driver()));
    std::thread::Builder::new().name("driver".to_owned()).spawn(ask).map_err(|error| error.to_string())?;
    let told = tokio::time::timeout(DRIVER_ANSWERS, told).await;
    let said =
        told.map_err(|_| format!("{} s", DRIVER_ANSWERS.as_secs()))?.map_err(|error| error.to_string())??;
    Ok(said.map(|(driver, gpus)| Gpus { driver, names: gpus.into_iter().map(|gpu| gpu.name).collect() }))
}

async fn trainer(program: &Path) -> Looked<String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let asked = Installed::ask(vec![program.display().to_string()], folder.path()).await;
    // What it printed stands below what is wrong.
    asked.map(|own| own.description.version).map_err(|error| error.to_string().replace("\n  ", "; "))
}

fn runners(folder: &Path) -> Vec<(String, bool)> {
    let whole = installed(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("runner.json").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), whole.contains_key(&name))).collect()
}

fn readable(folder: &Path) -> Looked<()> {
    std::fs::read_dir(folder).map(drop).map_err(|error| error.to_string())
}

fn format(data: &Path) -> Format {
    match std::fs::read_to_string(data.join("version")) {
        Ok(text) => {
            text.trim().parse().map_or_else(|_| Format::Unreadable(text.trim().to_owned()), Format::Of)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Format::New,
        Err(error) => Format::Unreadable(error.to_string()),
    }
}

/// `None` where there is nothing.
fn secret(path: &Path) -> Option<Secret> {
    let about = std::fs::metadata(path).ok()?;
    let is_ours = about.uid() == rustix::process::geteuid().as_raw();
    Some(Secret { path: PathBuf::from(path), mode: about.mode() & 0o777, is_ours })
}

fn holds_secrets(config: &Path) -> bool {
    std::fs::read_to_string(config).is_ok_and(|text| has_secrets(&text))
}

fn has_secrets(config: &str) -> bool {
    config.lines().filter_map(|line| line.split_once('=')).any(|(key, value)| {
        let key = key.trim();
        SECRET_KEYS.iter().any(|secret| key.ends_with(secret))
            && (!key.ends_with("_url") || value.contains('@'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_no_more_memory_than_its_limit() {
        let text = "MemTotal:       8000000 kB\nMemFree: 1 kB\nMemAvailable:   4000000 kB\n";
        let found = |limit| memory_of(text, limit).expect("both are there");
        assert_eq!(found(None), Memory { available: 4_096_000_000, whole: 8_192_000_000 });
        assert_eq!(found(Some(1 << 30)), Memory { available: 1 << 30, whole: 1 << 30 });
        assert_eq!(memory_of("MemTotal: 1 kB", None), None);
    }

    #[test]
    fn a_settings_file_is_secret_by_what_is_in_it() {
        for (text, is_secret) in [
            ("listen = \"127.0.0.1:1\"", false),
            ("s3_secret_key = \"x\"", true),
            ("nats_url = \"nats://user:password@host\"", true),
            ("nats_url = \"nats://host\"", false),
            ("hooks_key=\"x\"", true),
            ("s3_access_key = \"x\"", false),
        ] {
            assert_eq!(has_secrets(text), is_secret, "{text}");
        }
    }

    #[tokio::test]
    async fn a_port_is_taken_while_somebody_listens() {
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = other.local_addr().expect("an address");
        assert_eq!(port(at, None).await, Port::Taken);
        drop(other);
        assert_eq!(port(at, None).await, Port::Free);
    }

    #[test]
    fn what_is_not_there_yet_lies_where_it_will() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            room(&folder.path().join("a/b")).expect("a disk").whole,
            room(folder.path()).expect("a disk").whole
        );
        assert_eq!(format(folder.path()), Format::New);
        std::fs::write(folder.path().join("version"), "2\n").expect("a file");
        assert_eq!(format(folder.path()), Format::Of(2));
        std::fs::write(folder.path().join("version"), "two").expect("a file");
        assert_eq!(format(folder.path()), Format::Unreadable("two".to_owned()));
    }
}
