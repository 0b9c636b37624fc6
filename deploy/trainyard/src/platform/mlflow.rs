//! The MLflow server that jobs and models are mirrored to, as an operator says it.

use anyhow::{Context, Result, bail};
use serde::Serialize;
use trainyard_events::chat::Language;
use trainyard_mlflow::MlflowConfig;

use crate::language::pick;
use crate::platform::settings::{Resolved, Settings, without_password};

const EXPERIMENT: &str = "trainyard/{tenant}";

/// As it was said.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MlflowSettings {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    experiment: String,
}

impl Settings {
    pub(super) fn mlflow(&self, language: Language) -> Result<Option<MlflowSettings>> {
        let Some(url) = self.mlflow_url.clone() else {
            if self.mlflow_token.is_some() || self.mlflow_experiment.is_some() {
                bail!(pick(
                    language,
                    "TRAINYARD_MLFLOW_TOKEN과 TRAINYARD_MLFLOW_EXPERIMENT는 TRAINYARD_MLFLOW_URL과 함께 씁니다. 작업을 MLflow에도 \
                     남기려면 주소를 설정하고, 아니면 모두 빼세요",
                    "TRAINYARD_MLFLOW_TOKEN and TRAINYARD_MLFLOW_EXPERIMENT go with TRAINYARD_MLFLOW_URL: set the address to \
                     have jobs mirrored to MLflow, or none of them",
                ));
            }
            return Ok(None);
        };
        let experiment = self.mlflow_experiment.clone().unwrap_or_else(|| EXPERIMENT.to_owned());
        Ok(Some(MlflowSettings { url, token: self.mlflow_token.clone(), experiment }))
    }
}

impl MlflowSettings {
    /// Fit for a screen.
    pub(super) fn hidden(self) -> MlflowSettings {
        let token = self.token.map(|_| "***".to_owned());
        MlflowSettings { url: without_password(&self.url), token, ..self }
    }
}

impl Resolved {
    /// What mirroring needs to know, where there is a server; `bucket` is the one that artifacts are in.
    pub(crate) fn mlflow(&self, bucket: &str) -> Result<Option<MlflowConfig>> {
        let Some(MlflowSettings { url, token, experiment }) = &self.mlflow else { return Ok(None) };
        MlflowConfig::new(url, token.as_deref(), experiment, bucket).map(Some).context("mlflow_url")
    }
}
