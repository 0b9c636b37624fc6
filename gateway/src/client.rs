//! Who asks, as far as limits tell clients apart: by address, also behind proxies that are trusted to name it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use crate::error::ApiError;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Of an IPv6 address the bits that tell clients apart: whoever has one has all that begin alike.
const IPV6_BITS: u32 = 64;

/// An IPv4 address, or the network of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Client(match address.to_canonical() {
            IpAddr::V6(v6) => {
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - IPV6_BITS))))
            }
            v4 => v4,
        })
    }
}

impl Client {
    pub(crate) fn address(self) -> IpAddr {
        self.0
    }
}

/// Every request has it from the outermost layer on.
impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let client = parts.extensions.get::<Client>().copied();
        client.ok_or_else(|| ApiError::internal("a request has come past the layer that says whose it is"))
    }
}

/// The proxies that are believed when they say whom they ask for: none, unless they are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Of addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`. The error is the one that is neither.
    pub fn parse(names: &[String]) -> Result<Proxies, String> {
        let network = |name: &String| {
            let name = name.trim();
            let address = || name.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            name.parse::<IpNet>().or_else(|_| address()).map_err(|_| name.to_owned())
        };
        names.iter().map(network).collect::<Result<_, _>>().map(Proxies)
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who asks by the connection from `peer`. Each proxy names the one before it, so the list is believed from its end as
    /// far as trusted proxies have written it. A proxy knows one of the two headers and passes on what a client has put
    /// into the other: where they differ, neither is believed.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let named = |header: &HeaderName, node: fn(&str) -> Option<IpAddr>| {
            let lines = headers.get_all(header).iter().map(|line| line.to_str().unwrap_or_default());
            let list = lines.collect::<Vec<_>>().join(",");
            if list.is_empty() { None } else { Some(self.walk(peer, &list, node)) }
        };
        let both = (named(&X_FORWARDED_FOR, address), named(&header::FORWARDED, forwarded_for));
        let client = match both {
            (Some(one), Some(other)) if one != other => peer,
            (one, other) => one.or(other).unwrap_or(peer),
        };
        client.into()
    }

    fn walk(&self, peer: IpAddr, list: &str, node: fn(&str) -> Option<IpAddr>) -> IpAddr {
        let mut client = peer;
        for entry in list.rsplit(',') {
            match node(entry.trim()) {
                Some(before) if self.trusts(client) => client = before,
                _ => break,
            }
        }
        client
    }
}

/// With or without a port, and an IPv6 address in brackets where it has one.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse::<IpAddr>().or_else(|_| with_port()).ok()
}

/// Of an element such as `for="[2001:db8::1]:4711";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| address(value.trim_matches('"')))?
    })
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use super::{Client, Proxies};

    fn client(address: &str) -> Client {
        address.parse::<IpAddr>().expect("an address").into()
    }

    #[test]
    fn only_a_trusted_proxy_says_whom_it_asks_for() {
        let names = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(str::to_owned);
        let proxies = Proxies::parse(&names).expect("addresses and networks");
        let check = |peer: &str, headers: &[(&'static str, &str)], expected: &str| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().expect("a header"));
            }
            let peer = peer.parse().expect("an address");
            assert_eq!(proxies.client(peer, &map), client(expected), "{peer} {headers:?}");
        };
        let xff = "x-forwarded-for";
        check("192.0.2.1", &[(xff, "198.51.100.7")], "192.0.2.1");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &[(xff, "198.51.100.7")], "198.51.100.7");
        check("::ffff:127.0.0.1", &[(xff, "198.51.100.7:4711")], "198.51.100.7");
        // What a client has written stands before what the proxies wrote.
        check("127.0.0.1", &[(xff, "1.1.1.1, 198.51.100.7, 10.1.2.3")], "198.51.100.7");
        check("127.0.0.1", &[(xff, "1.1.1.1"), (xff, "198.51.100.7")], "198.51.100.7");
        check("127.0.0.1", &[(xff, "198.51.100.7, nonsense")], "127.0.0.1");
        check("127.0.0.1", &[(xff, "10.0.0.9")], "10.0.0.9");
        check("127.0.0.1", &[("forwarded", "For=\"[2001:db8::1]:47\";proto=https")], "2001:db8::2");
        check("127.0.0.1", &[("forwarded", "for=1.1.1.1, for=198.51.100.7;by=x")], "198.51.100.7");
        check("127.0.0.1", &[("forwarded", "for=_hidden")], "127.0.0.1");
        check("127.0.0.1", &[("forwarded", "for=1.1.1.1"), (xff, "198.51.100.7")], "127.0.0.1");
        check("127.0.0.1", &[("forwarded", "for=198.51.100.7"), (xff, "198.51.100.7")], "198.51.100.7");
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0"] {
            assert_eq!(Proxies::parse(&[bad.to_owned()]), Err(bad.to_owned()));
        }
    }

    #[test]
    fn clients_are_told_apart_as_far_as_they_cannot_choose() {
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
        assert_eq!(client("192.0.2.1"), client("::ffff:192.0.2.1"));
        assert_eq!(client("2001:db8:0:1::1"), client("2001:db8:0:1:ffff::2"));
        assert_ne!(client("2001:db8:0:1::1"), client("2001:db8:0:2::1"));
    }
}
