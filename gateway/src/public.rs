//! The address that people know a gateway by, behind whatever proxies: an origin, and perhaps a path.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Such as `https://train.example` or `https://example.org/train`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: Origin,
    /// Empty, or with a slash before it and none behind.
    path: String,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no address of a gateway: say one like https://train.example or https://example.org/train")]
pub struct NoPublicUrl(String);

impl FromStr for PublicUrl {
    type Err = NoPublicUrl;

    fn from_str(text: &str) -> Result<Self, NoPublicUrl> {
        let bad = || NoPublicUrl(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let origin = Origin::of(&uri).ok_or_else(bad)?;
        let path = uri.path().trim_end_matches('/');
        let fits = |char: char| char.is_ascii_alphanumeric() || "-._~%/".contains(char);
        let is_plain = uri.query().is_none() && !text.contains('#') && path.chars().all(fits);
        if is_plain && !path.contains("//") {
            Ok(PublicUrl { origin, path: path.to_owned() })
        } else {
            Err(bad())
        }
    }
}

/// Without a slash at the end.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PublicUrl { origin: Origin { scheme, host, port }, path } = self;
        write!(f, "{scheme}://{host}")?;
        if Some(*port) != default_port(scheme) {
            write!(f, ":{port}")?;
        }
        f.write_str(path)
    }
}

impl PublicUrl {
    /// Without brackets around an address of IPv6.
    pub fn host(&self) -> &str {
        self.origin.host.trim_matches(['[', ']'])
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether nobody on the way reads along.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.scheme == "https"
    }

    /// Where the dashboard's paths begin, with a slash at either end.
    pub(crate) fn base(&self) -> String {
        format!("{}/", self.path)
    }

    /// What a request asks for below the public path, if that stands before it: some proxies take it away, others do not.
    pub(crate) fn below(&self, uri: &Uri) -> Option<Uri> {
        let rest = uri.path().strip_prefix(&self.path).filter(|_| !self.path.is_empty())?;
        if !rest.is_empty() && !rest.starts_with('/') {
            return None;
        }
        let rest = if rest.is_empty() { "/" } else { rest };
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(format!("{rest}{query}").parse::<PathAndQuery>().ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// Of a page or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    pub(crate) fn of(uri: &Uri) -> Option<Origin> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let (authority, default) = (uri.authority()?, default_port(&scheme)?);
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let port = authority.port_u16().unwrap_or(default);
        Some(Origin { scheme, host: authority.host().to_ascii_lowercase(), port })
    }

    /// Whether a request that names `host`, as the header of that name does, goes there. Some proxies leave the port out.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let Ok(authority) = host.trim().parse::<axum::http::uri::Authority>() else { return false };
        let same_port = authority.port_u16().is_none_or(|port| port == self.port);
        authority.host().eq_ignore_ascii_case(&self.host) && same_port
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::PublicUrl;

    #[test]
    fn an_address_is_an_origin_and_a_path() {
        for (text, shown, base) in [
            ("https://train.example", "https://train.example", "/"),
            ("https://Train.example:443/", "https://train.example", "/"),
            ("http://train.example:8080/yard/one/", "http://train.example:8080/yard/one", "/yard/one/"),
            ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]/x", "/x/"),
        ] {
            let url: PublicUrl = text.parse().expect(text);
            assert_eq!((url.to_string(), url.base()), (shown.to_owned(), base.to_owned()));
        }
        for bad in [
            "",
            "train.example",
            "/yard",
            "ftp://train.example",
            "https://",
            "https://u:p@train.example",
            "https://train.example/?x=1",
            "https://train.example/#x",
            "https://train.example//yard",
            "https://train.example/a\"b",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn its_path_is_taken_away_where_it_stands() {
        let below = |url: &str, asked: &str| {
            let url: PublicUrl = url.parse().expect("an address");
            url.below(&asked.parse::<Uri>().expect("a path")).map(|uri| uri.to_string())
        };
        let yard = "https://train.example/yard";
        assert_eq!(below(yard, "/yard/v1/jobs?limit=3").as_deref(), Some("/v1/jobs?limit=3"));
        assert_eq!(below(yard, "/yard").as_deref(), Some("/"));
        assert_eq!(below(yard, "/yard?x=1").as_deref(), Some("/?x=1"));
        assert_eq!(below(yard, "/yard/").as_deref(), Some("/"));
        for other in ["/", "/v1/jobs", "/yardstick", "/x/yard/v1"] {
            assert_eq!(below(yard, other), None, "{other}");
        }
        assert_eq!(below("https://train.example", "/v1/jobs"), None);
    }
}
