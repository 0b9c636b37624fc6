//! Settings with nothing left open, and what of them may be shown.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use trainyard_bus::Issuer;
use trainyard_commands::schedule::Rules;
use trainyard_events::chat::Language;
use trainyard_events::fleet::Pool;
use trainyard_gateway::{GatewayConfig, Proxies, PublicUrl};
use trainyard_store::{Store, StoreConfig, StoreError};
use trainyard_workers::Giving;

use crate::language::{language, pick};
use crate::platform::archive::ArchiveSettings;
use crate::platform::hooks::HookSettings;
use crate::platform::mlflow::MlflowSettings;
use crate::platform::oidc::OidcSettings;
use crate::platform::readers::ReadersAccess;
use crate::platform::sources::{SourceSettings, hosts_of};
use crate::platform::tls::TlsSettings;
use crate::platform::traces::TracesSettings;

/// In the data folder: what a dispatcher remembers. It can be thrown away at any time.
const DISPATCHER_MEMORY: &str = "dispatcher.world";

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
    pub tls: Option<TlsSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<String>,
    pub image_hosts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    pub nats_replicas: usize,
    pub operator_tenant: String,
    pub preempt: bool,
    /// All three, or none: half a platform of somebody else's is a mistake.
    pub external: Option<External>,
    pub readers: Option<ReadersSettings>,
    pub hooks: HookSettings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcSettings>,
    pub mlflow: Option<MlflowSettings>,
    pub traces: Option<TracesSettings>,
    pub archive: ArchiveSettings,
    /// None: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_keeps: Option<Duration>,
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
    /// As they were said.
    pub gpus: String,
    #[serde(skip)]
    pub giving: Giving,
    pub labels: BTreeMap<String, String>,
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
        config.login = self.login()?;
        config.operators = Some(self.operator_tenant.parse().context("operator_tenant")?);
        Ok(config)
    }

    /// What a dispatcher goes by; what it knows of the log is kept in the data folder.
    pub(crate) fn dispatcher(&self) -> trainyard_dispatcher::Settings {
        let rules = Rules { preempts: self.preempt, ..Rules::default() };
        trainyard_dispatcher::Settings { memory: Some(self.data.join(DISPATCHER_MEMORY)), rules }
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
        let is_open = !self.listen.ip().is_loopback() && !has_proxy && self.tls.is_none();
        let listen = is_open.then_some(self.listen)?;
        Some(pick(
            language,
            format!(
                "{listen}에는 TLS가 없어, 네트워크를 오가는 토큰과 이미지와 모델을 남이 읽을 수 있습니다. --tls-certificate를 \
                 쓰거나, 앞에 TLS 프록시를 두고 TRAINYARD_PUBLIC_URL을 설정하거나(docs/OPERATIONS.md 참고), 127.0.0.1에서 기다리게 \
                 하세요"
            ),
            format!(
                "there is no TLS on {listen}: tokens, images and models cross the network so that others can read them. \
                 Say --tls-certificate, put a proxy with TLS before it and set TRAINYARD_PUBLIC_URL (docs/OPERATIONS.md says \
                 how), or listen on 127.0.0.1"
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
        if let Some(oidc) = &mut shown.oidc {
            oidc.hide();
        }
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
pub(crate) fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => url.to_owned(),
    }
}
