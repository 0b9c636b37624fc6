//! The cookies of a browser that has logged in, or is about to: no script reads them, and no other site's page sends them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::public::PublicUrl;

/// The text of the token that a session is.
const SESSION: &str = "trainyard_session";
/// What a login waits for, sealed.
const LOGIN: &str = "trainyard_login";

/// The token of the session that a request carries.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    find(headers, SESSION)
}

/// What this browser's login waits for.
pub(crate) fn login(headers: &HeaderMap) -> Option<&str> {
    find(headers, LOGIN)
}

pub(crate) fn set_session(url: Option<&PublicUrl>, text: &str, lasts: Duration) -> HeaderValue {
    set(url, SESSION, text, lasts)
}

pub(crate) fn set_login(url: Option<&PublicUrl>, text: &str, lasts: Duration) -> HeaderValue {
    set(url, LOGIN, text, lasts)
}

pub(crate) fn forget_session(url: Option<&PublicUrl>) -> HeaderValue {
    set(url, SESSION, "", Duration::ZERO)
}

pub(crate) fn forget_login(url: Option<&PublicUrl>) -> HeaderValue {
    set(url, LOGIN, "", Duration::ZERO)
}

/// `Lax`: it comes along when a provider sends the browser back, and never with another site's writes.
fn set(url: Option<&PublicUrl>, name: &str, text: &str, lasts: Duration) -> HeaderValue {
    let path = url.map_or_else(|| "/".to_owned(), PublicUrl::base);
    let secure = if url.is_some_and(PublicUrl::is_secure) { "; Secure" } else { "" };
    let lasts = lasts.as_secs();
    let cookie = format!("{name}={text}; Path={path}; Max-Age={lasts}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).expect("names, base64 and the path of an address are printable ASCII")
}

fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(called, text)| *called == name && !text.is_empty()).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            "cookie",
            "a=b; xtrainyard_session=no; trainyard_session=ty_x".parse().expect("a header"),
        );
        headers.append("cookie", "trainyard_login=".parse().expect("a header"));
        assert_eq!((session(&headers), login(&headers)), (Some("ty_x"), None));
    }

    #[test]
    fn a_cookie_is_secure_and_below_its_path_where_people_come_by_https() {
        let url = |text: &str| text.parse::<PublicUrl>().expect("an address");
        let set = |url: Option<&PublicUrl>| set_session(url, "ty_x", Duration::from_secs(60));
        let plain = "trainyard_session=ty_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax";
        assert_eq!(set(None), plain);
        assert_eq!(set(Some(&url("http://train.example"))), plain);
        let secure = "trainyard_session=ty_x; Path=/yard/; Max-Age=60; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(set(Some(&url("https://train.example/yard"))), secure);
        assert!(forget_session(None).to_str().expect("text").contains("=; Path=/; Max-Age=0;"));
    }
}
