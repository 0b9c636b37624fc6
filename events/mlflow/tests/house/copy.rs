//! Everything that a server shows of what was mirrored, in a form in which two servers can be compared.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use serde_json::{Value, json};
use trainyard_fetch::{Http, Trusted};
use url::Url;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Copy {
    /// By experiment and job.
    pub(crate) runs: BTreeMap<(String, String), Run>,
    /// By name.
    pub(crate) models: BTreeMap<String, Model>,
    /// Jobs that stand there more than once.
    pub(crate) twice: Vec<String>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) times: [i64; 2],
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Step, timestamp and value of each.
    pub(crate) metrics: BTreeMap<String, Vec<(i64, i64, String)>>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) aliases: BTreeMap<String, String>,
    /// By number: the source, the run's job, and tags.
    pub(crate) versions: BTreeMap<String, (String, String, BTreeMap<String, String>)>,
}

impl Copy {
    pub(crate) async fn of(server: SocketAddr) -> Copy {
        let mut copy = Copy::default();
        let experiments = post(server, "experiments/search", json!({ "max_results": 1000 })).await;
        let mut jobs = BTreeMap::new();
        for experiment in experiments["experiments"].as_array().into_iter().flatten() {
            let asked = json!({ "experiment_ids": [experiment["experiment_id"]], "max_results": 1000 });
            let found = post(server, "runs/search", asked).await;
            for found in found["runs"].as_array().into_iter().flatten() {
                let run = Run::of(server, found).await;
                let job = run.tags["trainyard.job"].clone();
                jobs.insert(text(&found["info"]["run_id"]), job.clone());
                if copy.runs.insert((text(&experiment["name"]), job.clone()), run).is_some() {
                    copy.twice.push(job);
                }
            }
        }
        let models = get(server, "registered-models/search", &[("max_results", "100")]).await;
        for model in models["registered_models"].as_array().into_iter().flatten() {
            let name = text(&model["name"]);
            copy.models.insert(name.clone(), Model::of(server, &name, &jobs).await);
        }
        copy
    }

    pub(crate) fn versions(&self) -> usize {
        self.models.values().map(|model| model.versions.len()).sum()
    }

    pub(crate) fn points(&self) -> usize {
        self.runs.values().flat_map(|run| run.metrics.values()).map(Vec::len).sum()
    }
}

impl Run {
    async fn of(server: SocketAddr, found: &Value) -> Run {
        let (info, data) = (&found["info"], &found["data"]);
        let id = text(&info["run_id"]);
        let mut metrics = BTreeMap::new();
        for metric in data["metrics"].as_array().into_iter().flatten() {
            let key = text(&metric["key"]);
            let history = get(server, "metrics/get-history", &[("run_id", &id), ("metric_key", &key)]).await;
            let point = |it: &Value| (number(&it["step"]), number(&it["timestamp"]), it["value"].to_string());
            let mut points: Vec<_> = history["metrics"].as_array().into_iter().flatten().map(point).collect();
            points.sort();
            metrics.insert(key, points);
        }
        Run {
            name: text(&info["run_name"]),
            status: text(&info["status"]),
            times: [number(&info["start_time"]), number(&info["end_time"])],
            params: texts(&data["params"]),
            tags: texts(&data["tags"]),
            metrics,
        }
    }
}

impl Model {
    async fn of(server: SocketAddr, name: &str, jobs: &BTreeMap<String, String>) -> Model {
        let found = get(server, "registered-models/get", &[("name", name)]).await;
        let model = &found["registered_model"];
        let aliases = model["aliases"].as_array().into_iter().flatten();
        let filter = format!("name='{name}'");
        let versions =
            get(server, "model-versions/search", &[("filter", &filter), ("max_results", "1000")]).await;
        let version = |it: &Value| {
            let job = jobs.get(&text(&it["run_id"])).cloned().unwrap_or_default();
            (text(&it["version"]), (text(&it["source"]), job, texts(&it["tags"])))
        };
        Model {
            tags: texts(&model["tags"]),
            aliases: aliases.map(|it| (text(&it["alias"]), text(&it["version"]))).collect(),
            versions: versions["model_versions"].as_array().into_iter().flatten().map(version).collect(),
        }
    }
}

pub(crate) async fn get(server: SocketAddr, path: &str, query: &[(&str, &str)]) -> Value {
    let mut url = Url::parse(&format!("http://{server}/api/2.0/mlflow/{path}")).expect("an address");
    url.query_pairs_mut().extend_pairs(query);
    ask(Method::GET, &url, Bytes::new()).await
}

pub(crate) async fn post(server: SocketAddr, path: &str, body: Value) -> Value {
    let url = Url::parse(&format!("http://{server}/api/2.0/mlflow/{path}")).expect("an address");
    ask(Method::POST, &url, body.to_string().into()).await
}

async fn ask(method: Method, url: &Url, body: Bytes) -> Value {
    let http = Http::new(Trusted(vec!["127.0.0.1".to_owned()]));
    let request = Request::builder().method(method).header("content-type", "application/json");
    let request = request.body(Full::new(body)).expect("a request");
    let answer = http.ask(url, request).await.expect("an answer");
    let bytes = answer.into_body().collect().await.expect("all of it").to_bytes();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{url}: {}", String::from_utf8_lossy(&bytes)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(String::new, str::to_owned)
}

fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn texts(listed: &Value) -> BTreeMap<String, String> {
    let entries = listed.as_array().into_iter().flatten();
    entries.map(|it| (text(&it["key"]), text(&it["value"]))).collect()
}
