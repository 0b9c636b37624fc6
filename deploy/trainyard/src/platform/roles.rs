//! The roles as tasks, together in one process or one alone.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use trainyard_assistant::llm::{Llm, LlmConfig, LlmLimits};
use trainyard_assistant::{Assistant, Grammar};
use trainyard_bus::{Bus, Part};
use trainyard_dispatcher::DispatcherMetrics;
use trainyard_door::system_clock;
use trainyard_events::chat::Language;
use trainyard_feed::FeedMetrics;
use trainyard_gateway::{HookAccess, Listener, Logins, Metrics, Needs, Services};
use trainyard_hooks::{HooksConfig, HooksMetrics};
use trainyard_mlflow::{MlflowConfig, MlflowMetrics};
use trainyard_traces::{Collector, TracesMetrics};
use trainyard_workers::weights::Hub;
use trainyard_workers::{WorkerConfig, WorkerMetrics};

use crate::language::{language, pick};
use crate::platform::Role;
use crate::platform::archive::{ArchiveSettings, ArchiverMetrics, by_schedule};
use crate::platform::audit::{self, AuditMetrics};
use crate::platform::backends::Backends;
use crate::platform::collect::{CollectorMetrics, every_hour};
use crate::platform::metrics::ProjectorMetrics;
use crate::platform::readers::ReadersAccess;
use crate::platform::roots::roots;
use crate::platform::servers::ServerFigures;
use crate::platform::settings::Resolved;

/// Roles that run; one that ends by itself ends the others.
pub(crate) struct Roles {
    tasks: JoinSet<(Role, Result<()>)>,
    stop: CancellationToken,
    metrics: Metrics,
    /// Connections of single roles, to be closed last.
    buses: Vec<Bus>,
}

impl Roles {
    pub(crate) fn new() -> Roles {
        let (tasks, stop, metrics) = (JoinSet::new(), CancellationToken::new(), Metrics::default());
        Roles { tasks, stop, metrics, buses: Vec::new() }
    }

    /// A role's own way to the servers.
    pub(crate) async fn backends(&mut self, all: &Backends, part: Part) -> Result<Backends> {
        let backends = all.of(part).await?;
        self.buses.push(backends.bus.clone());
        Ok(backends)
    }

    /// How readers of the feed log in, where they may.
    pub(crate) async fn logins(&mut self, readers: Option<ReadersAccess>) -> Result<Option<Logins>> {
        let Some(readers) = readers else { return Ok(None) };
        let logins = readers.logins().await?;
        self.buses.push(logins.cutter.clone());
        Ok(Some(logins))
    }

    pub(crate) fn gateway(
        &mut self,
        listener: Listener,
        backends: &Backends,
        assistant: Assistant,
        (logins, hooks): (Option<Logins>, Option<&HooksConfig>),
    ) {
        let services = Services {
            bus: backends.bus.clone(),
            views: backends.views.clone(),
            store: backends.store.clone(),
            assistant,
            clock: system_clock,
            logins,
            hooks: hooks.map(|hooks| HookAccess { key: hooks.key.clone(), trusted: hooks.trusted.clone() }),
            metrics: self.metrics.clone(),
        };
        let stop = self.stop.clone();
        self.spawn(
            Role::Gateway,
            async move { Ok(trainyard_gateway::serve(listener, services, stop).await?) },
        );
    }

    pub(crate) fn projector(&mut self, backends: &Backends) {
        let (bus, views, stop) = (backends.bus.clone(), backends.views.clone(), self.stop.clone());
        let metrics = ProjectorMetrics::default();
        let servers = ServerFigures::default();
        self.metrics.register(|registry| {
            metrics.register(registry);
            registry.register_collector(Box::new(servers.clone()));
        });
        self.spawn(Role::Projector, async move {
            let stream = bus.stream_id().await?;
            let projector = trainyard_projections::Projector::new(bus.log(), views.clone(), stream);
            tokio::spawn(servers.watch(bus.clone(), views.clone(), stop.clone()));
            tokio::spawn(metrics.watch(projector.progress(), (bus, views), stop.clone()));
            Ok(projector.run(stop).await?)
        });
    }

