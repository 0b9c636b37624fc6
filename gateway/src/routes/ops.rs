//! What operators and machines ask: health, readiness, metrics, the API's description, the page, and the socket.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use trainyard_api::Code;
use trainyard_api::ops::{Health, Parts, ProjectorState};

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::route::{Access, Route};
use crate::{live, openapi, page};

/// Events that the views may be behind before the gateway counts as not ready.
const BEHIND_MAX: u64 = 10_000;
/// What each part is given to answer.
const PART_TIMEOUT: Duration = Duration::from_secs(4);
const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/", Access::Open, "The dashboard", page::page).serves("text/html"),
        Route::new(
            Method::GET,
            "/v1/live",
            Access::Open,
            "The websocket: rows, then every event",
            live::upgrade,
        )
        .with(StatusCode::SWITCHING_PROTOCOLS)
        .refuses(&[
            Code::BadRequest,
            Code::OtherOrigin,
            Code::Unauthorized,
            Code::TooManyRequests,
            Code::Unavailable,
        ]),
        Route::new(Method::GET, "/healthz", Access::Open, "The process lives", healthz).answers::<Health>(),
        Route::new(Method::GET, "/readyz", Access::Open, "Whether every part is there", readyz)
            .answers::<Parts>(),
        Route::new(Method::GET, "/metrics", Access::Open, "Numbers for Prometheus", metrics)
            .serves("application/openmetrics-text"),
        Route::new(Method::GET, "/openapi.json", Access::Open, "This description", openapi)
            .serves("application/json"),
    ]
}

pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// 200 only if every part answers; else 503, with the state of each.
async fn readyz(State(gateway): State<Gateway>) -> (StatusCode, Json<Parts>) {
    let (nats, postgres, store) =
        tokio::join!(part(gateway.bus.ping()), part(gateway.views.ping()), part(gateway.store.ping()));
    let position = tokio::time::timeout(PART_TIMEOUT, gateway.views.position()).await;
    let behind = match position {
        Ok(Ok(position)) => Some(gateway.hub.ring().newest().saturating_sub(position.sequence)),
        Ok(Err(_)) | Err(_) => None,
    };
    let ready = [&nats, &postgres, &store].iter().all(|part| part.as_str() == "ok")
        && behind.is_some_and(|behind| behind <= BEHIND_MAX);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let projector = Some(ProjectorState { behind });
    (status, Json(Parts { nats: Some(nats), postgres: Some(postgres), projector, store: Some(store) }))
}

/// `ok`, or what is wrong.
pub(crate) async fn part<E: std::fmt::Display>(ping: impl Future<Output = Result<(), E>>) -> String {
    match tokio::time::timeout(PART_TIMEOUT, ping).await {
        Ok(Ok(())) => "ok".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", PART_TIMEOUT.as_secs()),
    }
}

async fn metrics(State(gateway): State<Gateway>) -> Result<Response, ApiError> {
    openmetrics(&gateway.registry)
}

pub(crate) fn openmetrics(metrics: &Metrics) -> Result<Response, ApiError> {
    let text = metrics.encode().map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

async fn openapi() -> Json<Value> {
    Json(openapi::document(&super::all()))
}
