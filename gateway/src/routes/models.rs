//! `/v1/models`: the catalog.

use axum::Json;
use axum::http::Method;
use trainyard_api::error::What;
use trainyard_api::models::{Model, ModelAnswer, ModelList, ModelsQuery, Runner};
use trainyard_api::place::OfModel;
use trainyard_assistant::catalog;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::{Params, Place};
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

async fn list(Params(query): Params<ModelsQuery>) -> Json<ModelList> {
    let found = catalog::search(query.q.as_deref().unwrap_or_default(), query.task);
    // Without the other ways to write each, which are most of its bytes. `?q=` finds it by them.
    let listed = |model| Model { aliases: None, ..shown(model) };
    Json(ModelList { models: found.into_iter().map(listed).collect() })
}

async fn one(Place(OfModel { id }): Place<OfModel>) -> Result<Json<ModelAnswer>, ApiError> {
    let model = catalog::find(&id).ok_or_else(|| ApiError::not_found(What::Model))?;
    Ok(Json(ModelAnswer { model: shown(model) }))
}

/// The model, and whether it can be trained now or what to choose instead.
fn shown(model: &catalog::Model) -> Model {
    let trainable = catalog::trainable_now(model);
    Model {
        id: model.id.clone(),
        family: model.family.to_owned(),
        task: model.task,
        parameters: model.parameters,
        image_size: model.image_size,
        licence: model.licence.to_owned(),
        native: model.native,
        runner: runner(model.runner),
        aliases: Some(model.aliases.clone()),
        trainable: trainable.is_ok(),
        note: trainable.err().map(|reason| reason.to_string()),
    }
}

fn runner(runner: catalog::Runner) -> Runner {
    match runner {
        catalog::Runner::Native => Runner::Native,
        catalog::Runner::NativePlanned => Runner::NativePlanned,
        catalog::Runner::Timm => Runner::Timm,
        catalog::Runner::Torchvision => Runner::Torchvision,
        catalog::Runner::Ultralytics => Runner::Ultralytics,
        catalog::Runner::Transformers => Runner::Transformers,
        catalog::Runner::None => Runner::None,
    }
}
