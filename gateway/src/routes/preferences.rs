//! `/v1/preferences`: how somebody wants their table of jobs, kept with their account.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::error::Problem;
use trainyard_api::preferences::{Preferences, PreferencesAnswer};
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::Body;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    const AT: &str = "/v1/preferences";
    let everybody = Access::Needs(Role::Viewer);
    vec![
        Route::read(AT, "How whoever asks wants the table of jobs", read).answers::<PreferencesAnswer>(),
        Route::new(Method::PUT, AT, everybody, "Keep how whoever asks wants the table of jobs", keep)
            .takes::<Preferences>()
            .answers::<PreferencesAnswer>()
            .refuses(&[Code::BadRequest]),
    ]
}

async fn read(
    State(gateway): State<Gateway>,
    identity: Identity,
) -> Result<Json<PreferencesAnswer>, ApiError> {
    let kept = gateway.bus.preferences().of(identity.account()).await?;
    // What a later release has written otherwise is as if there was nothing.
    let preferences = kept.and_then(|json| serde_json::from_slice(&json).ok());
    Ok(Json(PreferencesAnswer { preferences }))
}

async fn keep(
    State(gateway): State<Gateway>,
    identity: Identity,
    Body(preferences): Body<Preferences>,
) -> Result<Json<PreferencesAnswer>, ApiError> {
    if let Some(detail) = preferences.flaw() {
        return Err(Problem::BadBody { detail }.into());
    }
    let json = serde_json::to_vec(&preferences).expect("preferences are plain data, which always serialise");
    gateway.bus.preferences().keep(identity.account(), json.into()).await?;
    Ok(Json(PreferencesAnswer { preferences: Some(preferences) }))
}
