//! `trainyard up --monitoring`: the machine's Prometheus as a child, with the rules of `deploy/prometheus`, looking at us.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Url;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;
use trainyard_child::{Attached, Backoff, Program};

use crate::language::{language, pick};
use crate::platform::ready::Ready;

const PROGRAM: &str = "prometheus";
const RULES: &str = include_str!("../../../prometheus/rules.yml");
/// Below the data folder.
const HOME: &str = "prometheus";
const CONFIG: &str = "prometheus.yml";
const SCRAPE_SECONDS: u32 = 5;
const KEPT: &str = "15d";
/// What it takes to write down what it has in memory.
const GRACE: Duration = Duration::from_secs(10);
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_secs(60);

/// A Prometheus that is started again when it ends. Nothing of ours waits for it.
pub(crate) struct Monitoring {
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Monitoring {
    /// Looks at `platform`, and listens at `listen`.
    pub(crate) fn start(listen: SocketAddr, platform: &Ready, data: &Path) -> Result<Monitoring> {
        let program = installed(std::env::var_os("PATH").unwrap_or_default().as_os_str()).with_context(|| {
            pick(
                language(),
                "이 컴퓨터에 prometheus가 없습니다. 설치하거나(Debian: apt install prometheus) --monitoring 없이 시작하세요",
                "there is no prometheus on this machine: install it (Debian: apt install prometheus), or start without \
                 --monitoring",
            )
        })?;
        std::net::TcpListener::bind(listen).with_context(|| {
            pick(
                language(),
                format!("{listen}에서 이미 다른 프로그램이 듣고 있습니다. --monitoring=127.0.0.1:PORT로 다른 포트를 고르세요"),
                format!("somebody listens at {listen} already: choose another port with --monitoring=127.0.0.1:PORT"),
            )
        })?;
        let home = data.join(HOME);
        fs::create_dir_all(&home)?;
        fs::write(home.join("rules.yml"), RULES)?;
        fs::write(
            home.join(CONFIG),
            configuration(&platform.http.parse()?, platform.ca.as_deref()).to_string(),
        )?;
        let arguments = [
            format!("--config.file={CONFIG}"),
            "--storage.tsdb.path=data".to_owned(),
            format!("--storage.tsdb.retention.time={KEPT}"),
            format!("--web.listen-address={listen}"),
        ];
        let mut program = Program::new(program, arguments.map(Into::into).to_vec(), home);
        program.stop.grace = GRACE;
        let log = data.join("logs").join("prometheus.log");
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep_alive(program, log, stop.clone()));
        Ok(Monitoring { stop: stop.drop_guard(), task })
    }

    pub(crate) async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            warn!(%error, "what kept prometheus running crashed");
        }
    }
}

/// JSON is YAML.
fn configuration(platform: &Url, ca: Option<&Path>) -> serde_json::Value {
    let target = format!(
        "{}:{}",
        platform.host_str().unwrap_or_default(),
        platform.port_or_known_default().unwrap_or(443)
    );
    let path = format!("{}/metrics", platform.path().trim_end_matches('/'));
    let tls = ca.map_or_else(|| json!({}), |ca| json!({ "ca_file": ca }));
    let look = json!({
        "job_name": "trainyard",
        "scheme": platform.scheme(),
        "metrics_path": path,
        "tls_config": tls,
        "static_configs": [{ "targets": [target] }],
    });
    let interval = format!("{SCRAPE_SECONDS}s");
    json!({
        "global": { "scrape_interval": interval, "evaluation_interval": interval },
        "rule_files": ["rules.yml"],
        "scrape_configs": [look],
    })
}

fn installed(path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
}

async fn keep_alive(program: Program, log: PathBuf, stop: CancellationToken) {
    let mut backoff = Backoff::new(PAUSE_FIRST, PAUSE_LONGEST);
    loop {
        match live_once(&program, &log, &stop).await {
            Ok(()) if stop.is_cancelled() => return,
            Ok(()) => warn!(log = %log.display(), "prometheus ended; it is started again"),
            Err(error) => warn!(%error, log = %log.display(), "prometheus cannot be started; tried again"),
        }
        if stop.run_until_cancelled(backoff.wait()).await.is_none() {
            return;
        }
    }
}

async fn live_once(program: &Program, log: &Path, stop: &CancellationToken) -> io::Result<()> {
    let mut child = Attached::logged(program, File::create(log)?)?;
    match stop.run_until_cancelled(child.wait()).await {
        Some(exit) => exit.map(drop),
        None => child.stop().await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_of_that_name_is_taken_and_a_folder_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        fs::create_dir_all(place("one").join(PROGRAM)).expect("a folder of that name");
        fs::create_dir_all(place("two")).expect("a folder");
        let path = std::env::join_paths([place("none"), place("one"), place("two")]).expect("a path");
        assert_eq!(installed(&path), None);
        fs::write(place("two").join(PROGRAM), "").expect("a file");
        assert_eq!(installed(&path), Some(place("two").join(PROGRAM)));
    }

    #[test]
    fn it_is_told_where_we_are_and_what_the_rules_are() {
        let told = configuration(&"http://127.0.0.1:7700".parse().expect("an address"), None);
        let look = &told["scrape_configs"][0];
        assert_eq!(look["static_configs"][0]["targets"][0], "127.0.0.1:7700");
        assert_eq!((&look["scheme"], &look["metrics_path"]), (&json!("http"), &json!("/metrics")));
        assert_eq!(told["rule_files"][0], "rules.yml");
        let told =
            configuration(&"https://train.example/yard".parse().expect("an address"), Some(Path::new("/ca")));
        let look = &told["scrape_configs"][0];
        assert_eq!(look["static_configs"][0]["targets"][0], "train.example:443");
        assert_eq!(
            (&look["metrics_path"], &look["tls_config"]["ca_file"]),
            (&json!("/yard/metrics"), &json!("/ca"))
        );
    }
}
