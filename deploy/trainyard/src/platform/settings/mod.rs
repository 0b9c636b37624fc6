//! Settings of every role: defaults, then the TOML file, then `TRAINYARD_*` of the environment, then flags.

mod complete;
mod resolved;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use trainyard_events::fleet::Pool;

pub(crate) use resolved::{External, Resolved, S3, without_password};

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
    /// The gateway's certificate in PEM, its chain behind it, so that it speaks TLS itself; `own` makes one, signed by an authority
    /// of the platform's own [default: no TLS].
    #[arg(long, global = true, env = "TRAINYARD_TLS_CERTIFICATE", help_heading = "Platform")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key in PEM.
    #[arg(long, global = true, env = "TRAINYARD_TLS_KEY", help_heading = "Platform")]
    pub tls_key: Option<PathBuf>,
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
    /// Who vouches for people that log in with a company's account: an OpenID Connect issuer, such as
    /// https://login.example/realms/acme [default: tokens alone open the platform].
    #[arg(long, global = true, env = "TRAINYARD_OIDC_ISSUER", help_heading = "Platform")]
    pub oidc_issuer: Option<String>,
    /// As whom the platform is known there; goes with the issuer.
    #[arg(long, global = true, env = "TRAINYARD_OIDC_CLIENT_ID", help_heading = "Platform")]
    pub oidc_client_id: Option<String>,
    /// Its secret there [default: none, a public client].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_OIDC_CLIENT_SECRET",
        hide_env_values = true,
        help_heading = "Platform"
    )]
    pub oidc_client_secret: Option<String>,
    /// The file that holds it.
    #[arg(long, global = true, env = "TRAINYARD_OIDC_CLIENT_SECRET_FILE", help_heading = "Platform")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What is asked for beside openid, with commas between [default: email,profile].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_OIDC_SCOPES",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub oidc_scopes: Option<Vec<String>>,
    /// The claim of an ID token that lists somebody's groups [default: groups].
    #[arg(long, global = true, env = "TRAINYARD_OIDC_GROUPS_CLAIM", help_heading = "Platform")]
    pub oidc_groups_claim: Option<String>,
    /// Who may come in as what: GROUP=ROLE or GROUP=TENANT:ROLE, with commas between; the first group of a person says in which
    /// tenant.
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_OIDC_GROUPS",
        value_delimiter = ',',
        help_heading = "Platform"
    )]
    pub oidc_groups: Option<Vec<String>>,
    /// Hours after which somebody who has logged in does so again [default: 12].
    #[arg(long, global = true, env = "TRAINYARD_SESSION_HOURS", help_heading = "Platform")]
    pub session_hours: Option<u32>,
    /// The tenant whose admins make and close tenants, drain workers and pause the queue [default: local].
    #[arg(long, global = true, env = "TRAINYARD_OPERATOR_TENANT", help_heading = "Platform")]
    pub operator_tenant: Option<String>,
    /// Whether running jobs give way to one of a higher class that finds no room [default: false].
    #[arg(
        long,
        global = true,
        env = "TRAINYARD_PREEMPT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Platform"
    )]
    pub preempt: Option<bool>,
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
    /// For how long the feed keeps events for programs of others, such as 30d or 12h, or never to forget any [default: 90d].
    #[arg(long, global = true, env = "TRAINYARD_FEED_KEEPS", help_heading = "Platform")]
    pub feed_keeps: Option<String>,
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
    /// The GPUs that a worker of pool gpu gives to jobs: `all`, `none`, their numbers (`0,2`), or what there is (`2xH100:80`, each
    /// with its GB) [default: all that the driver tells of, less what CUDA_VISIBLE_DEVICES leaves out].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_GPUS", help_heading = "Platform")]
    pub worker_gpus: Option<String>,
    /// Labels of the worker that jobs may ask for, such as zone=a,rack=3 [default: none].
    #[arg(long, global = true, env = "TRAINYARD_WORKER_LABELS", help_heading = "Platform")]
    pub worker_labels: Option<String>,
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

fn parse_pool(word: &str) -> Result<Pool, String> {
    match word {
        "cpu" => Ok(Pool::Cpu),
        "gpu" => Ok(Pool::Gpu),
        _ => Err("cpu or gpu".to_owned()),
    }
}

impl Settings {
    /// What is said here wins.
    fn or(self, file: Settings) -> Settings {
        Settings {
            config: self.config,
            data: self.data.or(file.data),
            tools: self.tools.or(file.tools),
            listen: self.listen.or(file.listen),
            tls_certificate: self.tls_certificate.or(file.tls_certificate),
            tls_key: self.tls_key.or(file.tls_key),
            public_url: self.public_url.or(file.public_url),
            trusted_proxies: self.trusted_proxies.or(file.trusted_proxies),
            oidc_issuer: self.oidc_issuer.or(file.oidc_issuer),
            oidc_client_id: self.oidc_client_id.or(file.oidc_client_id),
            oidc_client_secret: self.oidc_client_secret.or(file.oidc_client_secret),
            oidc_client_secret_file: self.oidc_client_secret_file.or(file.oidc_client_secret_file),
            oidc_scopes: self.oidc_scopes.or(file.oidc_scopes),
            oidc_groups_claim: self.oidc_groups_claim.or(file.oidc_groups_claim),
            oidc_groups: self.oidc_groups.or(file.oidc_groups),
            session_hours: self.session_hours.or(file.session_hours),
            operator_tenant: self.operator_tenant.or(file.operator_tenant),
            preempt: self.preempt.or(file.preempt),
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
            feed_keeps: self.feed_keeps.or(file.feed_keeps),
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
            worker_gpus: self.worker_gpus.or(file.worker_gpus),
            worker_labels: self.worker_labels.or(file.worker_labels),
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
}
