//! Where hooks may lead: public addresses over HTTPS, and hosts that the operator has named.

use std::net::IpAddr;

use lettre::Address;
use trainyard_events::TenantId;
use trainyard_events::hook::Form;
use trainyard_events::limits::HOOK_ADDRESS_CHARS;
use trainyard_events::reason::Rejection;
use trainyard_fetch::is_public;
use url::{Host, Url};

/// Receivers of one letter.
const MAIL_RECEIVERS: usize = 8;

/// Where a hook leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Web(Url),
    Mail(Vec<Address>),
}

/// Hosts that may be anywhere, also at `http://`: each of its own ports or of one, and for all tenants or for one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trusted(Vec<(Option<TenantId>, String)>);

/// What is wrong with a setting.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no host: write HOST, HOST:PORT or TENANT=HOST, with commas between")]
pub struct NoHost(String);

impl Target {
    /// Reads an address that somebody gives for a hook of this form.
    ///
    /// # Errors
    /// `BadHookAddress` when it is none, says a password, or by its own word leads inside somebody's network.
    pub fn read(
        form: Form,
        address: &str,
        tenant: &TenantId,
        trusted: &Trusted,
    ) -> Result<Target, Rejection> {
        let is_long = address.chars().count() > HOOK_ADDRESS_CHARS;
        if is_long || address.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
            return Err(Rejection::BadHookAddress);
        }
        let bad = |_| Rejection::BadHookAddress;
        if form == Form::Mail {
            let receivers: Vec<Address> = address
                .split(',')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|_| Rejection::BadHookAddress)?;
            let fits = (1..=MAIL_RECEIVERS).contains(&receivers.len());
            return fits.then_some(Target::Mail(receivers)).ok_or(Rejection::BadHookAddress);
        }
        let url = Url::parse(address).map_err(bad)?;
        trusted.may_be_asked(tenant, &url).then_some(Target::Web(url)).ok_or(Rejection::BadHookAddress)
    }

    /// What is shown of an address that was taken once, whatever may be asked now.
    pub fn shown_of(form: Form, address: &str) -> Option<String> {
        match form {
            Form::Mail => Some(address.to_owned()),
            _ => Some(Target::Web(Url::parse(address).ok()?).shown()),
        }
    }

    /// As it may be shown: the rest of an address is often what opens it.
    pub fn shown(&self) -> String {
        match self {
            Target::Web(url) => format!("{}/…", url.origin().ascii_serialization()),
            Target::Mail(receivers) => {
                receivers.iter().map(Address::to_string).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

impl Trusted {
    pub fn read(text: &str) -> Result<Trusted, NoHost> {
        let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty());
        hosts.map(trusted_host).collect::<Result<_, _>>().map(Trusted)
    }

    /// Whether this may be asked at all; what its name leads to is looked at later, by [`Trusted::may_connect`].
    pub(crate) fn may_be_asked(&self, tenant: &TenantId, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        match url.host() {
            None => false,
            Some(_) if self.has(tenant, url) => matches!(url.scheme(), "http" | "https"),
            Some(Host::Domain(_)) => url.scheme() == "https",
            Some(Host::Ipv4(ip)) => url.scheme() == "https" && is_public(ip.into()),
            Some(Host::Ipv6(ip)) => url.scheme() == "https" && is_public(ip.into()),
        }
    }

    /// Whether what is at this address may be connected to for `url`.
    pub(crate) fn may_connect(&self, tenant: &TenantId, url: &Url, ip: IpAddr) -> bool {
        self.has(tenant, url) || is_public(ip)
    }

    fn has(&self, tenant: &TenantId, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        self.0.iter().any(|(of, trusted)| {
            of.as_ref().is_none_or(|of| of == tenant) && (trusted == host || *trusted == with_port)
        })
    }
}

fn trusted_host(text: &str) -> Result<(Option<TenantId>, String), NoHost> {
    let bad = || NoHost(text.to_owned());
    let (tenant, host) = match text.split_once('=') {
        Some((tenant, host)) => (Some(tenant.parse().map_err(|_| bad())?), host),
        None => (None, text),
    };
    let url = Url::parse(&format!("http://{host}/")).map_err(|_| bad())?;
    let is_host_alone = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let is_same = url.host_str().is_some_and(|read| host.starts_with(read));
    (is_host_alone && is_same).then(|| (tenant, host.to_owned())).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn acme() -> TenantId {
        "acme".parse().expect("a tenant")
    }

    fn is_taken(address: &str, trusted: &str) -> bool {
        let trusted = Trusted::read(trusted).expect("hosts");
        Target::read(Form::Json, address, &acme(), &trusted).is_ok()
    }

    #[test]
    fn addresses_that_lead_inside_are_refused_however_they_are_written() {
        for hostile in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://3232235777/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0xA9FEA9FE/",
            "https://100.64.0.1/",
            "https://100.127.255.255/",
            "https://192.0.0.8/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://239.255.255.250/",
            "https://240.0.0.1/",
            "https://255.255.255.255/",
            "https://①②⑦.⓪.⓪.①/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[64:ff9b:1::1]/",
            "https://[2002:7f00:1::]/",
            "https://[2002:c0a8:101::1]/",
            "https://[2001::1]/",
            "https://[2001:db8::1]/",
            "https://[fc00::1]/",
            "https://[fd12:3456::1]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[ff02::1]/",
            "https://[100::1]/",
        ] {
            assert!(!is_taken(hostile, ""), "{hostile}");
        }
    }

    #[test]
    fn only_https_without_a_password_is_taken() {
        for good in [
            "https://hooks.slack.com/services/T0/B0/x",
            "https://8.8.8.8/",
            "https://100.63.255.255/",
            "https://172.32.0.1/",
            "https://[2606:4700::1111]:8443/a?b=c",
            "https://[64:ff9b::8.8.8.8]/",
            "https://예시.한국/",
        ] {
            assert!(is_taken(good, ""), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(HOOK_ADDRESS_CHARS));
        for bad in [
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "https://user@example.com/",
            "https://user:password@example.com/",
            "https://:password@example.com/",
            "https://",
            "https://exa mple.com/",
            "https://example.com/\r\nx: y",
            "example.com",
            "",
            &long,
        ] {
            assert!(!is_taken(bad, ""), "{bad}");
        }
    }

    #[test]
    fn what_the_operator_names_may_be_inside_and_nothing_beside_it() {
        let trusted = "127.0.0.1:8080, hooks.lan,rival=private.lan";
        for good in ["http://127.0.0.1:8080/a", "http://hooks.lan/", "https://hooks.lan:8443/"] {
            assert!(is_taken(good, trusted), "{good}");
        }
        for bad in [
            "http://127.0.0.1/",
            "http://127.0.0.1:8081/",
            "http://hooks.lan.evil.example/",
            "http://private.lan/",
            "http://user@hooks.lan/",
            "ftp://hooks.lan/",
        ] {
            assert!(!is_taken(bad, trusted), "{bad}");
        }
        let trusted = Trusted::read(trusted).expect("hosts");
        let url = |text: &str| Url::parse(text).expect("a url");
        let inside: IpAddr = Ipv4Addr::LOCALHOST.into();
        assert!(trusted.may_connect(&acme(), &url("https://hooks.lan/"), inside));
        assert!(!trusted.may_connect(&acme(), &url("https://rebound.example/"), inside));
        assert!(!trusted.may_connect(&acme(), &url("https://private.lan/"), inside));
        let rival: TenantId = "rival".parse().expect("a tenant");
        assert!(trusted.may_connect(&rival, &url("https://private.lan/"), inside));
        for bad in ["http://a/", "a/b", "UPPER=x", "a b", "user@a", "=a"] {
            assert!(Trusted::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_letter_goes_to_a_few_plain_addresses() {
        let read = |address: &str| Target::read(Form::Mail, address, &acme(), &Trusted::default());
        assert_eq!(read("team@firma.kr").expect("one").shown(), "team@firma.kr");
        assert_eq!(read("a@firma.kr,b@firma.kr").expect("two").shown(), "a@firma.kr, b@firma.kr");
        let many = ["a@firma.kr"; MAIL_RECEIVERS + 1].join(",");
        for bad in
            ["", "team", "team@", "a@b.kr\r\nBcc: c@d.kr", "a@b.kr,,c@d.kr", "https://a.example/", &many]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn of_an_address_only_its_host_is_shown() {
        let read = Target::read(
            Form::Slack,
            "https://hooks.slack.com/services/T0/B0/secret?key=secret",
            &acme(),
            &Trusted::default(),
        );
        assert_eq!(read.expect("an address").shown(), "https://hooks.slack.com/…");
    }
}