    pub(crate) fn dispatcher(&mut self, backends: &Backends, settings: trainyard_dispatcher::Settings) {
        let (bus, stop) = (backends.bus.clone(), self.stop.clone());
        let metrics = DispatcherMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Dispatcher, async move {
            Ok(trainyard_dispatcher::run_from(bus, system_clock, metrics, settings, stop).await?)
        });
    }

    pub(crate) fn feed(&mut self, backends: &Backends) {
        let (bus, stop) = (backends.bus.clone(), self.stop.clone());
        let metrics = FeedMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Feed, async move {
            trainyard_feed::run(bus, metrics, stop).await;
            Ok(())
        });
    }

    pub(crate) fn webhooks(&mut self, backends: &Backends, hooks: HooksConfig) {
        let (bus, stop) = (backends.bus.clone(), self.stop.clone());
        let metrics = HooksMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Webhooks, async move {
            trainyard_hooks::run(bus, system_clock, hooks, metrics, stop).await;
            Ok(())
        });
    }

    pub(crate) fn auditor(&mut self, backends: &Backends) {
        let (log, stop) = (backends.bus.log(), self.stop.clone());
        let kept = (backends.views.clone(), backends.store.clone(), backends.archive.clone());
        let metrics = AuditMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Auditor, async move {
            Box::pin(audit::run(log, kept, system_clock, metrics, stop)).await;
            Ok(())
        });
    }

    pub(crate) fn archiver(&mut self, backends: &Backends, settings: ArchiveSettings) {
        let (backends, stop) = (backends.clone(), self.stop.clone());
        let metrics = ArchiverMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Archiver, async move {
            Box::pin(by_schedule(backends, settings, metrics, stop)).await;
            Ok(())
        });
    }

    pub(crate) fn mlflow(&mut self, backends: &Backends, config: MlflowConfig) {
        let (bus, stop) = (backends.bus.clone(), self.stop.clone());
        let metrics = MlflowMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Mlflow, async move {
            trainyard_mlflow::run(bus, config, metrics, stop).await;
            Ok(())
        });
    }

    pub(crate) fn traces(&mut self, backends: &Backends, collector: Collector) {
        let (bus, stop) = (backends.bus.clone(), self.stop.clone());
        let metrics = TracesMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        self.spawn(Role::Traces, async move {
            trainyard_traces::run(bus, collector, metrics, stop).await;
            Ok(())
        });
    }

    /// `here` are the folders that users may name datasets in where nothing was said of them.
    pub(crate) fn worker(
        &mut self,
        backends: &Backends,
        settings: &Resolved,
        here: &[PathBuf],
    ) -> Result<()> {
        let config = worker_config(backends, settings, here)?;
        let (bus, store, stop) = (backends.bus.clone(), backends.store.clone(), self.stop.clone());
        let metrics = WorkerMetrics::default();
        self.metrics.register(|registry| metrics.register(registry, config.work_dir.clone()));
        self.spawn(Role::Worker, async move {
            Ok(trainyard_workers::run(bus, store, system_clock, metrics, config, stop).await?)
        });
        Ok(())
    }

    /// Rids the store of what is of no use, every hour. For that it reads the log, which a projector may.
    pub(crate) fn collector(&mut self, projector: &Backends) {
        let metrics = CollectorMetrics::default();
        self.metrics.register(|registry| metrics.register(registry));
        let (log, store) = (projector.bus.log(), projector.store.clone());
        tokio::spawn(every_hour(log, store, metrics, self.stop.clone()));
    }

    /// Answers for a role that has no gateway, with the servers that it cannot do without.
    async fn serve_metrics(&self, role: Role, listen: SocketAddr, backends: &Backends) -> Result<()> {
        let needs = Needs {
            bus: Some(backends.bus.clone()),
            views: matches!(role, Role::Projector | Role::Auditor).then(|| backends.views.clone()),
            store: matches!(role, Role::Worker | Role::Auditor | Role::Archiver)
                .then(|| backends.store.clone()),
        };
        trainyard_gateway::serve_metrics(listen, self.metrics.clone(), needs, self.stop.clone()).await?;
        Ok(())
    }

    fn spawn(&mut self, role: Role, work: impl Future<Output = Result<()>> + Send + 'static) {
        self.tasks.spawn(async move { (role, work.await) });
    }

    /// Until a role ends by itself, which is an error.
    pub(crate) async fn ended(&mut self) -> Result<()> {
        let language = language();
        match self.tasks.join_next().await {
            Some(Ok((role, Ok(())))) => bail!(pick(
                language,
                format!("{role:?} 역할이 저절로 끝났습니다"),
                format!("the {role:?} role ended by itself"),
            )),
            Some(Ok((role, Err(error)))) => Err(error.context(pick(
                language,
                format!("{role:?} 역할이 멈췄습니다"),
                format!("the {role:?} role stopped"),
            ))),
            Some(Err(panic)) => bail!(pick(
                language,
                format!("역할이 비정상으로 끝났습니다: {panic}"),
                format!("a role crashed: {panic}"),
            )),
            None => bail!(pick(language, "실행 중인 역할이 없습니다", "no role runs")),
        }
    }

    /// Tells all to stop and waits until they have.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok((role, Ok(()))) => info!(?role, "stopped"),
                Ok((role, Err(error))) => error!(?role, "stopped with an error: {error:#}"),
                Err(panic) => error!("a role crashed: {panic}"),
            }
        }
        for bus in self.buses {
            bus.drain().await;
        }
    }
}

