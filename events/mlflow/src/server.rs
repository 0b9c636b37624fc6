//! What we ask of MLflow, in its words: experiments, runs, registered models, their versions and aliases.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trainyard_events::TenantId;
use uuid::Uuid;

use crate::api::{Api, Trouble};
use crate::config::MlflowConfig;
use crate::run::{Run, Status};

/// The tag that says which job a run is.
const JOB: &str = "trainyard.job";
/// The tags that say whose an experiment is, and which version a version is.
pub(crate) const TENANT: &str = "trainyard.tenant";
const VERSION: &str = "trainyard.version";
const PAGE: usize = 1_000;

pub(crate) type Texts = BTreeMap<String, String>;

pub(crate) struct Experiment {
    pub(crate) name: String,
    pub(crate) tags: Texts,
}

/// A version as MLflow has it: the number is MLflow's own.
pub(crate) struct TheirVersion {
    pub(crate) number: u64,
    pub(crate) tags: Texts,
}

/// What a version is made of.
pub(crate) struct NewVersion<'v> {
    pub(crate) model: &'v str,
    pub(crate) source: &'v str,
    pub(crate) run: Option<&'v str>,
    pub(crate) tags: &'v Texts,
}

pub(crate) struct Server {
    api: Api,
}

impl Server {
    pub(crate) fn new(config: &MlflowConfig) -> Server {
        Server { api: Api::new(config) }
    }

    /// Whether it does anything at all.
    pub(crate) async fn answers(&self) -> bool {
        self.api.post("experiments/search", &json!({ "max_results": 1 })).await.is_ok()
    }

    pub(crate) async fn experiments(&self) -> Result<Vec<Experiment>, Trouble> {
        let found = self.pages("experiments/search", json!({}), "experiments").await?;
        let read = |it: &Value| Experiment { name: text(&it["name"]), tags: texts(&it["tags"]) };
        Ok(found.iter().map(read).collect())
    }

    /// The id of the experiment called so, which is made where it is not.
    pub(crate) async fn experiment(&self, name: &str, tenant: &TenantId) -> Result<String, Trouble> {
        let asked = [("experiment_name", name)];
        let ask = || self.api.get("experiments/get-by-name", &asked);
        let found = match ask().await {
            Err(trouble) if trouble.is_missing() => {
                let tags = listed([(TENANT, tenant.as_str())]);
                match self.api.post("experiments/create", &json!({ "name": name, "tags": tags })).await {
                    Ok(made) => return Ok(text(&made["experiment_id"])),
                    Err(trouble) if trouble.is_there() => ask().await?,
                    Err(trouble) => return Err(trouble),
                }
            }
            found => found?,
        };
        let experiment = &found["experiment"];
        if experiment["lifecycle_stage"] == "deleted" {
            let message = format!("the experiment {name} was deleted in MLflow: restore it there");
            return Err(Trouble::Refused { code: "DELETED".to_owned(), message });
        }
        Ok(text(&experiment["experiment_id"]))
    }

    pub(crate) async fn tag_experiment(&self, id: &str, key: &str, value: &str) -> Result<(), Trouble> {
        let body = json!({ "experiment_id": id, "key": key, "value": value });
        self.api.post("experiments/set-experiment-tag", &body).await.map(drop)
    }

    /// The ids of the runs of a job, in an order that everybody sees. There is one, unless an answer was lost.
    pub(crate) async fn runs_of(&self, experiment: &str, job: Uuid) -> Result<Vec<String>, Trouble> {
        let filter = format!("tags.`{JOB}` = '{job}'");
        let body =
            json!({ "experiment_ids": [experiment], "filter": filter, "run_view_type": "ACTIVE_ONLY" });
        let found = self.pages("runs/search", body, "runs").await?;
        let mut ids: Vec<String> = found.iter().map(|run| text(&run["info"]["run_id"])).collect();
        ids.sort();
        Ok(ids)
    }

    pub(crate) async fn create_run(
        &self,
        experiment: &str,
        job: Uuid,
        started: i64,
        run: &Run,
    ) -> Result<String, Trouble> {
        let tags = listed([(JOB, job.to_string().as_str())]);
        let body = json!({
            "experiment_id": experiment, "run_name": run.name, "start_time": started, "tags": tags,
        });
        let made = self.api.post("runs/create", &body).await?;
        Ok(text(&made["run"]["info"]["run_id"]))
    }

    /// `batch` is one of [`crate::batch::batches`].
    pub(crate) async fn log(&self, batch: &Value) -> Result<(), Trouble> {
        self.api.post("runs/log-batch", batch).await.map(drop)
    }

