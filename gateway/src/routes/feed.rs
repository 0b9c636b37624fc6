//! `/v1/feed`, and `/asyncapi.json`: how others read what happens, and what they read there.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde_json::Value;
use trainyard_api::feed::{FeedAnswer, FeedStream};
use trainyard_bus::{READERS_DOMAIN, consumers_of, reader_inbox};
use trainyard_events::subject;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/v1/feed",
            Access::Needs(Role::Viewer),
            "How to read what happens over NATS, with a token as the password",
            feed,
        )
        .answers::<FeedAnswer>(),
        Route::new(Method::GET, "/asyncapi.json", Access::Open, "What is read there", asyncapi)
            .serves("application/json"),
    ]
}

async fn feed(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<FeedAnswer>, ApiError> {
    let tenant = &identity.tenant;
    let mut feeds = vec![subject::feed_of(tenant)];
    feeds.extend((identity.role == Role::Admin).then(|| subject::admin_feed_of(tenant)));
    let stream = |stream: &str, filters| FeedStream { stream: stream.to_owned(), filters };
    Ok(Json(FeedAnswer {
        open: gateway.logins.is_some(),
        domain: READERS_DOMAIN.to_owned(),
        inbox_prefix: reader_inbox(tenant),
        consumers: consumers_of(tenant, &gateway.readers_key),
        streams: vec![
            stream(subject::FEED, feeds),
            stream(subject::TELEMETRY, vec![subject::telemetry_of(tenant)]),
        ],
        begins: gateway.bus.feed_begins().await?,
    }))
}

async fn asyncapi() -> Json<Value> {
    Json(trainyard_feed::asyncapi())
}
