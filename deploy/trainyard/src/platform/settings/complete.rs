//! Fills in what was left out of the settings, and refuses what does not go together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use trainyard_events::chat::Language;
use trainyard_events::fleet::Pool;
use trainyard_workers::{Giving, Unclear, labels};

use super::Settings;
use super::resolved::{External, LanguageModel, ReadersSettings, Resolved, S3, Worker};
use crate::language::{language, pick};
use crate::platform::bootstrap::LOCAL_TENANT;

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
        let oidc = said.oidc(language)?;
        let mlflow = said.mlflow(language)?;
        let traces = said.traces();
        let archive = said.archive(language)?;
        let tls = said.tls(language)?;
        let feed_keeps = said.feed_keeps(language)?;
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
        let (gpus, giving) = said.giving(language)?;
        let labels = said.labels(language)?;
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
            tls,
            public_url: said.public_url,
            trusted_proxies: said.trusted_proxies.unwrap_or_default(),
            image_hosts: said.image_hosts.unwrap_or_default(),
            metrics_listen: said.metrics_listen,
            nats_replicas: replicas,
            external,
            readers,
            hooks,
            oidc,
            operator_tenant: said.operator_tenant.unwrap_or_else(|| LOCAL_TENANT.to_owned()),
            preempt: said.preempt.unwrap_or(false),
            mlflow,
            traces,
            archive,
            feed_keeps,
            llm,
            worker: Worker {
                name: said.worker_name,
                pool: said.worker_pool.unwrap_or(Pool::Cpu),
                slots,
                gpus,
                giving,
                labels,
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

    /// As they are said and what that means. Whoever starts the worker may have left some to it.
    fn giving(&self, language: Language) -> Result<(String, Giving)> {
        let left = || std::env::var_os("CUDA_VISIBLE_DEVICES")?.into_string().ok();
        let (name, said) = match (&self.worker_gpus, self.worker_pool) {
            (Some(said), _) => ("worker_gpus", said.clone()),
            (None, Some(Pool::Gpu)) => {
                let left = left().filter(|numbers| !numbers.is_empty());
                ("CUDA_VISIBLE_DEVICES", left.unwrap_or_else(|| "all".to_owned()))
            }
            (None, _) => ("worker_gpus", "all".to_owned()),
        };
        said.parse::<Giving>().map(|giving| (said.clone(), giving)).map_err(|Unclear(part)| {
            anyhow!(pick(
                language,
                format!(
                    "{name}: {part:?}를 알 수 없습니다. all, none, 번호(0,2) 또는 가진 것(2xH100:80)을 --worker-gpus로 알려 주세요"
                ),
                format!(
                    "{name}: {part:?} is not clear: say all, none, numbers (0,2) or what there is (2xH100:80) by --worker-gpus"
                ),
            ))
        })
    }

    fn labels(&self, language: Language) -> Result<BTreeMap<String, String>> {
        labels(self.worker_labels.as_deref().unwrap_or_default()).map_err(|Unclear(part)| {
            anyhow!(pick(
                language,
                format!("worker_labels: {part:?}는 라벨이 아닙니다. zone=a,rack=3처럼 쓰세요"),
                format!("worker_labels: {part:?} is no label: write them as zone=a,rack=3"),
            ))
        })
    }

    pub(super) fn llm(&self, language: Language) -> Result<Option<LanguageModel>> {
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

    pub(super) fn external(&self, language: Language) -> Result<Option<External>> {
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

/// `tools` beside `bin`, where this program lies as a release has it. The trainer looks for libtorch there, too.
fn tools_of_a_release() -> Option<PathBuf> {
    let us = std::env::current_exe().ok()?;
    let home = us.parent()?.parent()?;
    home.join("share/trainyard").is_dir().then(|| home.join("tools"))
}

fn read_file(path: &Path, language: Language) -> Result<Settings> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| {
        pick(language, format!("{name}: 읽을 수 없습니다"), format!("{name} cannot be read"))
    })?;
    toml::from_str(&text).with_context(|| {
        pick(language, format!("{name}: 설정 파일이 아닙니다"), format!("{name} is not a settings file"))
    })
}
