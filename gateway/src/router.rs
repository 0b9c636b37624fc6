//! The table of routes made into one service, each route behind its gate.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use trainyard_api::Problem;
use trainyard_events::limits;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::route::{Access, Route};
use crate::served::Served;
use crate::{auth, guard, idempotency, page, scope};

/// Every route behind its gate, and the layers around them all.
pub(crate) fn router(gateway: Gateway, routes: Vec<Route>) -> Router {
    let served = Served::of(&routes);
    let mut router = Router::new();
    for route in routes {
        let mut handler = route.handler;
        if route.reads_views {
            handler = handler.route_layer(from_fn_with_state(gateway.clone(), guard::reads));
        }
        if route.method != Method::GET {
            handler = handler.route_layer(from_fn(idempotency::hash_body));
        }
        handler = match route.access {
            Access::Open => handler.route_layer(from_fn_with_state(gateway.clone(), auth::open)),
            Access::Needs(role) => {
                let gate = (gateway.clone(), role, scope::of_path(route.path));
                handler.route_layer(from_fn_with_state(gate, auth::require))
            }
        };
        router = router.route(route.path, handler);
    }
    router
        .fallback(elsewhere)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(limits::REQUEST_BODY_BYTES))
        .layer(from_fn_with_state((gateway.clone(), served), guard::guard))
        .with_state(gateway)
}

/// A page or file of the dashboard, or nothing.
async fn elsewhere(State(gateway): State<Gateway>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let public_url = gateway.config.public_url.as_ref();
    page::at(&method, uri.path(), public_url, &headers).unwrap_or_else(|| no_such_route(&uri).into_response())
}

fn no_such_route(uri: &Uri) -> ApiError {
    Problem::NoSuchRoute { path: uri.path().to_owned() }.into()
}

async fn no_such_method(method: Method, uri: Uri) -> ApiError {
    Problem::NoSuchMethod { path: uri.path().to_owned(), method: method.to_string() }.into()
}
