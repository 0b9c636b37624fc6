//! The model that is asked: of a job, or of a name, as that stands now.

use anyhow::{Context, Result};
use trainyard_api::jobs::JobAnswer;
use trainyard_events::config::Task;

use crate::cli::client::Client;
use crate::cli::registry;
use crate::language::pick;

pub(super) struct Model {
    /// For people, and for whoever keeps predictions apart: `line3@2`, `job 7`.
    pub(super) name: String,
    /// By what it is asked; an alias that moves meanwhile is another model's.
    pub(super) at: String,
    pub(super) task: Task,
    /// In the order of its outputs.
    pub(super) classes: Vec<String>,
}

impl Model {
    pub(super) async fn of(client: &Client, written: &str) -> Result<Model> {
        if written.contains('@') {
            let (name, number) = registry::version(client, written).await?;
            let answer = registry::of_name(client, &name).await?;
            let version = answer.model.version(number).with_context(|| {
                pick(
                    client.language,
                    format!(
                        "{name} 모델에는 버전 {number}이 없습니다. `trainyard registry show {name}`에서 확인하세요"
                    ),
                    format!("{name} has no version {number}; `trainyard registry show {name}` lists them"),
                )
            })?;
            let name = format!("{name}@{number}");
            let (task, classes) = (version.card.task, version.card.classes.clone());
            return Ok(Model { at: name.clone(), name, task, classes });
        }
        let job = client.get::<JobAnswer>(&format!("/v1/jobs/{written}")).await?.job.clone();
        let (name, at) = (format!("job {}", job.number), job.id.to_string());
        Ok(Model { name, at, task: job.config.task, classes: job.classes })
    }
}
