//! Settings of every role: defaults, then the TOML file, then `TRAINYARD_*` of the environment, then flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use trainyard_bus::Issuer;
use trainyard_events::chat::Language;
use trainyard_events::fleet::Pool;
use trainyard_gateway::{GatewayConfig, Proxies, PublicUrl};
use trainyard_store::{Store, StoreConfig, StoreError};

use crate::language::{language, pick};
use crate::platform::archive::ArchiveSettings;
use crate::platform::hooks::HookSettings;
use crate::platform::mlflow::MlflowSettings;
use crate::platform::readers::ReadersAccess;
use crate::platform::sources::{SourceSettings, hosts_of};
use crate::platform::traces::TracesSettings;

/// What may be said, each thing once; what is left out falls back. Also the form of the TOML file.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// A TOML file with the settings below.
    #[arg(long, global = true, env = "TRAINYARD_CONFIG", help_heading = "Platform")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The folder of everything that is kept [default: .trainyard].
    #[arg(long, global = true, env = "TRAINYARD_DATA", help_heading = "Platform")]
    pub data: Option<PathBuf>,
    /// The folder of the pinned tools [default: .tools; of an installed release, tools beside its bin].
    #[arg(long, global = true, env = "TRAINYARD_TOOLS", help_heading = "Platform")]
    pub tools: Option<PathBuf>,
    /// Where the gateway listens [default: 127.0.0.1:7700]; port 0 takes a free one.
    #[arg(long, global = true, env = "TRAINYARD_LISTEN", help_heading = "Platform")]
    pub listen: Option<SocketAddr>,
    /// The address that people know the gateway by, such as https://train.example or https://example.org/train [default: the
    /// one that each of them has asked].
    #[arg(long, global = true, env = "TRAINYARD_PUBLIC_URL", help_heading = "Platform")]
    pub public_url: Option<String>,
    /// Proxies that are believed when they say for whom they ask, addresses or networks with commas between, such as
    /// 127.0.0.1,10.0.0.0/8 [default: none].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_TRUSTED_PROXIES",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub trusted_proxies: Option<Vec<String>>,
    /// Where a role alone answers /metrics, /healthz and /readyz, such as 127.0.0.1:9100 [default: nowhere]; a gateway
    /// answers them where it listens.
    #[arg(long, global = true, env = "TRAINYARD_METRICS_LISTEN", help_heading = "Platform")]
    pub metrics_listen: Option<SocketAddr>,
    /// Use this NATS instead of one of our own.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_NATS_URL",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub nats_url: Option<String>,
    /// Copies of each stream: 1, or 3 on a cluster [default: 1].
    #[arg(long, global = true, env = "TRAINYARD_NATS_REPLICAS", help_heading = "Platform")]
    pub nats_replicas: Option<usize>,
    /// The secret key that vouches for readers of the feed; `nats-users --readers` prints it [default: readers cannot log in].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_READERS_SEED",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub readers_seed: Option<String>,
    /// NATS as the user who cuts readers off; goes with the seed.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_READERS_NATS_URL",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub readers_nats_url: Option<String>,
    /// The secret key that the addresses of hooks are kept with, 32 bytes in base64 [default: no hooks].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_HOOKS_KEY",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub hooks_key: Option<String>,
    /// Hosts of your own network that hooks may lead to, also over http://: HOST, HOST:PORT or TENANT=HOST, with commas between
    /// [default: only public addresses].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_HOOK_HOSTS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub hook_hosts: Option<Vec<String>>,
    /// The server that sends hooks' letters: smtps://user:password@host, or smtp://host:port?tls=required [default: no mail].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_SMTP_URL",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub smtp_url: Option<String>,
    /// Whom letters are from; goes with the server.
    #[arg(long, global = true, env = "TRAINYARD_SMTP_FROM", help_heading = "Platform")]
    pub smtp_from: Option<String>,
    /// The MLflow server that jobs and models are mirrored to: http(s)://[user:password@]host[:port][/path] [default: none].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_MLFLOW_URL",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub mlflow_url: Option<String>,
    /// The token that it wants, where it wants one.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_MLFLOW_TOKEN",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub mlflow_token: Option<String>,
    /// The name of each tenant's experiment, with {tenant} in it [default: trainyard/{tenant}].
    #[arg(long, global = true, env = "TRAINYARD_MLFLOW_EXPERIMENT", help_heading = "Platform")]
    pub mlflow_experiment: Option<String>,
    /// A collector of OpenTelemetry that takes OTLP over HTTP, such as http://collector:4318 [default: no traces].
    #[arg(long, global = true, env = "OTEL_EXPORTER_OTLP_ENDPOINT", help_heading = "Platform")]
    pub otlp_endpoint: Option<String>,
    /// Headers for it, NAME=VALUE with commas between.
    #[arg(
        long,
        global = true,
        env = "OTEL_EXPORTER_OTLP_HEADERS",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub otlp_headers: Option<String>,
    /// How often what is new in the log goes into the archive, such as 10m or 12h, or never [default: 1h].
    #[arg(long, global = true, env = "TRAINYARD_ARCHIVE_EVERY", help_heading = "Platform")]
    pub archive_every: Option<String>,
    /// For how long what has ended stays in the log before it is in the archive alone, such as 12h or 90d, or never [default: 30d].
    #[arg(long, global = true, env = "TRAINYARD_ARCHIVE_AFTER", help_heading = "Platform")]
    pub archive_after: Option<String>,
    /// Use this Postgres instead of one of our own.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_DATABASE_URL",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub database_url: Option<String>,
    /// Use this S3 instead of one of our own.
    #[arg(long, global = true, env = "TRAINYARD_S3_ENDPOINT", help_heading = "Platform")]
    pub s3_endpoint: Option<String>,
    #[arg(long, global = true, env = "TRAINYARD_S3_REGION", help_heading = "Platform")]
    pub s3_region: Option<String>,
    #[arg(long, global = true, env = "TRAINYARD_S3_BUCKET", help_heading = "Platform")]
    pub s3_bucket: Option<String>,
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_S3_ACCESS_KEY",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub s3_access_key: Option<String>,
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_S3_SECRET_KEY",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub s3_secret_key: Option<String>,
    /// An OpenAI-compatible server for what the grammar leaves open, such as http://127.0.0.1:11434/v1 [default: none].
    #[arg(long, global = true, env = "TRAINYARD_LLM_URL", help_heading = "Platform")]
    pub llm_url: Option<String>,
    /// The model to ask there.
    #[arg(long, global = true, env = "TRAINYARD_LLM_MODEL", help_heading = "Platform")]
    pub llm_model: Option<String>,
    /// Its key, where it needs one.
    #[arg(long, global = true, env = "TRAINYARD_LLM_KEY", hide_env_values = true, help_heading = "Platform")]
    pub llm_key: Option<String>,
    /// The worker's name in the fleet [default: host and a random part].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_NAME", help_heading = "Platform")]
    pub worker_name: Option<String>,
    /// The worker's pool, cpu or gpu [default: cpu].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_POOL", value_parser = parse_pool, help_heading = "Platform")]
    pub worker_pool: Option<Pool>,
    /// Jobs that the worker trains at a time [default: 1].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_SLOTS", help_heading = "Platform")]
    pub worker_slots: Option<u32>,
    /// Threads of one trainer [default: 0, all cores].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_THREADS", help_heading = "Platform")]
    pub worker_threads: Option<u32>,
    /// Folders below which workers may read datasets and weights that users name by path, `FOLDER` for everybody or
    /// `TENANT=FOLDER` [default: none; of `up` and `demo` the folder they are started in].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_DATASET_ROOTS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub dataset_roots: Option<Vec<String>>,
    /// Hosts of your own network that workers may fetch archives of datasets from, and without TLS: `HOST` or `HOST:PORT` for
    /// everybody, or `TENANT=HOST` [default: none, only public addresses].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_SOURCE_HOSTS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub source_hosts: Option<Vec<String>>,
    /// Buckets that workers may fetch datasets from, `BUCKET` or `BUCKET/PREFIX` for everybody, or `TENANT=BUCKET` [default:
    /// none].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_SOURCE_BUCKETS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub source_buckets: Option<Vec<String>>,
    /// The S3 that they are in [default: Amazon's].
    #[arg(long, global = true, env = "TRAINYARD_SOURCE_S3_ENDPOINT", help_heading = "Platform")]
    pub source_s3_endpoint: Option<String>,
    #[arg(long, global = true, env = "TRAINYARD_SOURCE_S3_REGION", help_heading = "Platform")]
    pub source_s3_region: Option<String>,
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_SOURCE_S3_ACCESS_KEY",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub source_s3_access_key: Option<String>,
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_SOURCE_S3_SECRET_KEY",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub source_s3_secret_key: Option<String>,
    /// Hosts that the gateway may fetch images from to predict on them: `HOST` or `HOST:PORT` for everybody, or `TENANT=HOST`
    /// [default: none].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_IMAGE_HOSTS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub image_hosts: Option<Vec<String>>,
    /// Gigabytes of datasets that a worker keeps on its disk [default: 50].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_CACHE_GB", help_heading = "Platform")]
    pub worker_cache_gb: Option<u64>,
    /// The folder of the runners that are installed on this machine [default: runners in the data folder].
    #[arg(long, global = true, env = "TRAINYARD_RUNNERS", help_heading = "Platform")]
    pub runners: Option<PathBuf>,
    /// Where hf:// leads [default: https://huggingface.co], such as a mirror in your own network.
    #[arg(long, global = true, env = "TRAINYARD_HF_ENDPOINT", help_heading = "Platform")]
    pub hf_endpoint: Option<String>,
    /// The token for it, where weights are not public.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_HF_TOKEN",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub hf_token: Option<String>,
    /// The trainer's program [default: trainyard-vision beside this binary].
    #[arg(long, global = true, env = "TRAINYARD_TRAINER", help_heading = "Platform")]
    pub trainer: Option<PathBuf>,
    /// ONNX Runtime's library, with which the worker's predictor answers [default: onnxruntime/libonnxruntime.so among the
    /// tools, or ../lib/libonnxruntime.so beside this binary].
    #[arg(long, global = true, env = "TRAINYARD_ONNXRUNTIME", help_heading = "Platform")]
    pub onnxruntime: Option<PathBuf>,
}

