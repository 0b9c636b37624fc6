//! The certificate that a gateway shows where it speaks TLS itself: a given one, or one of the platform's own authority.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use trainyard_events::chat::Language;
use trainyard_gateway::{PublicUrl, TlsFiles};

use crate::language::{language, pick};
use crate::platform::bootstrap::write_secret;
use crate::platform::settings::{Resolved, Settings};

/// Said in place of a file: make one here.
const OWN: &str = "own";
/// Below the data folder.
const HOME: &str = "tls";
const AUTHORITY_YEARS: i64 = 10;
/// A gateway's is made anew whenever it starts.
const CERTIFICATE_YEARS: i64 = 2;
/// Clocks of clients may be behind.
const SKEW: Duration = Duration::days(1);

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TlsSettings {
    Own,
    Given { certificate: PathBuf, key: PathBuf },
}

/// What a gateway shows, and who vouches for it where that is this platform itself.
pub(crate) struct Certificate {
    pub(crate) files: TlsFiles,
    pub(crate) authority: Option<PathBuf>,
}

impl Settings {
    pub(super) fn tls(&self, language: Language) -> Result<Option<TlsSettings>> {
        let own = |path: &PathBuf| path.as_os_str() == OWN;
        match (&self.tls_certificate, &self.tls_key) {
            (None, None) => Ok(None),
            (Some(certificate), None) if own(certificate) => Ok(Some(TlsSettings::Own)),
            (Some(certificate), Some(key)) if !own(certificate) => {
                Ok(Some(TlsSettings::Given { certificate: certificate.clone(), key: key.clone() }))
            }
            _ => bail!(pick(
                language,
                "TRAINYARD_TLS_CERTIFICATE와 TRAINYARD_TLS_KEY는 함께 씁니다. 인증서를 여기에서 만들려면 \
                 TRAINYARD_TLS_CERTIFICATE=own만 설정하세요",
                "TRAINYARD_TLS_CERTIFICATE and TRAINYARD_TLS_KEY go together; to have a certificate made here, set \
                 TRAINYARD_TLS_CERTIFICATE=own alone",
            )),
        }
    }
}

impl Resolved {
    /// Where clients of this machine find the gateway that listens at `address`: by a name that its certificate has.
    pub(crate) fn http(&self, address: SocketAddr) -> String {
        match (&self.tls, &self.public_url) {
            (None, _) => format!("http://{address}"),
            (Some(TlsSettings::Given { .. }), Some(url)) => url.trim_end_matches('/').to_owned(),
            (Some(_), _) if address.ip().is_unspecified() => format!("https://localhost:{}", address.port()),
            (Some(_), _) => format!("https://{address}"),
        }
    }

    /// What the gateway is to show, if it speaks TLS; made now where it is our own.
    pub(crate) fn certificate(&self) -> Result<Option<Certificate>> {
        Ok(match &self.tls {
            None => None,
            Some(TlsSettings::Given { certificate, key }) => {
                let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
                Some(Certificate { files, authority: None })
            }
            Some(TlsSettings::Own) => {
                let public = self.public_url.as_deref().and_then(|url| url.parse::<PublicUrl>().ok());
                let names = names(self.listen, public.as_ref().map(PublicUrl::host));
                let home = std::path::absolute(self.data.join(HOME))?;
                Some(made(&home, names).with_context(|| {
                    let home = home.display();
                    pick(
                        language(),
                        format!("{home}에 인증서를 만들 수 없습니다"),
                        format!("no certificate can be made in {home}"),
                    )
                })?)
            }
        })
    }
}

/// By which clients may know the gateway: the machine's names and addresses, and that of the public address.
fn names(listen: SocketAddr, public: Option<&str>) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    names.extend(rustix::system::uname().nodename().to_str().ok().map(str::to_owned));
    if listen.ip().is_unspecified() {
        names.extend(outward());
    } else {
        names.push(listen.ip().to_string());
    }
    names.extend(public.map(str::to_owned));
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

/// The address that the machine has for others. Nothing is sent.
fn outward() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}

/// The authority in `home`, made the first time, signs a certificate with a key of its own.
fn made(home: &Path, names: Vec<String>) -> Result<Certificate> {
    std::fs::create_dir_all(home)?;
    let path = |name: &str| home.join(name);
    let now = trainyard_door::system_clock();
    let authority = path("ca.pem");
    if !authority.exists() {
        let key = KeyPair::generate()?;
        let certificate = authority_params(now).self_signed(&key)?;
        write_secret(&path("ca.key"), key.serialize_pem().as_bytes())?;
        write_secret(&authority, certificate.pem().as_bytes())?;
    }
    let issuer =
        Issuer::new(authority_params(now), KeyPair::from_pem(&std::fs::read_to_string(path("ca.key"))?)?);
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Trainyard gateway");
    params.not_before = now - SKEW;
    params.not_after = now + Duration::days(365 * CERTIFICATE_YEARS);
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let files = TlsFiles { certificate: path("gateway.pem"), key: path("gateway.key") };
    write_secret(&files.key, key.serialize_pem().as_bytes())?;
    write_secret(&files.certificate, certificate.pem().as_bytes())?;
    Ok(Certificate { files, authority: Some(authority) })
}

/// The same whenever it signs, but for the dates, which are in its own certificate alone.
fn authority_params(now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Trainyard");
    params.not_before = now - SKEW;
    params.not_after = now + Duration::days(365 * AUTHORITY_YEARS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}
