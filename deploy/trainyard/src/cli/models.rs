//! `trainyard models`.

use anyhow::Result;
use trainyard_api::models::{Model, ModelList, ModelsQuery};
use trainyard_events::chat::Language;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out;

pub(crate) async fn run(client: &Client, query: &ModelsQuery, json: bool) -> Result<()> {
    let answer = client.find::<ModelList>("/v1/models", query).await?;
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
    for runner in answer.runners.iter().filter(|_| query.runner.is_none()) {
        let (name, version, count) = (&runner.runner, &runner.version, runner.models);
        out::lines(&pick(
            client.language,
            format!(
                "{name} {version}({}): 모델 {count}개. `trainyard models --runner {name}`",
                runner.licence
            ),
            format!(
                "{name} {version} ({}): {count} models, `trainyard models --runner {name}`",
                runner.licence
            ),
        ));
    }
    Ok(())
}

fn row(model: &Model, language: Language) -> Vec<String> {
    let trains_here = match (model.trainable, model.native) {
        (true, true) => pick(language, "예", "yes").to_owned(),
        (true, false) => pick(language, format!("예({})", model.runner), format!("yes ({})", model.runner)),
        (false, _) => pick(language, "아직", "not yet").to_owned(),
    };
    let millions = |count: u64| format!("{:.1} M", count as f64 / 1e6);
    vec![
        model.id.clone(),
        trainyard_words::said(&model.task, language),
        model.parameters.filter(|count| *count > 0).map_or_else(String::new, millions),
        model.image_size.to_string(),
        model.licence.clone(),
        trains_here,
    ]
}