/// `tools` beside `bin`, where this program lies as a release has it. The trainer looks for libtorch there, too.
fn tools_of_a_release() -> Option<PathBuf> {
    let us = std::env::current_exe().ok()?;
    let home = us.parent()?.parent()?;
    home.join("share/trainyard").is_dir().then(|| home.join("tools"))
}

fn parse_pool(word: &str) -> Result<Pool, String> {
    match word {
        "cpu" => Ok(Pool::Cpu),
        "gpu" => Ok(Pool::Gpu),
        _ => Err("cpu or gpu".to_owned()),
    }
}

/// Servers of somebody else's.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct External {
    pub nats: String,
    pub database: String,
    pub s3: S3,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct S3 {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: String,
}

impl S3 {
    pub(crate) async fn store(&self) -> Result<Store, StoreError> {
        let config = StoreConfig {
            endpoint: Some(self.endpoint.clone()),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
            bucket: self.bucket.clone(),
            path_style: true,
        };
        Store::connect(config).await
    }
}

/// A language model behind the grammar.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LanguageModel {
    pub url: String,
    pub model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Settings with nothing left open.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Resolved {
    pub data: PathBuf,
    pub tools: PathBuf,
    pub listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<String>,
    pub image_hosts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    pub nats_replicas: usize,
    /// All three, or none: half a platform of somebody else's is a mistake.
    pub external: Option<External>,
    pub readers: Option<ReadersSettings>,
    pub hooks: HookSettings,
    pub mlflow: Option<MlflowSettings>,
    pub traces: Option<TracesSettings>,
    pub archive: ArchiveSettings,
    pub llm: Option<LanguageModel>,
    pub worker: Worker,
}