    pub(crate) async fn set_status(
        &self,
        run: &str,
        status: Status,
        ended: Option<i64>,
    ) -> Result<(), Trouble> {
        let mut body = json!({ "run_id": run, "status": status.name() });
        if let Some(ended) = ended {
            body["end_time"] = ended.into();
        }
        self.api.post("runs/update", &body).await.map(drop)
    }

    pub(crate) async fn delete_run(&self, run: &str) -> Result<(), Trouble> {
        self.api.post("runs/delete", &json!({ "run_id": run })).await.map(drop)
    }

    /// The aliases of the model called so, by what each names; it is made where it is not.
    pub(crate) async fn model(&self, name: &str, tags: &Texts) -> Result<BTreeMap<String, u64>, Trouble> {
        let asked = [("name", name)];
        let ask = || self.api.get("registered-models/get", &asked);
        let found = match ask().await {
            Err(trouble) if trouble.is_missing() => {
                let body = json!({ "name": name, "tags": listed(tags) });
                match self.api.post("registered-models/create", &body).await {
                    Ok(_) => return Ok(BTreeMap::new()),
                    Err(trouble) if trouble.is_there() => ask().await?,
                    Err(trouble) => return Err(trouble),
                }
            }
            found => found?,
        };
        let aliases = found["registered_model"]["aliases"].as_array().into_iter().flatten();
        Ok(aliases.map(|it| (text(&it["alias"]), number(&it["version"]))).collect())
    }

    /// Those of our versions that MLflow has, by our number.
    pub(crate) async fn versions(&self, model: &str) -> Result<BTreeMap<u32, TheirVersion>, Trouble> {
        let query = format!("name='{model}'");
        let mut versions = BTreeMap::new();
        let mut page = String::new();
        loop {
            let most = PAGE.to_string();
            let mut asked = vec![("filter", query.as_str()), ("max_results", &most)];
            asked.extend((!page.is_empty()).then_some(("page_token", page.as_str())));
            let found = self.api.get("model-versions/search", &asked).await?;
            for it in found["model_versions"].as_array().into_iter().flatten() {
                let tags = texts(&it["tags"]);
                if let Some(ours) = tags.get(VERSION).and_then(|ours| ours.parse().ok()) {
                    let theirs = TheirVersion { number: number(&it["version"]), tags };
                    versions.insert(ours, theirs);
                }
            }
            page = text(&found["next_page_token"]);
            if page.is_empty() {
                return Ok(versions);
            }
        }
    }

    pub(crate) async fn create_version(&self, version: &NewVersion<'_>) -> Result<u64, Trouble> {
        let NewVersion { model, source, run, tags } = version;
        let mut body = json!({ "name": model, "source": source, "tags": listed(*tags) });
        if let Some(run) = run {
            body["run_id"] = (*run).into();
        }
        let made = self.api.post("model-versions/create", &body).await?;
        Ok(number(&made["model_version"]["version"]))
    }

    pub(crate) async fn tag_version(
        &self,
        model: &str,
        version: u64,
        (key, value): (&str, &str),
    ) -> Result<(), Trouble> {
        let body = json!({ "name": model, "version": version.to_string(), "key": key, "value": value });
        self.api.post("model-versions/set-tag", &body).await.map(drop)
    }

    pub(crate) async fn set_alias(&self, model: &str, alias: &str, version: u64) -> Result<(), Trouble> {
        let body = json!({ "name": model, "alias": alias, "version": version.to_string() });
        self.api.post("registered-models/alias", &body).await.map(drop)
    }

    pub(crate) async fn remove_alias(&self, model: &str, alias: &str) -> Result<(), Trouble> {
        let body = json!({ "name": model, "alias": alias });
        self.api.delete("registered-models/alias", &body).await.map(drop)
    }

    async fn pages(&self, path: &str, mut body: Value, of: &str) -> Result<Vec<Value>, Trouble> {
        body["max_results"] = PAGE.into();
        let mut all = Vec::new();
        loop {
            let mut found = self.api.post(path, &body).await?;
            if let Value::Array(some) = found[of].take() {
                all.extend(some);
            }
            match text(&found["next_page_token"]) {
                page if page.is_empty() => return Ok(all),
                page => body["page_token"] = page.into(),
            }
        }
    }
}

/// As MLflow lists keys and values.
fn listed<K: AsRef<str>, V: AsRef<str>>(texts: impl IntoIterator<Item = (K, V)>) -> Value {
    let entry = |(key, value): (K, V)| json!({ "key": key.as_ref(), "value": value.as_ref() });
    texts.into_iter().map(entry).collect()
}

fn texts(listed: &Value) -> Texts {
    let entries = listed.as_array().into_iter().flatten();
    entries.map(|entry| (text(&entry["key"]), text(&entry["value"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Numbers come as such or as text.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}
