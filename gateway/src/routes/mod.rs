//! The table of routes: what the router serves, `/openapi.json` describes and the tests walk is this one list.

mod activity;
mod artifacts;
mod chats;
mod datasets;
mod endpoints;
mod jobs;
mod models;
mod ops;
mod predict;
mod telemetry;
mod tokens;
mod workers;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::Value;
use trainyard_events::tenant::Role;

use crate::gateway::Gateway;

pub(crate) use endpoints::{deploy, predict_url};
pub(crate) use jobs::find_job;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: it shows nothing of a tenant, or asks for a token itself.
    Open,
    Needs(Role),
}

/// One method of one path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    /// Answers from the views: takes `?wait_for=` and says their sequence.
    pub(crate) reads_views: bool,
    pub(crate) summary: &'static str,
    /// Names in the query string.
    pub(crate) params: &'static [&'static str],
    /// JSON schema of the body, if it takes one.
    pub(crate) body: Option<Value>,
    pub(crate) handler: MethodRouter<Gateway>,
}

impl Route {
    fn new<H, T>(
        method: Method,
        path: &'static str,
        access: Access,
        summary: &'static str,
        handler: H,
    ) -> Route
    where
        H: Handler<T, Gateway>,
        T: 'static,
    {
        let filter =
            MethodFilter::try_from(method.clone()).expect("the table names methods that can be routed");
        Route {
            method,
            path,
            access,
            reads_views: false,
            summary,
            params: &[],
            body: None,
            handler: on(filter, handler),
        }
    }

    /// A read of the views by whoever has a token.
    fn read<H, T>(path: &'static str, summary: &'static str, handler: H) -> Route
    where
        H: Handler<T, Gateway>,
        T: 'static,
    {
        let route = Route::new(Method::GET, path, Access::Needs(Role::Viewer), summary, handler);
        Route { reads_views: true, ..route }
    }

    /// A change by an editor.
    fn post<H, T>(path: &'static str, summary: &'static str, handler: H) -> Route
    where
        H: Handler<T, Gateway>,
        T: 'static,
    {
        Route::new(Method::POST, path, Access::Needs(Role::Editor), summary, handler)
    }

    fn needs(self, role: Role) -> Route {
        Route { access: Access::Needs(role), ..self }
    }

    fn params(self, params: &'static [&'static str]) -> Route {
        Route { params, ..self }
    }

    fn body(self, schema: Value) -> Route {
        Route { body: Some(schema), ..self }
    }
}

/// Every route there is.
pub(crate) fn all() -> Vec<Route> {
    [
        chats::routes(),
        jobs::routes(),
        telemetry::routes(),
        artifacts::routes(),
        endpoints::routes(),
        datasets::routes(),
        models::routes(),
        predict::routes(),
        workers::routes(),
        activity::routes(),
        tokens::routes(),
        ops::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
