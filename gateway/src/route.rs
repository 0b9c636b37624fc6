//! One method of one path: what the router serves, `/openapi.json` describes and the tests walk.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::Value;
use trainyard_events::tenant::Role;

use crate::gateway::Gateway;

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
    pub(crate) fn new<H, T>(
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
    pub(crate) fn read<H, T>(path: &'static str, summary: &'static str, handler: H) -> Route
    where
        H: Handler<T, Gateway>,
        T: 'static,
    {
        let route = Route::new(Method::GET, path, Access::Needs(Role::Viewer), summary, handler);
        Route { reads_views: true, ..route }
    }

    /// A change by an editor.
    pub(crate) fn post<H, T>(path: &'static str, summary: &'static str, handler: H) -> Route
    where
        H: Handler<T, Gateway>,
        T: 'static,
    {
        Route::new(Method::POST, path, Access::Needs(Role::Editor), summary, handler)
    }

    pub(crate) fn needs(self, role: Role) -> Route {
        Route { access: Access::Needs(role), ..self }
    }

    pub(crate) fn params(self, params: &'static [&'static str]) -> Route {
        Route { params, ..self }
    }

    pub(crate) fn body(self, schema: Value) -> Route {
        Route { body: Some(schema), ..self }
    }
}
