//! `/v1/phrases`: what the platform writes and refuses by itself, and the same in Korean, for pages that show it.

use std::io::Write;
use std::sync::LazyLock;

use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use trainyard_api::phrases::Phrases;

use crate::korean::phrases;
use crate::page::takes_gzip;
use crate::route::{Access, Route};

/// Open, as the description of the routes is: it holds nothing of a tenant, and a page must be able to say what went wrong
/// where tokens cannot be looked up.
pub(super) fn routes() -> Vec<Route> {
    let summary = "The platform's own reasons and their Korean; `{}` is what varies, `{0}` where it goes";
    vec![Route::new(Method::GET, "/v1/phrases", Access::Open, summary, list).answers::<Phrases>()]
}

/// The same for everybody and long: made once, and a third as long where the client reads gzip.
static TOLD: LazyLock<(Bytes, Bytes)> = LazyLock::new(|| {
    let pair = |(english, korean): &(&str, &str)| [(*english).to_owned(), (*korean).to_owned()];
    let phrases = Phrases { phrases: phrases().map(pair).collect() };
    let json = serde_json::to_string(&phrases).expect("phrases are plain data");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let compressed = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish());
    (json.into(), compressed.expect("memory can be written to").into())
});

async fn list(headers: HeaderMap) -> Response {
    let (plain, compressed) = &*TOLD;
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept-encoding")];
    if takes_gzip(&headers) {
        (kind, [(header::CONTENT_ENCODING, "gzip")], compressed.clone()).into_response()
    } else {
        (kind, plain.clone()).into_response()
    }
}