/// Binds the gateway's port.
/// And who vouches for its certificate, where that is the platform itself.
pub(crate) async fn bind(settings: &Resolved) -> Result<(Listener, Option<PathBuf>)> {
    let mut config = settings.gateway()?;
    let certificate = settings.certificate()?;
    config.tls = certificate.as_ref().map(|certificate| certificate.files.clone());
    Ok((trainyard_gateway::bind(config).await?, certificate.and_then(|certificate| certificate.authority)))
}

/// The grammar, with a language model behind it where one is configured.
pub(crate) fn assistant(settings: &Resolved) -> Result<Assistant> {
    let Some(llm) = settings.llm.clone() else { return Ok(Assistant::Grammar(Grammar)) };
    let limits = LlmLimits::default();
    let llm = Llm::new(LlmConfig { url: llm.url, model: llm.model, key: llm.key, limits })?;
    Ok(Assistant::Llm(llm))
}

fn worker_config(backends: &Backends, settings: &Resolved, here: &[PathBuf]) -> Result<WorkerConfig> {
    let worker = &settings.worker;
    if !worker.trainer.exists() {
        let path = worker.trainer.display();
        bail!(pick(
            language(),
            format!("학습 프로그램 {path} 파일이 없습니다. `make build`로 빌드하세요"),
            format!("the trainer {path} does not exist: build it with `make build`"),
        ));
    }
    let (s3, library) = (&backends.at.s3, std::path::absolute(&worker.onnxruntime)?);
    Ok(WorkerConfig {
        name: worker.name.clone(),
        pool: worker.pool,
        slots: worker.slots,
        giving: worker.giving.clone(),
        labels: worker.labels.clone(),
        threads: worker.threads,
        dataset_roots: roots(worker.dataset_roots.as_deref(), here)?,
        sources: worker.sources.resolved(&s3.bucket)?,
        cache_bytes: worker.cache_bytes,
        trainer_silence: trainyard_events::limits::TRAINER_SILENCE,
        trainer: worker.trainer.clone(),
        inspector: std::env::current_exe()?,
        runners: worker.runners.clone(),
        hub: Hub {
            endpoint: worker.hf_endpoint.clone().unwrap_or(Hub::default().endpoint),
            token: worker.hf_token.clone(),
        },
        predictor: std::env::current_exe()?,
        work_dir: std::path::absolute(settings.data.join("work"))?,
        predictor_environment: vec![
            ("TRAINYARD_ONNXRUNTIME".to_owned(), library.display().to_string()),
            ("TRAINYARD_NATS_URL".to_owned(), backends.at.nats.clone()),
            ("TRAINYARD_S3_ENDPOINT".to_owned(), s3.endpoint.clone()),
            ("TRAINYARD_S3_REGION".to_owned(), s3.region.clone()),
            ("TRAINYARD_S3_BUCKET".to_owned(), s3.bucket.clone()),
            ("TRAINYARD_S3_ACCESS_KEY".to_owned(), s3.access_key.clone()),
            ("TRAINYARD_S3_SECRET_KEY".to_owned(), s3.secret_key.clone()),
        ],
    })
}

