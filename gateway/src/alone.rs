//! What a role without a gateway says of itself, at a port of its own: /metrics, /healthz and /readyz.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;
use trainyard_api::ops::Parts;
use trainyard_bus::Bus;
use trainyard_projections::Views;
use trainyard_store::Store;

use crate::client::Proxies;
use crate::connections::Connections;
use crate::error::ApiError;
use crate::front::Front;
use crate::guard;
use crate::metrics::{ConnectionMetrics, Metrics};
use crate::routes::ops::{healthz, openmetrics, part};
use crate::serve::GatewayError;

/// A monitoring system, and people who look.
const CONNECTIONS: usize = 64;

/// The servers that a role cannot do without.
#[derive(Clone, Default)]
pub struct Needs {
    pub bus: Option<Bus>,
    pub views: Option<Views>,
    pub store: Option<Store>,
}

#[derive(Clone)]
struct Alone {
    metrics: Metrics,
    needs: Needs,
}

/// Answers at `listen` until told to stop. It is bound when this returns.
pub async fn serve_metrics(
    listen: SocketAddr,
    metrics: Metrics,
    needs: Needs,
    stop: CancellationToken,
) -> Result<SocketAddr, GatewayError> {
    let failed = |source| GatewayError::Bind { listen, source };
    let tcp = TcpListener::bind(listen).await.map_err(failed)?;
    let address = tcp.local_addr().map_err(failed)?;
    let connections = Connections {
        most: CONNECTIONS,
        per_address: CONNECTIONS,
        proxies: Proxies::default(),
        metrics: ConnectionMetrics::register(&metrics),
        tls: None,
        stop,
        tasks: TaskTracker::new(),
    };
    let app = Router::new()
        .route("/metrics", get(metrics_now))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .layer(map_response(guard::not_kept))
        .with_state(Alone { metrics, needs });
    tokio::spawn(connections.accept(tcp, Front { app, public_url: None }));
    info!(%address, "metrics are served");
    Ok(address)
}

async fn metrics_now(State(alone): State<Alone>) -> Result<Response, ApiError> {
    openmetrics(&alone.metrics)
}

/// 200 only if every server that is needed answers; else 503, with the state of each.
async fn readyz(State(Alone { needs, .. }): State<Alone>) -> (StatusCode, Json<Parts>) {
    let nats = async { Some(part(needs.bus.as_ref()?.ping()).await) };
    let postgres = async { Some(part(needs.views.as_ref()?.ping()).await) };
    let store = async { Some(part(needs.store.as_ref()?.ping()).await) };
    let (nats, postgres, store) = tokio::join!(nats, postgres, store);
    let ready = [&nats, &postgres, &store].into_iter().flatten().all(|state| state == "ok");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Parts { nats, postgres, projector: None, store }))
}
