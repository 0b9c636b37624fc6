//! `/v1/models`: the catalog.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::error::What;
use trainyard_api::models::{Model, ModelAnswer, ModelList, ModelsQuery, RunnerHere};
use trainyard_api::place::OfModel;
use trainyard_assistant::catalog::{self, Runners};
use trainyard_events::card::Description;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    vec![
        Route::new(Method::GET, "/v1/models", viewer, "Search the model catalog", list)
            .query::<ModelsQuery>()
            .answers::<ModelList>(),
        Route::new(Method::GET, "/v1/models/{id}", viewer, "One model of the catalog", one)
            .at::<OfModel>()
            .answers::<ModelAnswer>(),
    ]
}

async fn list(State(gateway): State<Gateway>, Params(query): Params<ModelsQuery>) -> Json<ModelList> {
    let runners = gateway.runners().await;
    let mut found = found(&query, &runners);
    found.sort_by_key(|model| catalog::trainable_now(model, &runners).is_err());
    // Without the other ways to write each, which are most of its bytes. `?q=` finds it by them.
    let listed = |model| Model { aliases: None, ..shown(model, &runners) };
    let models = found.into_iter().map(listed).collect();
    Json(ModelList { models, runners: runners.descriptions().map(here).collect() })
}

/// Of the catalog; what only runners know is found by its name or its runner.
fn found<'a>(query: &ModelsQuery, runners: &'a Runners) -> Vec<&'a catalog::Model> {
    if let Some(runner) = &query.runner {
        let own = runners.models().iter().filter(|model| *model.family == **runner);
        return own.filter(|model| query.task.is_none_or(|task| model.task == task)).collect();
    }
    let words = query.q.as_deref().unwrap_or_default();
    let mut found = catalog::search(words, query.task);
    if !words.is_empty() {
        found.extend(runners.search(words, query.task));
    }
    found
}

async fn one(
    State(gateway): State<Gateway>,
    Place(OfModel { id }): Place<OfModel>,
) -> Result<Json<ModelAnswer>, ApiError> {
    let runners = gateway.runners().await;
    let model = catalog::find(&id).or_else(|| runners.find(&id));
    let model = model.ok_or_else(|| ApiError::not_found(What::Model))?;
    Ok(Json(ModelAnswer { model: shown(model, &runners) }))
}

/// The model, and whether it can be trained now or what to choose instead.
fn shown(model: &catalog::Model, runners: &Runners) -> Model {
    let trainable = catalog::trainable_now(model, runners);
    Model {
        id: model.id.clone(),
        family: model.family.to_string(),
        task: model.task,
        parameters: model.parameters,
        image_size: model.image_size,
        licence: model.licence.to_string(),
        native: model.native,
        runner: trainable.as_ref().map_or(model, |trained| trained).runner.word().to_owned(),
        aliases: Some(model.aliases.clone()),
        trainable: trainable.is_ok(),
        note: trainable.err().map(|reason| reason.to_string()),
    }
}

fn here(description: &Description) -> RunnerHere {
    RunnerHere {
        runner: description.runner.clone(),
        version: description.version.clone(),
        licence: description.licence.clone(),
        models: description.models.len() as u32,
        options: description.options.clone(),
    }
}
