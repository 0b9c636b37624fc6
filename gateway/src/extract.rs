//! What a request carries, read strictly: unknown fields and broken text are refused in the one error form.

use std::convert::Infallible;

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use trainyard_api::error::{Problem, What};
use trainyard_api::page::PageQuery;
use trainyard_events::chat::Language;
use trainyard_events::limits;
use trainyard_projections::Page;
use uuid::Uuid;

use crate::error::ApiError;

/// Rows of a page when the client does not say.
const PAGE_ROWS_DEFAULT: u32 = 50;

/// A JSON body. None at all counts as `{}`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(not_read)?;
        let json = if bytes.is_empty() { b"{}" } else { &bytes[..] };
        let read = object(json).or_else(|error| {
            let value = object::<Map<String, Value>>(json).map_err(|_| error)?;
            T::deserialize(whole(Value::Object(value)))
        });
        read.map(Body).map_err(|error| Problem::BadBody { detail: error.to_string() }.into())
    }
}

/// JSON in braces: derived readers take the values of an object in brackets too.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    match json.trim_ascii_start().first() {
        Some(b'[') => Err(serde::de::Error::custom("an object is needed, and this is a list")),
        _ => serde_json::from_slice(json),
    }
}

/// JSON has one kind of number, and 2.0 is as whole as 2.
pub(crate) fn whole(value: Value) -> Value {
    /// Doubles are exact up to here.
    const EXACT: f64 = (1_u64 << 53) as f64;
    match value {
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() <= EXACT => (float as i64).into(),
            _ => Value::Number(number),
        },
        Value::Array(values) => values.into_iter().map(whole).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        other => other,
    }
}

fn not_read(error: BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::BodyTooLarge { bytes_max: limits::REQUEST_BODY_BYTES }
    } else {
        Problem::BodyBroken { detail: error.body_text() }
    }
}

/// What stands in the path.
pub(crate) struct Place<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Place<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(place) = Path::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::BadAddress { detail: error.body_text() })?;
        Ok(Place(place))
    }
}

/// The query string, without `wait_for`, which every read takes.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = parts.uri.query().unwrap_or_default().split('&');
        let rest: Vec<&str> = pairs.filter(|pair| !pair.starts_with("wait_for=")).collect();
        let bad = |detail: String| Problem::BadQuery { detail };
        let uri: Uri = format!("/?{}", rest.join("&")).parse().map_err(|_| bad("not a URI".to_owned()))?;
        let Query(params) = Query::try_from_uri(&uri).map_err(|error| bad(error.body_text()))?;
        Ok(Params(params))
    }
}

/// The language for what is written for people: Korean where the client prefers it to English by `Accept-Language`.
pub(crate) struct Preferred(pub(crate) Language);

impl<S: Send + Sync> FromRequestParts<S> for Preferred {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Preferred(language(&parts.headers)))
    }
}

/// What the client prefers by its headers.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    preferred(said.unwrap_or_default())
}

fn preferred(accepted: &str) -> Language {
    let weight = |language: &str| {
        let entries = accepted.split(',').filter_map(|entry| {
            let (tag, quality) = entry.split_once(";q=").unwrap_or((entry, "1"));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            primary.eq_ignore_ascii_case(language).then(|| quality.trim().parse::<f32>().unwrap_or(0.0))
        });
        entries.fold(0.0, f32::max)
    };
    if weight("ko") > weight("en") { Language::Korean } else { Language::English }
}

/// Which page of a list.
pub(crate) fn page_of(query: &PageQuery) -> Page {
    page(query.before, query.limit)
}

pub(crate) fn page(before: Option<u64>, limit: Option<u32>) -> Page {
    Page::new(before, limit.unwrap_or(PAGE_ROWS_DEFAULT))
}

/// The id in a path. What is no id names nothing.
pub(crate) fn id(text: &str, what: What) -> Result<Uuid, ApiError> {
    Uuid::parse_str(text).map_err(|_| ApiError::not_found(what))
}

#[cfg(test)]
mod tests {
    use axum::body::Body as HttpBody;
    use axum::extract::{FromRequest, FromRequestParts};
    use axum::http::Request;
    use trainyard_api::page::Nothing;
    use trainyard_api::quota::NewQuota;

    use super::*;

    #[test]
    fn korean_is_for_those_who_prefer_it() {
        for (accepted, korean) in [
            ("ko", true),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", true),
            ("fr, KO;q=0.2", true),
            ("en-US,en;q=0.9,ko;q=0.8", false),
            ("en,ko", false),
            ("ko;q=nothing", false),
            ("kok, *", false),
            ("", false),
        ] {
            assert_eq!(preferred(accepted) == Language::Korean, korean, "{accepted}");
        }
    }

    async fn body(bytes: &'static [u8]) -> bool {
        let request = Request::new(HttpBody::from(bytes));
        Body::<Nothing>::from_request(request, &()).await.is_ok()
    }

    async fn query(query: &str) -> Option<(Option<u64>, Option<u32>)> {
        let request = Request::builder().uri(format!("/v1/jobs?{query}")).body(()).expect("a request");
        let params = Params::<PageQuery>::from_request_parts(&mut request.into_parts().0, &()).await.ok()?;
        Some((params.0.before, params.0.limit))
    }

    #[tokio::test]
    async fn bodies_are_read_strictly() {
        assert!(body(b"{}").await);
        assert!(body(b"").await);
        for bad in [&b"{"[..], b"7", b"{\"surprise\":1}", b"\xff\xfe", b"null", b"[]"] {
            assert!(!body(bad).await, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[tokio::test]
    async fn a_whole_number_may_have_a_point() {
        let quota = async |body: &'static str| {
            let request = Request::new(HttpBody::from(body));
            Body::<NewQuota>::from_request(request, &()).await.ok().and_then(|Body(quota)| quota.gpu_hours)
        };
        assert_eq!(quota(r#"{ "gpu_hours": 250.0 }"#).await, Some(250));
        assert_eq!(quota(r#"{ "gpu_hours": 2.5e2 }"#).await, Some(250));
        for bad in [r#"{ "gpu_hours": 250.5 }"#, r#"{ "gpu_hours": -1.0 }"#, r#"{ "gpu_hours": 1e300 }"#] {
            assert_eq!(quota(bad).await, None, "{bad}");
        }
    }

    #[tokio::test]
    async fn queries_are_read_strictly_beside_wait_for() {
        assert_eq!(query("").await, Some((None, None)));
        assert_eq!(query("before=7&wait_for=12&limit=3").await, Some((Some(7), Some(3))));
        for bad in ["surprise=1", "limit=x", "limit=-1"] {
            assert_eq!(query(bad).await, None, "{bad}");
        }
    }
}
