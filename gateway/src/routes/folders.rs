//! `/v1/roots`: what is in the folders of the workers, as one of them says.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::folders::FolderQuery;
use trainyard_events::folders::{FolderAnswer, FolderRequest};
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::{Access, Route};

/// A worker whose disks hang says so before that.
const PATIENCE: Duration = Duration::from_secs(6);

pub(super) fn routes() -> Vec<Route> {
    // For those who can have a dataset read there.
    let editor = Access::Needs(Role::Editor);
    let summary = "What is in a folder of the workers, or which folders may be read for the tenant";
    vec![
        Route::new(Method::GET, "/v1/roots", editor, summary, show)
            .query::<FolderQuery>()
            .answers::<FolderAnswer>()
            .refuses(&[Code::BadPath, Code::NotFound, Code::Refused, Code::NoWorker]),
    ]
}

async fn show(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(FolderQuery { path }): Params<FolderQuery>,
) -> Result<Json<FolderAnswer>, ApiError> {
    let request = FolderRequest { tenant: identity.tenant, path };
    Ok(Json(gateway.bus.folders().ask(&request, PATIENCE).await?))
}