/// How a gateway lets readers in, on servers of somebody else's.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReadersSettings {
    pub seed: String,
    pub nats: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Worker {
    pub name: Option<String>,
    pub pool: Pool,
    pub slots: u32,
    pub threads: u32,
    pub cache_bytes: u64,
    /// As they were said, or nothing.
    pub dataset_roots: Option<Vec<String>>,
    pub sources: SourceSettings,
    pub runners: PathBuf,
    pub hf_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hf_token: Option<String>,
    pub trainer: PathBuf,
    pub onnxruntime: PathBuf,
}

impl Settings {
    /// Where the platform keeps its things; the command line looks there for a running one.
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from(".trainyard"))
    }

    /// Where runners lie on this machine.
    pub(crate) fn runners(&self) -> PathBuf {
        self.runners.clone().unwrap_or_else(|| self.data().join("runners"))
    }

    fn tools(&self) -> PathBuf {
        self.tools.clone().or_else(tools_of_a_release).unwrap_or_else(|| PathBuf::from(".tools"))
    }

    /// Where ONNX Runtime is: what was said, or the first place where it is.
    pub(crate) fn onnxruntime(&self) -> PathBuf {
        const LIBRARY: &str = "libonnxruntime.so";
        let of_the_tools = self.tools().join("onnxruntime").join(LIBRARY);
        let installed = || {
            let us = std::env::current_exe().ok()?;
            Some(us.parent()?.parent()?.join("lib").join(LIBRARY)).filter(|path| path.exists())
        };
        let found = || if of_the_tools.exists() { None } else { installed() };
        self.onnxruntime.clone().or_else(found).unwrap_or(of_the_tools)
    }

    /// Fills in the file and the defaults, and checks.
    pub(crate) fn resolve(self) -> Result<Resolved> {
        let language = language();
        let file =
            self.config.as_deref().map(|path| read_file(path, language)).transpose()?.unwrap_or_default();
        let said = self.or(file);
        let external = said.external(language)?;
        let llm = said.llm(language)?;
        let readers = said.readers(language)?;
        let hooks = said.hooks(language)?;
        let mlflow = said.mlflow(language)?;
        let traces = said.traces();
        let archive = said.archive(language)?;
        let sources = said.sources(language)?;
        let replicas = said.nats_replicas.unwrap_or(1);
        if ![1, 3, 5].contains(&replicas) {
            bail!(pick(
                language,
                format!(
                    "nats_replicas가 {replicas}입니다. 1, 또는 서버가 그만큼 있는 클러스터에서 3이나 5로 하세요"
                ),
                format!("nats_replicas is {replicas}: say 1, or 3 or 5 on a cluster of that many servers"),
            ));
        }
        let slots = said.worker_slots.unwrap_or(1);
        if !(1..=64).contains(&slots) {
            bail!(pick(
                language,
                format!("worker_slots가 {slots}입니다. 1에서 64까지로 하세요"),
                format!("worker_slots is {slots}: say between 1 and 64"),
            ));
        }
        let trainer = match said.trainer.clone() {
            Some(trainer) => trainer,
            None => std::env::current_exe()
                .context(pick(
                    language,
                    "이 실행 파일의 위치를 알 수 없습니다. --trainer로 경로를 지정하세요",
                    "where this binary is cannot be found out: say --trainer PATH",
                ))?
                .with_file_name("trainyard-vision"),
        };
        let runners = said.runners();
        let onnxruntime = said.onnxruntime();
        let resolved = Resolved {
            data: said.data(),
            tools: said.tools(),
            listen: said.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 7700))),
            public_url: said.public_url,
            trusted_proxies: said.trusted_proxies.unwrap_or_default(),
            image_hosts: said.image_hosts.unwrap_or_default(),
            metrics_listen: said.metrics_listen,
            nats_replicas: replicas,
            external,
            readers,
            hooks,
            mlflow,
            traces,
            archive,
            llm,
            worker: Worker {
                name: said.worker_name,
                pool: said.worker_pool.unwrap_or(Pool::Cpu),
                slots,
                threads: said.worker_threads.unwrap_or(0),
                cache_bytes: said.worker_cache_gb.unwrap_or(50).saturating_mul(1_000_000_000),
                dataset_roots: said.dataset_roots,
                sources,
                runners,
                hf_endpoint: said.hf_endpoint,
                hf_token: said.hf_token,
                trainer,
                onnxruntime,
            },
        };
        resolved.gateway()?;
        resolved.mlflow("checked")?;
        Ok(resolved)
    }

    fn or(self, file: Settings) -> Settings {
        Settings {
            config: self.config,
            data: self.data.or(file.data),
            tools: self.tools.or(file.tools),
            listen: self.listen.or(file.listen),
            public_url: self.public_url.or(file.public_url),
            trusted_proxies: self.trusted_proxies.or(file.trusted_proxies),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            nats_url: self.nats_url.or(file.nats_url),
            nats_replicas: self.nats_replicas.or(file.nats_replicas),
            readers_seed: self.readers_seed.or(file.readers_seed),
            readers_nats_url: self.readers_nats_url.or(file.readers_nats_url),
            hooks_key: self.hooks_key.or(file.hooks_key),
            hook_hosts: self.hook_hosts.or(file.hook_hosts),
            smtp_url: self.smtp_url.or(file.smtp_url),
            smtp_from: self.smtp_from.or(file.smtp_from),
            mlflow_url: self.mlflow_url.or(file.mlflow_url),
            mlflow_token: self.mlflow_token.or(file.mlflow_token),
            mlflow_experiment: self.mlflow_experiment.or(file.mlflow_experiment),
            otlp_endpoint: self.otlp_endpoint.or(file.otlp_endpoint),
            otlp_headers: self.otlp_headers.or(file.otlp_headers),
            archive_every: self.archive_every.or(file.archive_every),
            archive_after: self.archive_after.or(file.archive_after),
            database_url: self.database_url.or(file.database_url),
            s3_endpoint: self.s3_endpoint.or(file.s3_endpoint),
            s3_region: self.s3_region.or(file.s3_region),
            s3_bucket: self.s3_bucket.or(file.s3_bucket),
            s3_access_key: self.s3_access_key.or(file.s3_access_key),
            s3_secret_key: self.s3_secret_key.or(file.s3_secret_key),
            llm_url: self.llm_url.or(file.llm_url),
            llm_model: self.llm_model.or(file.llm_model),
            llm_key: self.llm_key.or(file.llm_key),
            worker_name: self.worker_name.or(file.worker_name),
            worker_pool: self.worker_pool.or(file.worker_pool),
            worker_slots: self.worker_slots.or(file.worker_slots),
            worker_threads: self.worker_threads.or(file.worker_threads),
            worker_cache_gb: self.worker_cache_gb.or(file.worker_cache_gb),
            dataset_roots: self.dataset_roots.or(file.dataset_roots),
            source_hosts: self.source_hosts.or(file.source_hosts),
            source_buckets: self.source_buckets.or(file.source_buckets),
            source_s3_endpoint: self.source_s3_endpoint.or(file.source_s3_endpoint),
            source_s3_region: self.source_s3_region.or(file.source_s3_region),
            source_s3_access_key: self.source_s3_access_key.or(file.source_s3_access_key),
            source_s3_secret_key: self.source_s3_secret_key.or(file.source_s3_secret_key),
            image_hosts: self.image_hosts.or(file.image_hosts),
            runners: self.runners.or(file.runners),
            hf_endpoint: self.hf_endpoint.or(file.hf_endpoint),
            hf_token: self.hf_token.or(file.hf_token),
            trainer: self.trainer.or(file.trainer),
            onnxruntime: self.onnxruntime.or(file.onnxruntime),
        }
    }

    fn llm(&self, language: Language) -> Result<Option<LanguageModel>> {
        match (&self.llm_url, &self.llm_model) {
            (None, None) => Ok(None),
            (Some(url), Some(model)) => {
                Ok(Some(LanguageModel { url: url.clone(), model: model.clone(), key: self.llm_key.clone() }))
            }
            _ => bail!(pick(
                language,
                "TRAINYARD_LLM_URL과 TRAINYARD_LLM_MODEL은 함께 씁니다. 문법으로 확실하지 않을 때 언어 모델에 물으려면 둘 다 \
                 설정하고, 아니면 둘 다 빼세요",
                "TRAINYARD_LLM_URL and TRAINYARD_LLM_MODEL go together: set both to have a language model asked \
                 where the grammar is not sure, or none",
            )),
        }
    }

    fn readers(&self, language: Language) -> Result<Option<ReadersSettings>> {
        match (&self.readers_seed, &self.readers_nats_url) {
            (None, None) => Ok(None),
            (Some(seed), Some(nats)) => Ok(Some(ReadersSettings { seed: seed.clone(), nats: nats.clone() })),
            _ => bail!(pick(
                language,
                "TRAINYARD_READERS_SEED와 TRAINYARD_READERS_NATS_URL은 함께 씁니다. 피드를 읽는 사람이 토큰으로 로그인하게 하려면 \
                 둘 다 설정하고, 아니면 둘 다 빼세요",
                "TRAINYARD_READERS_SEED and TRAINYARD_READERS_NATS_URL go together: set both to let readers of the \
                 feed log in with their tokens, or none",
            )),
        }
    }

    fn external(&self, language: Language) -> Result<Option<External>> {
        match (&self.nats_url, &self.database_url, &self.s3_endpoint) {
            (None, None, None) => Ok(None),
            (Some(nats), Some(database), Some(endpoint)) => {
                let need = |value: &Option<String>, name: &str| {
                    value.clone().with_context(|| {
                        pick(
                            language,
                            format!("TRAINYARD_S3_ENDPOINT와 함께 쓸 {name} 값이 없습니다"),
                            format!("{name} is missing: it goes with TRAINYARD_S3_ENDPOINT"),
                        )
                    })
                };
                Ok(Some(External {
                    nats: nats.clone(),
                    database: database.clone(),
                    s3: S3 {
                        endpoint: endpoint.clone(),
                        region: self.s3_region.clone().unwrap_or_else(|| "us-east-1".to_owned()),
                        bucket: self.s3_bucket.clone().unwrap_or_else(|| "trainyard".to_owned()),
                        access_key: need(&self.s3_access_key, "TRAINYARD_S3_ACCESS_KEY")?,
                        secret_key: need(&self.s3_secret_key, "TRAINYARD_S3_SECRET_KEY")?,
                    },
                }))
            }
            _ => bail!(pick(
                language,
                "TRAINYARD_NATS_URL, TRAINYARD_DATABASE_URL, TRAINYARD_S3_ENDPOINT는 함께 씁니다. 직접 운영하는 서버를 \
                 쓰려면 셋 다 설정하고, 여기에서 시작하려면 모두 빼세요",
                "TRAINYARD_NATS_URL, TRAINYARD_DATABASE_URL and TRAINYARD_S3_ENDPOINT go together: \
                 set all three to use your own servers, or none to have them started here",
            )),
        }
    }
}

