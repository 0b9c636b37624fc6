//! `trainyard models`.

use anyhow::Result;
use trainyard_api::models::{Model, ModelList, ModelsQuery};
use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;

pub(crate) async fn run(client: &Client, task: Option<Task>, json: bool) -> Result<()> {
    let answer = client.find::<ModelList>("/v1/models", &ModelsQuery { task, q: None }).await?;
    if json {
        return print_json(&answer.json);
    }
    let header = pick(
        client.language,
        ["모델", "작업 종류", "파라미터", "이미지", "라이선스", "학습 가능"],
        ["model", "task", "parameters", "image", "licence", "trains here"],
    );
    let rows: Vec<Vec<String>> = answer.models.iter().map(|model| row(model, client.language)).collect();
    table::print(&header, &rows);
    Ok(())
}

fn row(model: &Model, language: Language) -> Vec<String> {
    let trains_here =
        if model.native { pick(language, "예", "yes") } else { pick(language, "아직", "not yet") };
    let millions = |count: u64| format!("{:.1} M", count as f64 / 1e6);
    vec![
        model.id.clone(),
        trainyard_words::said(&model.task, language),
        model.parameters.filter(|count| *count > 0).map_or_else(String::new, millions),
        model.image_size.to_string(),
        model.licence.clone(),
        trains_here.to_owned(),
    ]
}
