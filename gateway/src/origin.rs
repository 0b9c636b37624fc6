//! Where the page that asks was served from: only this gateway's own may open sockets, and change what a cookie opens.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::config::GatewayConfig;
use crate::public::{Origin, PublicUrl};

static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Whether the page that asks, if a page asks, came from here.
pub(crate) fn is_same_origin(config: &GatewayConfig, peer: IpAddr, headers: &HeaderMap, uri: &Uri) -> bool {
    let forwarded = config.trusted_proxies.trusts(peer).then_some(&X_FORWARDED_HOST);
    is_from_here(headers, uri, forwarded, config.public_url.as_ref())
}

/// From the public URL, or from the address that the request names. `forwarded` is the header in which a proxy that is trusted says what that was.
fn is_from_here(
    headers: &HeaderMap,
    uri: &Uri,
    forwarded: Option<&HeaderName>,
    public_url: Option<&PublicUrl>,
) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let asking = origin.to_str().ok().and_then(|origin| Origin::of(&origin.parse().ok()?));
    let Some(asking) = asking else { return false };
    let named = [Some(&header::HOST), forwarded].into_iter().flatten();
    let hosts = named.filter_map(|name| headers.get(name)?.to_str().ok());
    let mut hosts = hosts.chain(uri.authority().map(|authority| authority.as_str()));
    public_url.is_some_and(|url| *url.origin() == asking) || hosts.any(|host| asking.is_at(host))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::{X_FORWARDED_HOST, is_from_here};

    #[test]
    fn only_pages_of_this_gateway_are_from_here() {
        let uri: Uri = "/v1/live".parse().expect("a path");
        let check = |origin: Option<&str>, host: &str, public_url: Option<&str>, forwarded: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().expect("a header"));
            }
            headers
                .insert("x-forwarded-host", forwarded.unwrap_or("evil.example").parse().expect("a header"));
            let public_url = public_url.map(|url| url.parse().expect("an address"));
            let forwarded = forwarded.map(|_| &X_FORWARDED_HOST);
            is_from_here(&headers, &uri, forwarded, public_url.as_ref())
        };
        let here = "localhost:7070";
        assert!(check(None, here, None, None));
        assert!(check(Some("http://localhost:7070"), here, None, None));
        // nginx names the address that it asks, unless it is told to name another; then mostly without a port.
        let public = Some("https://train.example/app");
        assert!(check(Some("https://train.example"), "127.0.0.1:7700", public, None));
        assert!(check(Some("https://train.example"), "backend", public, None));
        assert!(check(Some("https://train.example:8443"), "train.example", None, None));
        assert!(check(Some("https://train.example"), "train.example:443", None, None));
        assert!(check(Some("https://train.example"), "127.0.0.1:7700", None, Some("train.example")));
        for other in [
            "http://localhost:7071",
            "https://evil.example",
            "null",
            "http://localhost",
            "http://train.example",
        ] {
            assert!(!check(Some(other), here, Some("https://train.example"), None), "{other}");
        }
        assert!(
            !check(Some("https://train.example"), "127.0.0.1:7700", None, None),
            "nobody said that it is here"
        );
    }
}
