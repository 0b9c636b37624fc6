//! `trainyard up`: the whole platform in one process, until told to stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use trainyard_bus::Part;
use trainyard_local::Platform;
use trainyard_traces::Collector;

use crate::args::Up;
use crate::cli::tools;
use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::Backends;
use crate::platform::bootstrap::local_token;
use crate::platform::monitoring::Monitoring;
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::roles::{Roles, assistant, bind};
use crate::platform::settings::Resolved;
use crate::platform::{logging, make_private, signal};

/// A platform that serves.
pub(crate) struct Running {
    pub ready: Ready,
    roles: Roles,
    backends: Backends,
    servers: Option<Platform>,
    monitoring: Option<Monitoring>,
    ready_file: PathBuf,
}

impl Running {
    /// Starts everything and waits until it serves.
    pub(crate) async fn start(settings: &Resolved) -> Result<Running> {
        let collector = settings.collector()?;
        if settings.external.is_none() {
            tools::needed(&settings.tools)?;
        }
        make_private(&settings.data)?;
        logging::to_file(&settings.data)?;
        let (listener, ca) = bind(settings).await?;
        let http = settings.http(listener.address());
        let (backends, servers) = Box::pin(Backends::start(settings)).await?;
        let mut running = Running {
            ready: Ready {
                http,
                ca,
                nats: backends.at.nats.clone(),
                nats_ws: servers.as_ref().map(|servers| servers.urls().nats_websocket.clone()),
                postgres: backends.at.database.clone(),
                s3: backends.at.s3.endpoint.clone(),
                s3_access: Some(backends.at.s3.clone()),
                token: String::new(),
            },
            roles: Roles::new(),
            backends,
            servers,
            monitoring: None,
            ready_file: settings.data.join(READY_FILE),
        };
        match Box::pin(running.bring_up(settings, listener, collector)).await {
            Ok(()) => Ok(running),
            Err(error) => {
                running.stop().await?;
                Err(error)
            }
        }
    }

    async fn bring_up(
        &mut self,
        settings: &Resolved,
        listener: trainyard_gateway::Listener,
        collector: Option<Collector>,
    ) -> Result<()> {
        let log = self.backends.bus.log();
        self.ready.token = local_token(log.clone(), &settings.data).await?;
        let roles = &mut self.roles;
        let projector = roles.backends(&self.backends, Part::Projector).await?;
        roles.projector(&projector);
        roles.collector(&projector);
        let dispatcher = roles.backends(&self.backends, Part::Dispatcher).await?;
        roles.dispatcher(&dispatcher, settings.dispatcher());
        let worker = roles.backends(&self.backends, Part::Worker).await?;
        let here = [std::env::current_dir()?, std::path::absolute(&settings.tools)?];
        roles.worker(&worker, settings, &here)?;
        let gateway = roles.backends(&self.backends, Part::Gateway).await?;
        let logins = roles.logins(gateway.readers.clone()).await?;
        let hooks = settings.hooks()?;
        roles.gateway(listener, &gateway, assistant(settings)?, (logins, hooks.as_ref()));
        let feed = roles.backends(&self.backends, Part::Feed).await?;
        roles.feed(&feed);
        if let Some(hooks) = hooks {
            let webhooks = roles.backends(&self.backends, Part::Webhooks).await?;
            roles.webhooks(&webhooks, hooks);
        }
        let auditor = roles.backends(&self.backends, Part::Auditor).await?;
        roles.auditor(&auditor);
        let archiver = roles.backends(&self.backends, Part::Archiver).await?;
        roles.archiver(&archiver, settings.archive);
        if let Some(config) = settings.mlflow(&self.backends.at.s3.bucket)? {
            let mlflow = roles.backends(&self.backends, Part::Mlflow).await?;
            roles.mlflow(&mlflow, config);
        }
        if let Some(collector) = collector {
            let traces = roles.backends(&self.backends, Part::Traces).await?;
            roles.traces(&traces, collector);
        }
        let newest = trainyard_bus::EventLog::last_sequence(&log).await?;
        tokio::select! {
            caught_up = self.backends.views.wait_for(newest, std::time::Duration::from_secs(600)) => {
                anyhow::ensure!(caught_up?, pick(
                    language(),
                    "뷰가 로그를 따라잡지 못합니다. logs/trainyard.log를 보세요",
                    "the views do not catch up with the log: see logs/trainyard.log",
                ));
            }
            ended = self.roles.ended() => ended?,
        }
        self.ready.write(&self.ready_file)
    }