fn read_file(path: &std::path::Path, language: Language) -> Result<Settings> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| {
        pick(language, format!("{name}: 읽을 수 없습니다"), format!("{name} cannot be read"))
    })?;
    toml::from_str(&text).with_context(|| {
        pick(language, format!("{name}: 설정 파일이 아닙니다"), format!("{name} is not a settings file"))
    })
}

impl Resolved {
    /// What a gateway of these settings is told.
    pub(crate) fn gateway(&self) -> Result<GatewayConfig> {
        let mut config = GatewayConfig::new(self.listen);
        config.public_url =
            self.public_url.as_deref().map(str::parse::<PublicUrl>).transpose().context("public_url")?;
        config.trusted_proxies = Proxies::parse(&self.trusted_proxies).map_err(|name| {
            anyhow!(pick(
                language(),
                format!("trusted_proxies: {name:?}: 10.0.0.0/8 같은 네트워크도, 주소도 아닙니다"),
                format!("trusted_proxies: {name:?} is neither an address nor a network such as 10.0.0.0/8"),
            ))
        })?;
        config.image_hosts = hosts_of(&self.image_hosts, "image_hosts")?;
        Ok(config)
    }

    /// How readers are let in on somebody else's servers, if they are.
    pub(crate) fn readers(&self) -> Result<Option<ReadersAccess>> {
        let Some(ReadersSettings { seed, nats }) = self.readers.clone() else { return Ok(None) };
        let issuer = Issuer::from_seed(&seed).context("readers_seed")?;
        Ok(Some(ReadersAccess { issuer, cutter: nats }))
    }