fn needed(hooks: Option<HooksConfig>) -> Result<HooksConfig> {
    hooks.context(pick(
        language(),
        "TRAINYARD_HOOKS_KEY가 없습니다. 게이트웨이와 같은 키를 설정하세요",
        "TRAINYARD_HOOKS_KEY is missing: set the key that the gateways have",
    ))
}

fn named(collector: Option<Collector>) -> Result<Collector> {
    collector.context(pick(
        language(),
        "OTEL_EXPORTER_OTLP_ENDPOINT가 없습니다. http://collector:4318 같은 수집기 주소를 설정하세요",
        "OTEL_EXPORTER_OTLP_ENDPOINT is missing: set the address of a collector, such as http://collector:4318",
    ))
}

/// One role with servers that exist already, until told to stop.
pub(crate) async fn run_alone(settings: Resolved, role: Role) -> Result<()> {
    super::logging::to_stderr();
    super::make_private(&settings.data)?;
    let Some(external) = &settings.external else {
        bail!(pick(
            language(),
            "역할 하나만 실행하려면 서버가 있어야 합니다. TRAINYARD_NATS_URL, TRAINYARD_DATABASE_URL, TRAINYARD_S3_*를 \
             설정하거나 `trainyard up`으로 모두 여기에서 실행하세요",
            "a role alone needs servers that exist: set TRAINYARD_NATS_URL, TRAINYARD_DATABASE_URL and \
             TRAINYARD_S3_*, or run everything here with `trainyard up`",
        ));
    };
    let mut roles = Roles::new();
    let assistant = assistant(&settings)?;
    let listener = if role == Role::Gateway { Some(bind(&settings).await?.0) } else { None };
    // A log is English.
    if let Some(warning) = settings.without_tls(Language::English).filter(|_| role == Role::Gateway) {
        warn!("{warning}");
    }
    let mut backends = Backends::connect_as_part(external, settings.nats_replicas).await?;
    if !matches!(role, Role::Gateway | Role::Projector | Role::Webhooks) {
        backends.bus = backends.bus.sealed();
    }
    if let Some(listen) = settings.metrics_listen.filter(|_| role != Role::Gateway) {
        roles.serve_metrics(role, listen, &backends).await?;
    }
    match (role, listener) {
        (Role::Gateway, Some(listener)) => {
            let logins = roles.logins(settings.readers()?).await?;
            roles.gateway(listener, &backends, assistant, (logins, settings.hooks()?.as_ref()));
        }
        (Role::Projector, _) => roles.projector(&backends),
        (Role::Dispatcher, _) => roles.dispatcher(&backends, settings.dispatcher()),
        (Role::Worker, _) => roles.worker(&backends, &settings, &[])?,
        (Role::Feed, _) => roles.feed(&backends),
        (Role::Webhooks, _) => roles.webhooks(&backends, needed(settings.hooks()?)?),
        (Role::Auditor, _) => roles.auditor(&backends),
        (Role::Archiver, _) => roles.archiver(&backends, settings.archive),
        (Role::Mlflow, _) => {
            let config = settings.mlflow(&backends.at.s3.bucket)?.context(pick(
                language(),
                "TRAINYARD_MLFLOW_URL이 없습니다. MLflow 서버의 주소를 설정하세요",
                "TRAINYARD_MLFLOW_URL is missing: set the address of your MLflow server",
            ))?;
            roles.mlflow(&backends, config);
        }
        (Role::Traces, _) => roles.traces(&backends, named(settings.collector()?)?),
        (Role::Gateway, None) => unreachable!("a gateway has bound its port above"),
    }
    info!(?role, "running");
    let outcome = tokio::select! {
        ended = roles.ended() => ended,
        signal = super::signal::stop() => signal,
    };
    roles.stop().await;
    backends.bus.drain().await;
    outcome
}
