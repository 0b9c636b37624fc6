//! What every handler shares, and the table of routes made into one service.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trainyard_assistant::Assistant;
use trainyard_bus::{Bus, JetStreamLog};
use trainyard_commands::{Command, Door, Handled};
use trainyard_events::{Aggregate, limits};
use trainyard_projections::Views;
use trainyard_store::Store;

use crate::auth::{self, Tokens};
use crate::config::GatewayConfig;
use crate::error::ApiError;
use crate::guard;
use crate::idempotency::Asker;
use crate::live::{Hub, Resumes};
use crate::metrics::{HttpMetrics, Metrics};
use crate::page;
use crate::routes::{Access, Route};

/// Shared by all requests of one gateway.
pub(crate) struct Shared {
    pub(crate) config: GatewayConfig,
    pub(crate) bus: Bus,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) views: Views,
    pub(crate) store: Store,
    pub(crate) assistant: Assistant,
    pub(crate) tokens: Tokens,
    pub(crate) hub: Arc<Hub>,
    pub(crate) resumes: Resumes,
    pub(crate) registry: Metrics,
    pub(crate) metrics: HttpMetrics,
    /// Told to stop: sockets say goodbye.
    pub(crate) stop: CancellationToken,
    /// What must have ended before the gateway has.
    pub(crate) tasks: TaskTracker,
}

#[derive(Clone)]
pub(crate) struct Gateway(pub(crate) Arc<Shared>);

impl Deref for Gateway {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Gateway {
    /// Asks for one step of a request at the one door for facts.
    pub(crate) async fn ask(
        &self,
        asker: &Asker,
        step: &str,
        aggregate: Aggregate,
        command: Command,
    ) -> Result<Handled, ApiError> {
        let handled = self.door.handle(asker.request(step, aggregate, command)).await?;
        if let Handled::Recorded(recorded) = &handled {
            // What was done to a token holds here before the answer leaves.
            self.tokens.take_in(recorded);
        }
        Ok(handled)
    }
}

/// Every route behind its gate, and the layers around them all.
pub(crate) fn router(gateway: Gateway, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let mut handler = route.handler;
        if route.reads_views {
            handler = handler.route_layer(from_fn_with_state(gateway.clone(), guard::reads));
        }
        if let Access::Needs(role) = route.access {
            handler = handler.route_layer(from_fn_with_state((gateway.clone(), role), auth::require));
        }
        router = router.route(route.path, handler);
    }
    router
        .fallback(elsewhere)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(limits::REQUEST_BODY_BYTES))
        .layer(from_fn_with_state(gateway.clone(), guard::guard))
        .with_state(gateway)
}

/// A page or file of the dashboard, or nothing.
async fn elsewhere(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    page::at(&method, uri.path(), &headers).unwrap_or_else(|| no_such_route(&uri).into_response())
}

fn no_such_route(uri: &Uri) -> ApiError {
    let message = format!("there is nothing at {}", uri.path());
    ApiError::new(
        axum::http::StatusCode::NOT_FOUND,
        "no_such_route",
        message,
        "/openapi.json lists what there is",
    )
}

async fn no_such_method(method: Method, uri: Uri) -> ApiError {
    let message = format!("{} does not take {method}", uri.path());
    let next_step = "/openapi.json lists the methods of every route";
    ApiError::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "no_such_method", message, next_step)
}