    /// What is to be said of a gateway that others can reach, and that nothing is known to stand before.
    pub(crate) fn without_tls(&self, language: Language) -> Option<String> {
        let has_proxy = self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        let listen = (!self.listen.ip().is_loopback() && !has_proxy).then_some(self.listen)?;
        Some(pick(
            language,
            format!(
                "{listen}에는 TLS가 없어, 네트워크를 오가는 토큰과 이미지와 모델을 남이 읽을 수 있습니다. 앞에 TLS 프록시를 두고 \
                 TRAINYARD_PUBLIC_URL을 설정하거나(docs/OPERATIONS.md 참고) 127.0.0.1에서 기다리게 하세요"
            ),
            format!(
                "there is no TLS on {listen}: tokens, images and models cross the network so that others can read them. \
                 Put a proxy with TLS before it and set TRAINYARD_PUBLIC_URL (docs/OPERATIONS.md says how), or listen on \
                 127.0.0.1"
            ),
        ))
    }

    /// The same, fit for a screen.
    pub(crate) fn without_secrets(&self) -> Resolved {
        let mut shown = self.clone();
        if let Some(external) = &mut shown.external {
            external.nats = without_password(&external.nats);
            external.database = without_password(&external.database);
            external.s3.endpoint = without_password(&external.s3.endpoint);
            external.s3.secret_key = "***".to_owned();
        }
        if let Some(readers) = &mut shown.readers {
            readers.seed = "***".to_owned();
            readers.nats = without_password(&readers.nats);
        }
        shown.hooks.hide();
        shown.mlflow = shown.mlflow.map(MlflowSettings::hidden);
        if let Some(traces) = &mut shown.traces {
            traces.hide();
        }
        if let Some(llm) = &mut shown.llm {
            llm.url = without_password(&llm.url);
            llm.key = llm.key.take().map(|_| "***".to_owned());
        }
        shown.worker.sources.hide();
        shown.worker.hf_endpoint = shown.worker.hf_endpoint.as_deref().map(without_password);
        shown.worker.hf_token = shown.worker.hf_token.take().map(|_| "***".to_owned());
        shown
    }
}

