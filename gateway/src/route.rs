//! One method of one path: what the router serves, `/openapi.json` describes and the tests walk.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use trainyard_api::Code;
use trainyard_events::tenant::Role;

use crate::gateway::Gateway;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: it shows nothing of a tenant, or asks for a token itself.
    Open,
    Needs(Role),
}

/// The schema of a type, as a generator of schemas gives it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a route takes or gives.
#[derive(Clone, Copy)]
pub(crate) struct Content {
    pub(crate) kind: &'static str,
    /// `None` for bytes and for texts that other programs define.
    pub(crate) schema: Option<SchemaOf>,
}

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data";

/// One method of one path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    /// Answers from the views: takes `?wait_for=` and says their sequence.
    pub(crate) reads_views: bool,
    pub(crate) summary: &'static str,
    /// What stands in the path.
    pub(crate) place: Option<SchemaOf>,
    /// What stands in the query string.
    pub(crate) query: Option<SchemaOf>,
    pub(crate) body: Option<Content>,
    /// The same in another form.
    pub(crate) or_body: Option<Content>,
    /// What success is answered with.
    pub(crate) status: StatusCode,
    pub(crate) answer: Option<Content>,
    /// Codes beside those that follow from the rest.
    pub(crate) refuses: Vec<Code>,
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
            place: None,
            query: None,
            body: None,
            or_body: None,
            status: StatusCode::OK,
            answer: None,
            refuses: Vec::new(),
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

    pub(crate) fn at<P: JsonSchema>(self) -> Route {
        Route { place: Some(P::json_schema), ..self }
    }

    pub(crate) fn query<Q: JsonSchema>(self) -> Route {
        Route { query: Some(Q::json_schema), ..self }
    }

    pub(crate) fn takes<B: JsonSchema>(self) -> Route {
        Route { body: Some(Content { kind: JSON, schema: Some(named::<B>) }), ..self }
    }

    pub(crate) fn takes_form<B: JsonSchema>(self) -> Route {
        Route { body: Some(Content { kind: FORM, schema: Some(named::<B>) }), ..self }
    }

    pub(crate) fn or_takes<B: JsonSchema>(self) -> Route {
        Route { or_body: Some(Content { kind: JSON, schema: Some(named::<B>) }), ..self }
    }

    /// Of a body that may be larger than others.
    pub(crate) fn up_to(self, bytes: usize) -> Route {
        Route { handler: self.handler.layer(DefaultBodyLimit::max(bytes)), ..self }
    }

    pub(crate) fn answers<A: JsonSchema>(self) -> Route {
        Route { answer: Some(Content { kind: JSON, schema: Some(named::<A>) }), ..self }
    }

    /// Answers with what has no schema here.
    pub(crate) fn serves(self, kind: &'static str) -> Route {
        Route { answer: Some(Content { kind, schema: None }), ..self }
    }

    pub(crate) fn with(self, status: StatusCode) -> Route {
        Route { status, ..self }
    }

    pub(crate) fn refuses(self, refuses: &'static [Code]) -> Route {
        Route { refuses: [&self.refuses, refuses].concat(), ..self }
    }
}

/// By reference to the one description of the type.
fn named<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
