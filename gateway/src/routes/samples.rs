//! `/v1/registry/{name}/samples`: images that a model was asked about, kept for people to review.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use trainyard_api::Code;
use trainyard_api::error::What;
use trainyard_api::page::Changed;
use trainyard_api::place::{OfModelName, OfSample};
use trainyard_api::registry::{NewSampling, SampleList, SampleQuery};
use trainyard_commands::model::ModelCommand;
use trainyard_events::limits::SAMPLES;
use trainyard_events::tenant::Role;

use super::artifacts::POLICY;
use super::images::drawn;
use super::registry::change;
use crate::error::ApiError;
use crate::extract::{Body, Params, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::samples;

/// What a browser shows as bytes.
const BYTES: &str = "application/octet-stream";

pub(super) fn routes() -> Vec<Route> {
    let editor = Access::Needs(Role::Editor);
    const ALL: &str = "/v1/registry/{name}/samples";
    vec![
        Route::new(
            Method::PUT,
            "/v1/registry/{name}/sampling",
            editor,
            "Keep a share of the images that a model is asked about by its name, for people to review",
            sample,
        )
        .at::<OfModelName>()
        .takes::<NewSampling>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound]),
        Route::new(Method::GET, ALL, editor, "The images that were kept, with what the model answered", list)
            .at::<OfModelName>()
            .query::<SampleQuery>()
            .answers::<SampleList>()
            .refuses(&[Code::NotFound]),
        Route::new(
            Method::GET,
            "/v1/registry/{name}/samples/{sha256}",
            editor,
            "One of them as it was sent",
            image,
        )
        .at::<OfSample>()
        .serves("*/*")
        .refuses(&[Code::NotFound]),
        Route::new(Method::DELETE, ALL, editor, "Delete all that were kept", delete)
            .at::<OfModelName>()
            .answers::<Changed>()
            .refuses(&[Code::NotFound]),
    ]
}

async fn sample(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelName { name }): Place<OfModelName>,
    Body(NewSampling { share }): Body<NewSampling>,
) -> Result<Json<Changed>, ApiError> {
    change(&gateway, &asker, &name, ModelCommand::Sample { share }).await
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfModelName { name }): Place<OfModelName>,
    Params(SampleQuery { limit }): Params<SampleQuery>,
) -> Result<Json<SampleList>, ApiError> {
    let model = gateway.model(&identity, &name).await?;
    let limit = limit.map_or(SAMPLES, |limit| limit as usize).min(SAMPLES);
    let (samples, kept) = samples::list(&gateway.store, &model, limit).await?;
    Ok(Json(SampleList { samples, kept }))
}

async fn image(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfSample { name, sha256 }): Place<OfSample>,
) -> Result<Response, ApiError> {
    let model = gateway.model(&identity, &name).await?;
    let image = samples::image(&gateway.store, &model, &sha256).await?;
    let image = image.ok_or_else(|| ApiError::not_found(What::Artifact))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(drawn(&image).unwrap_or(BYTES))),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok((headers, image).into_response())
}

/// From the event on nobody sees them; those that a store which is away still has leave with the next one that is kept.
async fn delete(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelName { name }): Place<OfModelName>,
) -> Result<Json<Changed>, ApiError> {
    let changed = change(&gateway, &asker, &name, ModelCommand::DeleteSamples).await?;
    samples::delete_all(&gateway.store, crate::registry::id(&asker.identity.tenant, &name)).await?;
    Ok(changed)
}
