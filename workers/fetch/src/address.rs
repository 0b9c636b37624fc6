//! What may be asked: public addresses, and hosts that the operator has named.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use trainyard_events::TenantId;
use url::Url;

use crate::allowed::Allowed;

/// Hosts that the operator has chosen: they may be anywhere. `host` for all of its ports, or `host:port`.
#[derive(Clone, Debug, Default)]
pub struct Trusted(pub Vec<String>);

impl Trusted {
    /// Those of a tenant.
    pub fn of(hosts: &[Allowed], tenant: &TenantId) -> Trusted {
        Trusted(hosts.iter().filter(|host| host.is_for(tenant)).map(|host| host.what.clone()).collect())
    }

    /// Whether anybody may have this address asked.
    pub fn allows(&self, url: &Url) -> bool {
        // A trusted name may lead inside a network, so that no port is open there but those that are trusted.
        self.has(url) || is_open(url) && !url.host_str().is_some_and(|host| self.has_host(host))
    }

    pub fn has(&self, url: &Url) -> bool {
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
fn is_open(url: &Url) -> bool {
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']));
    url.scheme() == "https"
        && url.username().is_empty()
        && host.is_some_and(|host| host.parse().map_or(true, is_public))
}

/// Whether anybody in the world may be meant, by the registries of IANA of addresses for special purposes. What carries an
/// IPv4 address within it leads where that leads.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => inner_v4(ip).map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let inside = match ip.octets() {
        // "This" network, what carriers share, protocols, relays of 6to4, benchmarks, and the reserved rest with the broadcast.
        [0, ..]
        | [100, 64..128, ..]
        | [192, 0, 0, _]
        | [192, 88, 99, _]
        | [198, 18..20, ..]
        | [240..=255, ..] => true,
        _ => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast(),
    };
    !(inside || ip.is_documentation())
}

/// Global unicast is `2000::/3`; of that, without Teredo and others of `2001::/23`, and what stands in books.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let is_special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first & 0xfff0 == 0x3ff0;
    first & 0xe000 == 0x2000 && !is_special
}

/// Mapped and compatible ones, the well-known prefix of NAT64 and 6to4.
fn inner_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
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
        let one_port = Trusted(vec!["files.lan:8080".to_owned()]);
        let allows = |url: &str| one_port.allows(&Url::parse(url).expect("a url"));
        assert!(
            allows("https://files.lan:8080/a") && !allows("https://files.lan/a"),
            "its name leads anywhere"
        );
        assert!(trusted.has_host("files.lan") && trusted.has_host("127.0.0.1"));
        assert!(!trusted.has_host("files") && !trusted.has_host("127.0.0.1:8"));
    }

    #[test]
    fn nobody_is_led_inside_a_network_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "017700000001",
            "127.1",
            "0",
            "0.0.0.0",
            "10.0.0.8",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::7f00:1]",
            "[64:ff9b::10.0.0.8]",
            "[64:ff9b:1::1]",
            "[2002:a00:8::]",
            "[2001::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "user@example.com",
        ] {
            let url = Url::parse(&format!("https://{host}/a")).expect(host);
            assert!(!Trusted::default().allows(&url), "{url}");
        }
        for host in ["example.com", "1.1.1.1", "[2606:4700::1111]", "[64:ff9b::1.1.1.1]", "예제.한국"] {
            let url = Url::parse(&format!("https://{host}/a")).expect(host);
            assert!(Trusted::default().allows(&url), "{url}");
        }
        assert!(
            !Trusted::default().allows(&Url::parse("http://example.com/").expect("a url")),
            "in the clear"
        );
    }
}
