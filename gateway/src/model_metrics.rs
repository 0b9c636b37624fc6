//! Questions to models by their names: how many, how they ended, and how long they took. Whoever reads them needs no token, so
//! a model goes by its id, which its tenant can look up, and no name of anybody's is told.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use trainyard_api::Code;
use uuid::Uuid;

use crate::metrics::Metrics;

/// Versions of models that are told apart; the rest are counted together as `other`.
const TOLD_APART: usize = 200;
/// Upper bounds of the latency buckets, in seconds.
const LATENCY_S: [f64; 9] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    /// Its id, or `other`.
    model: String,
    version: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    model: String,
    version: u32,
    /// `ok`, or the code of the refusal.
    outcome: &'static str,
}

#[derive(Clone)]
pub(crate) struct ModelMetrics {
    answers: Family<AnswerLabels, Counter>,
    latency: Family<ModelLabels, Histogram, fn() -> Histogram>,
    known: Arc<Mutex<HashSet<ModelLabels>>>,
}

impl ModelMetrics {
    pub(crate) fn register(metrics: &Metrics) -> ModelMetrics {
        let histogram: fn() -> Histogram = || Histogram::new(LATENCY_S);
        let (answers, latency) = (Family::default(), Family::new_with_constructor(histogram));
        let own = ModelMetrics { answers, latency, known: Arc::default() };
        let same = own.clone();
        metrics.register(|registry| {
            let help = "Questions to models by name, by how they ended";
            registry.register("model_predictions", help, same.answers);
            let help = "From question to answer of models by name";
            registry.register_with_unit("model_latency", help, Unit::Seconds, same.latency);
        });
        own
    }

    /// Of a version that is there: those beyond the limit are not told apart.
    pub(crate) fn asked(&self, model: Uuid, version: u32) -> Predicted {
        let labels = ModelLabels { model: model.to_string(), version };
        let mut known = self.known.lock().expect("nothing panics while it holds the names");
        let is_told_apart = known.contains(&labels) || known.len() < TOLD_APART;
        let other = || ModelLabels { model: "other".to_owned(), version: 0 };
        let labels = if is_told_apart { labels } else { other() };
        known.insert(labels.clone());
        drop(known);
        Predicted { metrics: self.clone(), labels, since: Instant::now() }
    }
}

/// A question that is being answered.
pub(crate) struct Predicted {
    metrics: ModelMetrics,
    labels: ModelLabels,
    since: Instant,
}

impl Predicted {
    /// `refused` says why it was not.
    pub(crate) fn answered(self, refused: Option<Code>) {
        let ModelLabels { model, version } = self.labels.clone();
        let outcome = refused.map_or("ok", Code::name);
        self.metrics.answers.get_or_create(&AnswerLabels { model, version, outcome }).inc();
        self.metrics.latency.get_or_create(&self.labels).observe(self.since.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use trainyard_api::Code;

    use uuid::Uuid;

    use super::{ModelMetrics, TOLD_APART};
    use crate::metrics::Metrics;

    #[test]
    fn versions_are_told_apart_up_to_a_limit() {
        let metrics = Metrics::default();
        let own = ModelMetrics::register(&metrics);
        let (line3, many) = (Uuid::from_u128(3), Uuid::from_u128(4));
        own.asked(line3, 2).answered(None);
        own.asked(line3, 2).answered(Some(Code::BadImage));
        for version in 1..=TOLD_APART as u32 + 10 {
            own.asked(many, version).answered(None);
        }
        own.asked(line3, 2).answered(None);
        let text = metrics.encode().expect("a string takes any text");
        for line in [
            format!(r#"trainyard_model_predictions_total{{model="{line3}",version="2",outcome="ok"}} 2"#),
            format!(
                r#"trainyard_model_predictions_total{{model="{line3}",version="2",outcome="bad_image"}} 1"#
            ),
            format!(r#"trainyard_model_latency_seconds_count{{model="{line3}",version="2"}} 3"#),
            r#"trainyard_model_predictions_total{model="other",version="0",outcome="ok"} 11"#.to_owned(),
        ] {
            assert!(text.contains(&line), "{line} is missing in\n{text}");
        }
    }
}
