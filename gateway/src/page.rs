//! The dashboard, from the build inside this binary; without one, a page that says how to make it.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use trainyard_web::{Asset, asset};

use crate::gateway::Gateway;
use crate::public::PublicUrl;

const INDEX: &str = "index.html";
/// Shown where this binary was built before the dashboard was.
const UNBUILT: &str = include_str!("page.html");
/// Its style stands in its text.
const UNBUILT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
/// Scripts, styles and sockets of this gateway alone, nothing inline; `blob:` is an image or a video that was just dropped.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; \
    connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types svelte-trusted-html";
/// What is no page of the dashboard: programs ask there, and are to be told that nothing is there.
const NOT_PAGES: [&str; 3] = ["/v1/", "/inference/", "/assets/"];

/// What the index says that its addresses are relative to.
const HERE: &str = "./";
const KEEP: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// `/`.
pub(crate) async fn page(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    index("/", gateway.config.public_url.as_ref(), &headers)
}

/// What the dashboard has at a path that no route has: a file, or a page, which is the index. `None` leaves it a 404.
pub(crate) fn at(
    method: &Method,
    path: &str,
    public_url: Option<&PublicUrl>,
    headers: &HeaderMap,
) -> Option<Response> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    match asset(path.trim_start_matches('/')) {
        Some(asset) => Some(file(asset, headers)),
        None if NOT_PAGES.iter().any(|prefix| path.starts_with(prefix)) => None,
        None => Some(index(path, public_url, headers)),
    }
}

/// The index as a browser needs it at `path`. Only there does it say where its files and all its links begin, so the page
/// works below any path that a proxy gives it.
fn index(path: &str, public_url: Option<&PublicUrl>, headers: &HeaderMap) -> Response {
    let (built, base) = (asset(INDEX), base(path, public_url));
    if let Some(asset) = built.filter(|_| base == HERE) {
        return file(asset, headers);
    }
    let (text, policy) = match built {
        Some(asset) => (String::from_utf8_lossy(asset.bytes), POLICY),
        None => (UNBUILT.into(), UNBUILT_POLICY),
    };
    let tag = |base: &str| format!("<base href=\"{base}\" />");
    (fixed(policy, ASK_AGAIN), Html(text.replacen(&tag(HERE), &tag(&base), 1))).into_response()
}

/// Where the dashboard begins, seen from `path`: as the public URL says, or so many steps up.
fn base(path: &str, public_url: Option<&PublicUrl>) -> String {
    match (public_url, path.matches('/').count()) {
        (Some(url), _) => url.base(),
        (None, 0 | 1) => HERE.to_owned(),
        (None, slashes) => "../".repeat(slashes - 1),
    }
}

fn file(asset: Asset, headers: &HeaderMap) -> Response {
    let compressed = asset.gzip.filter(|_| takes_gzip(headers));
    let keep = if asset.immutable { KEEP } else { ASK_AGAIN };
    let mut response =
        (StatusCode::OK, fixed(POLICY, keep), compressed.unwrap_or(asset.bytes)).into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if compressed.is_some() {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn fixed(policy: &'static str, keep: &'static str) -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ]
}

/// Whether the client says that it can read gzip.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = headers.get(header::ACCEPT_ENCODING).and_then(|said| said.to_str().ok()).unwrap_or_default();
    said.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == "gzip" && weight.trim() != "q=0"
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Method};

    use super::{at, base, takes_gzip};

    #[test]
    fn pages_are_the_index_and_the_rest_is_not_there() {
        let status = |method: Method, path: &str| {
            at(&method, path, None, &HeaderMap::new()).map(|response| response.status().as_u16())
        };
        for path in ["/jobs", "/jobs/7", "/talk/01890a5d", "/no/such/page", "/v1"] {
            assert_eq!(status(Method::GET, path), Some(200), "{path}");
            assert_eq!(status(Method::POST, path), None, "{path}");
        }
        for path in
            ["/assets/old-1a2b3c.js", "/assets/", "/assets/../index.html", "/v1/nothing", "/inference/7"]
        {
            assert_eq!(status(Method::GET, path), None, "{path}");
        }
    }

    #[test]
    fn the_index_says_where_the_page_begins() {
        for (path, steps) in
            [("/", "./"), ("/jobs", "./"), ("/jobs/7", "../"), ("/jobs/", "../"), ("/a/b/c", "../../")]
        {
            assert_eq!(base(path, None), steps, "{path}");
            let url = "https://train.example/yard".parse().expect("an address");
            assert_eq!(base(path, Some(&url)), "/yard/", "{path}");
        }
    }

    #[test]
    fn gzip_only_for_who_takes_it() {
        let said = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept-encoding", text.parse().expect("a header"));
            takes_gzip(&headers)
        };
        assert!(said("gzip, deflate, br") && said("br;q=1.0, gzip;q=0.8"));
        assert!(!said("br") && !said("gzip;q=0") && !said("") && !takes_gzip(&HeaderMap::new()));
    }
}