/// `scheme://user:password@host` with the password hidden.
pub(super) fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mentions::sources;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file: Settings = toml::from_str("listen = \"127.0.0.1:1\"\nworker_slots = 3").unwrap();
        let flags = Settings { worker_slots: Some(2), ..Settings::default() };
        let resolved = flags.or(file).resolve().unwrap();
        assert_eq!((resolved.listen.port(), resolved.worker.slots, resolved.worker.threads), (1, 2, 0));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Settings>("nats_ulr = \"x\"").unwrap_err().to_string().contains("nats_ulr"));
    }

    #[test]
    fn half_of_somebody_elses_servers_is_refused() {
        let half = Settings { nats_url: Some("nats://host".into()), ..Settings::default() };
        assert!(half.external(Language::English).unwrap_err().to_string().contains("go together"));
    }

    /// A setting is a flag, a variable and a key of the file, all of one name, and the manual has it. What OpenTelemetry has a
    /// variable for has that one.
    #[test]
    fn every_setting_is_in_the_manual() {
        let manual = include_str!("../../../../docs/OPERATIONS.md");
        let command = Settings::augment_args(clap::Command::new("trainyard"));
        assert!(command.get_arguments().count() > 20);
        for arg in command.get_arguments() {
            let name = arg.get_id().as_str();
            let variable = match name.strip_prefix("otlp_") {
                Some(rest) => format!("OTEL_EXPORTER_OTLP_{}", rest.to_uppercase()),
                None => format!("TRAINYARD_{}", name.to_uppercase()),
            };
            assert_eq!(arg.get_env().and_then(|env| env.to_str()), Some(variable.as_str()));
            assert_eq!(arg.get_long(), Some(name.replace('_', "-").as_str()));
            assert!(manual.contains(&format!("`{variable}`")), "docs/OPERATIONS.md does not name {variable}");
        }
    }

    /// Whatever else is read from the environment, and nothing that is not.
    #[test]
    fn the_manual_names_every_variable_and_no_other() {
        let variables = |text: &str| -> BTreeSet<String> {
            let begins = text.match_indices("TRAINYARD_").map(|(at, _)| &text[at..]);
            let ends =
                |text: &str| text.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
            begins.map(|text| text[..ends(text).unwrap_or(text.len())].to_owned()).collect()
        };
        let ours = |name: &String| name.starts_with("TRAINYARD_TEST_") || name.ends_with('_');
        let rooms = [
            "deploy/trainyard/src",
            "deploy/local/src",
            "gateway/src",
            "workers",
            "events",
            "commands",
            "projections",
        ];
        let read: BTreeSet<String> = sources(&rooms, &["rs"])
            .iter()
            .filter(|(path, _)| !path.iter().any(|part| part == "tests"))
            .flat_map(|(_, text)| variables(text))
            .filter(|name| !ours(name))
            .collect();
        let manual = include_str!("../../../../docs/OPERATIONS.md");
        assert_eq!(variables(manual), read);
    }

    #[test]
    fn what_a_gateway_is_told_is_checked_before_it_begins() {
        let file: Settings = toml::from_str(
            "public_url = \"https://train.example/yard/\"\ntrusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]",
        )
        .unwrap();
        let gateway = file.clone().resolve().unwrap().gateway().unwrap();
        assert_eq!(gateway.public_url.unwrap().to_string(), "https://train.example/yard");
        assert_ne!(gateway.trusted_proxies, Proxies::default());
        let refused = |settings: Settings| format!("{:#}", settings.resolve().unwrap_err());
        let bad = Settings { public_url: Some("train.example".into()), ..file.clone() };
        assert!(refused(bad).contains("public_url: \"train.example\""));
        let bad = Settings { trusted_proxies: Some(vec!["nginx".into()]), ..file };
        assert!(refused(bad).contains("\"nginx\""));
    }

    #[test]
    fn who_listens_beyond_this_machine_is_told_that_there_is_no_tls() {
        let told = |listen: &str, public_url: Option<&str>| {
            let settings = Settings {
                listen: Some(listen.parse().unwrap()),
                public_url: public_url.map(str::to_owned),
                ..Settings::default()
            };
            settings.resolve().unwrap().without_tls(Language::English)
        };
        for open in ["0.0.0.0:7700", "[::]:7700", "192.168.1.7:80"] {
            let said = told(open, None).expect("it is told");
            assert!(said.contains("no TLS") && said.contains(open), "{said}");
            assert!(told(open, Some("http://train.example")).is_some());
            assert_eq!(told(open, Some("https://train.example")), None);
        }
        assert_eq!((told("127.0.0.1:7700", None), told("[::1]:7700", None)), (None, None));
    }

    #[test]
    fn half_of_a_language_model_is_refused() {
        let half = Settings { llm_url: Some("http://host/v1".into()), ..Settings::default() };
        assert!(half.llm(Language::English).unwrap_err().to_string().contains("TRAINYARD_LLM_MODEL"));
    }

    #[test]
    fn no_secret_is_printed() {
        let all = Settings {
            nats_url: Some("nats://user:hunter2@host:4222".into()),
            database_url: Some("postgres://user:hunter2@host/db".into()),
            s3_endpoint: Some("http://user:hunter2@host".into()),
            s3_access_key: Some("key".into()),
            s3_secret_key: Some("hunter2".into()),
            readers_seed: Some("hunter2".into()),
            readers_nats_url: Some("nats://cutter:hunter2@host:4222".into()),
            hooks_key: Some("hunter2".into()),
            smtp_url: Some("smtps://user:hunter2@host".into()),
            smtp_from: Some("trainyard@host".into()),
            mlflow_url: Some("https://user:hunter2@host".into()),
            otlp_endpoint: Some("http://host:4318".into()),
            otlp_headers: Some("authorization=hunter2".into()),
            llm_url: Some("http://user:hunter2@host/v1".into()),
            llm_model: Some("small".into()),
            llm_key: Some("hunter2".into()),
            ..Settings::default()
        };
        let printed = toml::to_string_pretty(&all.resolve().unwrap().without_secrets()).unwrap();
        assert!(!printed.contains("hunter2") && printed.contains("***@host:4222"), "{printed}");
        let (url, token) = (Some("https://host".into()), Some("hunter2".into()));
        let token = Settings { mlflow_url: url, mlflow_token: token, ..Settings::default() };
        let printed = toml::to_string_pretty(&token.resolve().unwrap().without_secrets()).unwrap();
        assert!(!printed.contains("hunter2") && printed.contains("https://host"), "{printed}");
    }
}
