//! Around every request: a panic becomes an answer, no request lasts for ever, all are counted and none is sniffed.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use axum::Extension;
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;
use trainyard_api::Problem;

use crate::error::{ApiError, in_language};
use crate::extract::language;
use crate::front::Peer;
use crate::gateway::Gateway;
use crate::idempotency::Received;
use crate::metrics::Cut;
use crate::pace::{Pace, SLOWEST_BYTES_PER_SECOND};
use crate::public::PublicUrl;
use crate::served::Served;

/// The longest that a handler may take once all of the request is there. An answer that is streamed goes on beyond it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) const SEQUENCE_HEADER: HeaderName = HeaderName::from_static("x-trainyard-sequence");

/// Where people reach the gateway by https: from then on, for a year, their browsers ask nothing there in the clear.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// On every answer.
const SECURITY_HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The outermost layer.
pub(crate) async fn guard(
    State((gateway, served)): State<(Gateway, Served)>,
    Extension(Peer(peer)): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let asked = served.asked(request.method(), path);
    let client = gateway.config.trusted_proxies.client(peer, request.headers());
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(Received((gateway.clock)()));
    let span = tracing::info_span!("request", method = asked.method, route = asked.route);
    let has_body = !request.body().is_end_stream();
    let language = language(request.headers());
    let pace = Pace::new();
    let request = request.map(|body| pace.keep(body));
    let response = surely(next.run(request), &pace).instrument(span).await;
    let mut response = in_language(response, language);
    if pace.is_too_slow() {
        gateway.metrics.connections.cut(Cut::Body);
    }
    if has_body && !response.status().is_success() {
        // Whoever refuses may not have read the body, and then the server hangs up: without a word of it, the
        // client's next request would go into a connection that is closing.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if gateway.config.public_url.as_ref().is_some_and(PublicUrl::is_secure) {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    let response = not_kept(response).await;
    gateway.metrics.request(asked, response.status().as_u16(), started.elapsed());
    response
}

/// What does not say for how long it holds is kept by nobody on its way: it is of one reader and of this moment.
pub(crate) async fn not_kept(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The answer, or one that says why there is none.
async fn surely(answer: impl Future<Output = Response>, pace: &Pace) -> Response {
    let mut answer = pin!(AssertUnwindSafe(answer).catch_unwind());
    loop {
        let deadline = pace.heard() + REQUEST_TIMEOUT;
        match tokio::time::timeout_at(deadline, &mut answer).await {
            Ok(_) if pace.is_too_slow() => return too_slow().into_response(),
            Ok(Ok(response)) => return response,
            Ok(Err(_)) => return ApiError::internal("the handler of this request panicked").into_response(),
            // More of its body has come meanwhile.
            Err(_) if pace.heard() + REQUEST_TIMEOUT > deadline => {}
            Err(_) => return timed_out().into_response(),
        }
    }
}

fn too_slow() -> ApiError {
    Problem::TooSlow { bytes_per_second: SLOWEST_BYTES_PER_SECOND }.into()
}

fn timed_out() -> ApiError {
    Problem::TimedOut { seconds: REQUEST_TIMEOUT.as_secs() }.into()
}

/// Around every read of the views: waits for what `?wait_for=` names, and says which events the answer holds.
pub(crate) async fn reads(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    let wanted = wanted(request.uri().query().unwrap_or_default());
    let position = async {
        if let Some(sequence) = wanted? {
            gateway.shown(sequence).await?;
        }
        // Read before the rows, so that they hold at least this much.
        Ok::<_, ApiError>(gateway.views.position().await?.sequence)
    };
    match position.await {
        Ok(position) => {
            let mut response = next.run(request).await;
            response.headers_mut().insert(SEQUENCE_HEADER, HeaderValue::from(position));
            response
        }
        Err(error) => error.into_response(),
    }
}

fn wanted(query: &str) -> Result<Option<u64>, ApiError> {
    let Some(text) = query.split('&').find_map(|pair| pair.strip_prefix("wait_for=")) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| Problem::BadWaitFor.into())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::Response;

    use super::{surely, wanted};
    use crate::pace::Pace;

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_panics_or_hangs_is_answered_for() {
        let panics = surely(async { panic!("on purpose") }, &Pace::new()).await;
        assert_eq!(panics.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let hangs = surely(std::future::pending::<Response>(), &Pace::new()).await;
        assert_eq!(hangs.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn wait_for_is_a_sequence() {
        assert_eq!(wanted("a=b&wait_for=7").ok(), Some(Some(7)));
        assert_eq!(wanted("").ok(), Some(None));
        assert!(wanted("wait_for=x").is_err());
    }
}