    /// Has the machine's Prometheus look at us.
    fn monitor(&mut self, listen: SocketAddr, data: &Path) -> Result<()> {
        self.monitoring = Some(Monitoring::start(listen, &self.ready, data)?);
        Ok(())
    }

    /// Until a role or a server ends for good, or we are told to stop.
    pub(crate) async fn until_stopped(&mut self) -> Result<()> {
        let servers = &self.servers;
        tokio::select! {
            ended = self.roles.ended() => ended,
            error = async { match servers { Some(servers) => servers.failed().await, None => std::future::pending().await } } => {
                Err(error.into())
            }
            signal = signal::stop() => signal,
        }
    }

    pub(crate) async fn stop(self) -> Result<()> {
        if self.ready_file.exists() {
            std::fs::remove_file(&self.ready_file).with_context(|| {
                let path = self.ready_file.display();
                pick(
                    language(),
                    format!("{path} 파일을 지울 수 없습니다"),
                    format!("{path} cannot be removed"),
                )
            })?;
        }
        if let Some(monitoring) = self.monitoring {
            monitoring.stop().await;
        }
        self.roles.stop().await;
        self.backends.bus.drain().await;
        self.backends.views.close().await;
        if let Some(servers) = self.servers {
            servers.stop().await?;
        }
        Ok(())
    }
}

pub(crate) async fn run(settings: Resolved, up: Up) -> Result<()> {
    let (begun, language) = (Instant::now(), language());
    let data = settings.data.display();
    out::note(pick(language, format!("{data}에서 시작하고 있습니다 ..."), format!("starting in {data} ...")));
    let mut running = tokio::select! {
        running = Running::start(&settings) => running?,
        signal = signal::stop() => return signal,
    };
    if let Some(listen) = up.monitoring
        && let Err(error) = running.monitor(listen, &settings.data)
    {
        running.stop().await?;
        return Err(error);
    }
    if let Some(path) = &up.ready_file {
        running.ready.write(path)?;
    }
    banner(&running.ready, &settings, up.monitoring, begun.elapsed());
    let outcome = running.until_stopped().await;
    out::note(pick(language, "멈추고 있습니다 ...", "stopping ..."));
    running.stop().await?;
    outcome
}

fn banner(ready: &Ready, settings: &Resolved, monitoring: Option<SocketAddr>, took: Duration) {
    let (seconds, language) = (took.as_secs_f64(), language());
    let [url, authority, token, feed, figures, at] = pick(
        language,
        ["주소  ", "인증서", "토큰  ", "피드  ", "지표  ", "로그  "],
        ["url      ", "ca       ", "token    ", "feed     ", "figures  ", "logs     "],
    );
    out::line(pick(
        language,
        format!("Trainyard가 {seconds:.1}초 만에 시작되었습니다"),
        format!("Trainyard is up after {seconds:.1} s"),
    ));
    out::line(format_args!("  {url}{}", ready.http));
    if let Some(ca) = &ready.ca {
        let how = pick(
            language,
            "접속하는 쪽에서 믿을 인증서: curl --cacert",
            "whom clients are to believe: curl --cacert",
        );
        out::line(format_args!("  {authority}{} ({how})", ca.display()));
    }
    out::line(format_args!("  {token}{}", ready.token));
    if settings.external.is_none() || settings.readers.is_some() {
        let nats = ready.nats.rsplit('@').next().unwrap_or_default();
        let how = pick(language, "사용자는 아무 이름, 비밀번호는 토큰", "any user, a token as the password");
        let ws = ready.nats_ws.as_ref().map_or_else(String::new, |ws| format!(", {ws}"));
        out::line(format_args!("  {feed}nats://{nats}{ws} ({how}: docs/feed.md)"));
    }
    if let Some(listen) = monitoring {
        out::line(format_args!("  {figures}http://{listen}"));
    }
    out::line(format_args!("  {at}{}", settings.data.join("logs").display()));
    if let Some(warning) = settings.without_tls(language) {
        out::note(format_args!("{}: {warning}", pick(language, "주의", "warning")));
    }
    out::line(pick(
        language,
        "Ctrl-C를 누르면 멈추며, 모두 그대로 남습니다. 대화하려면: trainyard chat",
        "Ctrl-C stops it; everything is kept. Talk to it: trainyard chat",
    ));
}
