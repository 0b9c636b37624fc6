//! Where traces go, as an operator says it: by the names that OpenTelemetry has for it.

use anyhow::{Context, Result};
use serde::Serialize;
use trainyard_traces::Collector;

use crate::language::{language, pick};
use crate::platform::settings::{Resolved, Settings, without_password};

/// As it was said.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TracesSettings {
    endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<String>,
}

impl Settings {
    /// Headers alone lead nowhere: they are for whatever else is traced here.
    pub(super) fn traces(&self) -> Option<TracesSettings> {
        let endpoint = self.otlp_endpoint.clone().filter(|endpoint| !endpoint.is_empty())?;
        Some(TracesSettings { endpoint, headers: self.otlp_headers.clone() })
    }
}

impl TracesSettings {
    /// Fit for a screen.
    pub(super) fn hide(&mut self) {
        self.endpoint = without_password(&self.endpoint);
        self.headers = self.headers.take().map(|_| "***".to_owned());
    }
}

impl Resolved {
    /// The collector, where one was named.
    pub(crate) fn collector(&self) -> Result<Option<Collector>> {
        let Some(TracesSettings { endpoint, headers }) = &self.traces else { return Ok(None) };
        let collector = Collector::new(endpoint, headers.as_deref().unwrap_or_default());
        Ok(Some(collector.context(pick(
            language(),
            "OTEL_EXPORTER_OTLP_ENDPOINT에는 http://collector:4318 같은 주소를, OTEL_EXPORTER_OTLP_HEADERS에는 \
             이름=값을 쉼표로 이어 설정하세요",
            "set OTEL_EXPORTER_OTLP_ENDPOINT to an address such as http://collector:4318, and \
             OTEL_EXPORTER_OTLP_HEADERS to NAME=VALUE with commas between",
        ))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str, headers: Option<&str>) -> Resolved {
        let (endpoint, headers) = (Some(endpoint.to_owned()), headers.map(str::to_owned));
        Settings { otlp_endpoint: endpoint, otlp_headers: headers, ..Settings::default() }
            .resolve()
            .expect("settings of every role")
    }

    #[test]
    fn only_who_makes_traces_is_refused_what_is_no_collector() {
        assert!(settings("", Some("a=b")).collector().expect("nothing is said").is_none());
        assert!(settings("https://collector.example", None).collector().expect("a collector").is_some());
        for bad in [settings("collector:4317", None), settings("http://collector:4318", Some("hunter2"))] {
            let refused = format!("{:#}", bad.collector().expect_err("it is none"));
            assert!(
                refused.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && !refused.contains("hunter2"),
                "{refused}"
            );
        }
    }
}
