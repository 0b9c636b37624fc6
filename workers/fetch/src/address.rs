//! Where a file may be fetched from: public addresses, and hosts that the operator has named.

use std::net::IpAddr;

use url::Url;

/// A file that is fetched over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// As its user wrote it.
    pub(crate) source: String,
    pub(crate) url: Url,
    /// Only for the host of `url`.
    pub(crate) token: Option<String>,
    pub(crate) trusted: Trusted,
}

/// Hosts that the operator has chosen: they may be anywhere. `host` for all of its ports, or `host:port`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trusted(pub(crate) Vec<String>);

impl Trusted {
    pub(crate) fn has(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let port = url.port_or_known_default().unwrap_or_default();
        let is_meant = url.username().is_empty() && matches!(url.scheme(), "http" | "https");
        is_meant && self.0.iter().any(|trusted| trusted == host || *trusted == format!("{host}:{port}"))
    }

    /// Whether a name may lead anywhere; which port is asked was decided before.
    pub(crate) fn has_host(&self, name: &str) -> bool {
        let is_host = |trusted: &String| {
            trusted.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        self.0.iter().any(is_host)
    }
}

/// Whether an address is HTTPS and not by its own word inside a network; what its name resolves to is looked at later.
pub(crate) fn is_public(url: &Url) -> bool {
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']));
    url.scheme() == "https"
        && url.username().is_empty()
        && host.is_some_and(|host| host.parse().map_or(true, is_public_ip))
}

/// Whether anybody in the world may be meant.
pub(crate) fn is_public_ip(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || is_shared
                || first == 0)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unique_local()
                || ip.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ports_that_the_operator_named_are_trusted() {
        let trusted = Trusted(vec!["files.lan".to_owned(), "127.0.0.1:8080".to_owned()]);
        let has = |url: &str| trusted.has(&Url::parse(url).expect("a url"));
        assert!(
            has("http://files.lan/a.zip")
                && has("https://files.lan:8443/a")
                && has("http://127.0.0.1:8080/a")
        );
        for url in [
            "http://127.0.0.1/a",
            "http://127.0.0.1:80801/a",
            "http://files.lan.evil.example/a",
            "http://user@files.lan/a",
            "ftp://files.lan/a",
        ] {
            assert!(Url::parse(url).map_or(true, |url| !trusted.has(&url)), "{url}");
        }
        assert!(trusted.has_host("files.lan") && trusted.has_host("127.0.0.1"));
        assert!(!trusted.has_host("files") && !trusted.has_host("127.0.0.1:8"));
    }
}
