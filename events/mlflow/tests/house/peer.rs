//! A peer that does what a real MLflow does with what it is asked, by the facts that `a_real_server_...` of these tests finds:
//! the same scenario runs against both.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use uuid::Uuid;

use super::http::{Request, request};

type Answer = Result<Value, (u16, &'static str, String)>;

/// A point as its primary key has it: key, timestamp, step and the bits of the value.
type Point = (String, i64, i64, u64);

#[derive(Default)]
struct State {
    experiments: Vec<Experiment>,
    runs: BTreeMap<String, Run>,
    models: BTreeMap<String, Model>,
    /// Jobs of which no measurement is taken.
    poisoned: BTreeSet<String>,
}

#[derive(Default)]
struct Experiment {
    name: String,
    tags: BTreeMap<String, String>,
}

struct Run {
    experiment: String,
    info: Map<String, Value>,
    is_deleted: bool,
    params: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    points: BTreeSet<Point>,
}

#[derive(Default)]
struct Model {
    tags: Value,
    aliases: BTreeMap<String, String>,
    versions: BTreeMap<u64, Version>,
    newest: u64,
}

struct Version {
    made: Value,
    tags: BTreeMap<String, String>,
}

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Peer {
    pub(crate) async fn start() -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let peer = Peer { address, state: Arc::default() };
        let state = peer.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        peer
    }

    /// Takes no measurement of this job any more.
    pub(crate) fn poison(&self, job: Uuid) {
        self.state.lock().expect("nobody panics").poisoned.insert(job.to_string());
    }

    pub(crate) fn heal(&self) {
        self.state.lock().expect("nobody panics").poisoned.clear();
    }

    /// As a person does it in the page of MLflow.
    pub(crate) fn delete_runs_of(&self, job: Uuid) {
        let mut state = self.state.lock().expect("nobody panics");
        let of_job = |run: &&mut Run| run.tags.get("trainyard.job") == Some(&job.to_string());
        state.runs.values_mut().filter(of_job).for_each(|run| run.is_deleted = true);
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(request) = request(&mut stream).await else { return };
    let answer = state.lock().expect("nobody panics").answer(&request);
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err((status, code, message)) => (status, json!({ "error_code": code, "message": message })),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} As Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _gone = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn missing(what: &str) -> (u16, &'static str, String) {
    (404, "RESOURCE_DOES_NOT_EXIST", format!("no {what}"))
}

fn invalid(what: impl Into<String>) -> (u16, &'static str, String) {
    (400, "INVALID_PARAMETER_VALUE", what.into())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(listed: &Value) -> BTreeMap<String, String> {
    let entries = listed.as_array().into_iter().flatten();
    entries.map(|it| (text(&it["key"]), text(&it["value"]))).collect()
}

fn listed(texts: &BTreeMap<String, String>) -> Value {
    texts.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// As MLflow checks keys.
fn check_key(key: &str) -> Result<(), (u16, &'static str, String)> {
    let fits = |char: char| char.is_alphanumeric() || "_-. /:".contains(char);
    let is_path = key.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if key.chars().all(fits) && is_path && key.len() <= 250 {
        Ok(())
    } else {
        Err(invalid(format!("key {key:?}")))
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let url = Url::parse(&format!("http://peer{}", request.path)).expect("a path");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let asked = |name: &str| query.get(name).cloned().unwrap_or_default();
        match (request.method.as_str(), url.path().trim_start_matches("/api/2.0/mlflow/")) {
            ("POST", "experiments/search") => Ok(self.search_experiments()),
            ("GET", "experiments/get-by-name") => self.experiment(&asked("experiment_name")),
            ("POST", "experiments/create") => self.create_experiment(&body),
            ("POST", "experiments/set-experiment-tag") => self.tag_experiment(&body),
            ("POST", "runs/create") => self.create_run(&body),
            ("POST", "runs/search") => Ok(self.search_runs(&body)),
            ("POST", "runs/log-batch") => self.log_batch(&body),
            ("POST", "runs/update") => self.update_run(&body),
            ("POST", "runs/delete") => {
                self.run(&body)?.is_deleted = true;
                Ok(json!({}))
            }
            ("GET", "metrics/get-history") => Ok(self.metrics(&asked("run_id"), &asked("metric_key"))),
            ("GET", "registered-models/search") => Ok(
                json!({ "registered_models": self.models.keys().map(|name| json!({ "name": name })).collect::<Vec<_>>() }),
            ),
            ("GET", "registered-models/get") => self.model_of(&asked("name")),
            ("POST", "registered-models/create") => self.create_model(&body),
            ("GET", "model-versions/search") => Ok(self.search_versions(&asked("filter"))),
            ("POST", "model-versions/create") => self.create_version(&body),
            ("POST", "model-versions/set-tag") => {
                let version = self.version(&body)?;
                version.tags.insert(text(&body["key"]), text(&body["value"]));
                Ok(json!({}))
            }
            ("POST", "registered-models/alias") => {
                self.version(&body)?;
                let version = text(&body["version"]);
                self.model(&body)?.aliases.insert(text(&body["alias"]), version);
                Ok(json!({}))
            }
            ("DELETE", "registered-models/alias") => {
                self.model(&body)?.aliases.remove(&text(&body["alias"]));
                Ok(json!({}))
            }
            (method, path) => Err((404, "ENDPOINT_NOT_FOUND", format!("{method} {path}"))),
        }
    }

    fn search_experiments(&self) -> Value {
        let shown = self.experiments.iter().enumerate().map(|(id, it)| Self::shown(id, it));
        json!({ "experiments": shown.collect::<Vec<_>>() })
    }

    fn shown(id: usize, experiment: &Experiment) -> Value {
        json!({ "experiment_id": id.to_string(), "name": experiment.name, "lifecycle_stage": "active", "tags": listed(&experiment.tags) })
    }

    fn experiment(&self, name: &str) -> Answer {
        let found = self.experiments.iter().position(|it| it.name == name).ok_or_else(|| missing(name))?;
        Ok(json!({ "experiment": Self::shown(found, &self.experiments[found]) }))
    }

    fn create_experiment(&mut self, body: &Value) -> Answer {
        let name = text(&body["name"]);
        if self.experiments.iter().any(|it| it.name == name) {
            return Err((400, "RESOURCE_ALREADY_EXISTS", name));
        }
        self.experiments.push(Experiment { name, tags: texts(&body["tags"]) });
        Ok(json!({ "experiment_id": (self.experiments.len() - 1).to_string() }))
    }

    fn tag_experiment(&mut self, body: &Value) -> Answer {
        let id: usize = text(&body["experiment_id"]).parse().map_err(|_| invalid("id"))?;
        let experiment = self.experiments.get_mut(id).ok_or_else(|| missing("experiment"))?;
        check_key(&text(&body["key"]))?;
        experiment.tags.insert(text(&body["key"]), text(&body["value"]));
        Ok(json!({}))
    }

    fn create_run(&mut self, body: &Value) -> Answer {
        let id = Uuid::new_v4().simple().to_string();
        let mut info = Map::new();
        info.insert("run_id".to_owned(), id.clone().into());
        info.insert("run_name".to_owned(), body["run_name"].clone());
        info.insert("start_time".to_owned(), body["start_time"].clone());
        info.insert("status".to_owned(), "RUNNING".into());
        let mut tags = texts(&body["tags"]);
        tags.insert("mlflow.runName".to_owned(), text(&body["run_name"]));
        let (experiment, answer) = (text(&body["experiment_id"]), json!({ "run": { "info": info } }));
        let (params, points) = (BTreeMap::new(), BTreeSet::new());
        self.runs.insert(id, Run { experiment, info, is_deleted: false, params, tags, points });
        Ok(answer)
    }

    fn search_runs(&self, body: &Value) -> Value {
        let filter = text(&body["filter"]);
        let wanted = filter.split('\'').nth(1).map(str::to_owned);
        let is_wanted = |run: &&Run| wanted.is_none() || run.tags.get("trainyard.job") == wanted.as_ref();
        let of = |run: &&Run| {
            body["experiment_ids"].as_array().is_some_and(|ids| ids.contains(&run.experiment.clone().into()))
        };
        let found = self.runs.values().filter(|run| !run.is_deleted).filter(of).filter(is_wanted);
        let keys = |run: &Run| -> Value {
            let keys: BTreeSet<&String> = run.points.iter().map(|(key, ..)| key).collect();
            keys.into_iter().map(|key| json!({ "key": key })).collect()
        };
        let shown = found.map(|run| {
            json!({ "info": run.info, "data": { "params": listed(&run.params), "tags": listed(&run.tags), "metrics": keys(run) } })
        });
        json!({ "runs": shown.collect::<Vec<_>>() })
    }

    fn run(&mut self, body: &Value) -> Result<&mut Run, (u16, &'static str, String)> {
        let run = self.runs.get_mut(&text(&body["run_id"])).ok_or_else(|| missing("run"))?;
        if run.is_deleted { Err(invalid("The run must be in the 'active' state")) } else { Ok(run) }
    }

    fn log_batch(&mut self, body: &Value) -> Answer {
        let list = |what: &str| body[what].as_array().cloned().unwrap_or_default();
        let (params, tags, metrics) = (texts(&body["params"]), texts(&body["tags"]), list("metrics"));
        let all = params.len() + tags.len() + metrics.len();
        if params.len() > 100
            || tags.len() > 100
            || metrics.len() > 1_000
            || all > 1_000
            || body.to_string().len() > 1_000_000
        {
            return Err(invalid("too much for one batch"));
        }
        params.keys().chain(tags.keys()).try_for_each(|key| check_key(key))?;
        metrics.iter().try_for_each(|metric| check_key(&text(&metric["key"])))?;
        let poisoned = self.poisoned.clone();
        let run = self.run(body)?;
        if run.tags.get("trainyard.job").is_some_and(|job| poisoned.contains(job)) {
            return Err(invalid("poisoned"));
        }
        for (key, value) in params {
            if run.params.get(&key).is_some_and(|before| *before != value) {
                return Err(invalid(format!("Changing param values is not allowed: {key}")));
            }
            run.params.insert(key, value);
        }
        run.tags.extend(tags);
        for metric in metrics {
            let number = |name: &str| metric[name].as_i64().expect("a whole number");
            let value = metric["value"].as_f64().expect("a number").to_bits();
            run.points.insert((text(&metric["key"]), number("timestamp"), number("step"), value));
        }
        Ok(json!({}))
    }

    fn update_run(&mut self, body: &Value) -> Answer {
        let run = self.run(body)?;
        for field in ["status", "end_time"] {
            if !body[field].is_null() {
                run.info.insert(field.to_owned(), body[field].clone());
            }
        }
        Ok(json!({}))
    }

    fn metrics(&self, run: &str, key: &str) -> Value {
        let points = self.runs.get(run).into_iter().flat_map(|run| &run.points).filter(|(of, ..)| of == key);
        let shown = points.map(|(key, timestamp, step, value)| {
            json!({ "key": key, "timestamp": timestamp, "step": step, "value": f64::from_bits(*value) })
        });
        json!({ "metrics": shown.collect::<Vec<_>>() })
    }

    fn create_model(&mut self, body: &Value) -> Answer {
        let name = text(&body["name"]);
        if self.models.contains_key(&name) {
            return Err((400, "RESOURCE_ALREADY_EXISTS", name));
        }
        self.models.insert(name, Model { tags: body["tags"].clone(), ..Model::default() });
        Ok(json!({}))
    }

    fn model_of(&self, name: &str) -> Answer {
        let model = self.models.get(name).ok_or_else(|| missing(name))?;
        let aliases =
            model.aliases.iter().map(|(alias, version)| json!({ "alias": alias, "version": version }));
        Ok(
            json!({ "registered_model": { "name": name, "tags": model.tags, "aliases": aliases.collect::<Vec<_>>() } }),
        )
    }

    fn model(&mut self, body: &Value) -> Result<&mut Model, (u16, &'static str, String)> {
        self.models.get_mut(&text(&body["name"])).ok_or_else(|| missing("model"))
    }

    fn version(&mut self, body: &Value) -> Result<&mut Version, (u16, &'static str, String)> {
        let number: u64 = text(&body["version"]).parse().map_err(|_| invalid("version"))?;
        self.model(body)?.versions.get_mut(&number).ok_or_else(|| missing("version"))
    }

    fn create_version(&mut self, body: &Value) -> Answer {
        let model = self.model(body)?;
        model.newest += 1;
        let number = model.newest;
        model.versions.insert(number, Version { made: body.clone(), tags: texts(&body["tags"]) });
        Ok(json!({ "model_version": { "version": number.to_string() } }))
    }

    fn search_versions(&self, filter: &str) -> Value {
        let name = filter.split('\'').nth(1).unwrap_or_default();
        let versions = self.models.get(name).into_iter().flat_map(|model| &model.versions);
        let shown = versions.map(|(number, Version { made, tags })| {
            json!({ "version": number.to_string(), "source": made["source"], "run_id": made["run_id"], "tags": listed(tags) })
        });
        json!({ "model_versions": shown.collect::<Vec<_>>() })
    }
}
