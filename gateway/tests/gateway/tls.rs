//! A gateway that speaks TLS itself: it shows its certificate and the one that takes its place, hangs up on who begins no
//! handshake in time, and leads what comes in the clear to https.

use std::path::Path;
use std::time::Instant;

use rcgen::{CertificateParams, KeyPair};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use trainyard_events::tenant::Role;
use trainyard_fetch::{client, client_trusting, tls_trusting};
use trainyard_gateway::{GatewayConfig, GatewayError, TlsError, TlsFiles, bind};

use crate::house::{DEADLINE, House};

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { certificate: folder.join("gateway.pem"), key: folder.join("gateway.key") }
}

/// A certificate that vouches for itself.
fn write_certificate(files: &TlsFiles) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("a certificate");
    std::fs::write(&files.certificate, certificate.pem()).expect("a file");
    std::fs::write(&files.key, key.serialize_pem()).expect("a file");
}

async fn house(files: &TlsFiles, public_url: Option<&str>) -> House {
    House::with(|config| {
        config.tls = Some(files.clone());
        config.public_url = public_url.map(|url| url.parse().expect("an address"));
    })
    .await
}

fn safe(house: &House, path: &str) -> String {
    format!("https://{}{path}", house.address)
}

#[tokio::test]
async fn what_is_asked_by_https_is_answered_to_who_believes_the_certificate() {
    let folder = TempDir::new().expect("a folder");
    let files = files(folder.path());
    write_certificate(&files);
    let house = house(&files, Some("https://train.example")).await;
    let token = house.token("acme", Role::Viewer).await;
    let trusting =
        client_trusting(tls_trusting(&files.certificate).expect("an authority")).build().expect("a client");
    let answer = trusting.get(safe(&house, "/v1/jobs")).bearer_auth(&token).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let doubting = client().build().expect("a client");
    let refused = doubting.get(safe(&house, "/healthz")).send().await.expect_err("a stranger's certificate");
    assert!(refused.is_connect(), "{refused:?}");
}

#[tokio::test]
async fn what_comes_in_the_clear_is_led_to_https_unless_it_may_hold_a_secret() {
    let folder = TempDir::new().expect("a folder");
    let files = files(folder.path());
    write_certificate(&files);
    let house = house(&files, None).await;
    let clear = client().redirect(Policy::none()).build().expect("a client");
    let led = clear.get(house.url("/jobs/7?tab=logs")).send().await.expect("an answer");
    assert_eq!(led.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(led.headers()["location"], safe(&house, "/jobs/7?tab=logs"));
    let token = house.token("acme", Role::Viewer).await;
    let told = clear.get(house.url("/v1/jobs")).bearer_auth(&token).header("accept-language", "ko");
    let said = clear.request(Method::POST, house.url("/v1/jobs")).body("{}");
    for (asked, language) in [(told, "ko"), (said, "en")] {
        let refused = asked.send().await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(refused.headers()["content-language"], language);
        let body: Value = refused.json().await.expect("JSON");
        assert_eq!(body["error"]["code"], "bad_request", "{body}");
        assert!(body["error"]["next_step"].as_str().expect("a next step").contains("https://"), "{body}");
    }
}

#[tokio::test]
async fn who_begins_no_handshake_is_hung_up_on() {
    let folder = TempDir::new().expect("a folder");
    let files = files(folder.path());
    write_certificate(&files);
    let house = house(&files, None).await;
    let begun = Instant::now();
    let mut silent = TcpStream::connect(house.address).await.expect("a connection");
    let mut begins = TcpStream::connect(house.address).await.expect("a connection");
    tokio::io::AsyncWriteExt::write_all(&mut begins, &[0x16, 3, 1]).await.expect("an open connection");
    for connection in [&mut silent, &mut begins] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(DEADLINE, connection.read_to_end(&mut answer)).await;
        ended.expect("it is hung up on").ok();
        assert!(begun.elapsed().as_secs() >= 5 && answer.is_empty(), "{:?} {answer:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_shown_is_named_before_the_gateway_serves() {
    let folder = TempDir::new().expect("a folder");
    let (ours, other) = (files(folder.path()), TempDir::new().expect("a folder"));
    let bound = async |tls: TlsFiles| {
        let config = GatewayConfig {
            tls: Some(tls),
            ..GatewayConfig::new("127.0.0.1:0".parse().expect("an address"))
        };
        match bind(config).await.expect_err("no certificate") {
            GatewayError::Tls(error) => error,
            other => panic!("{other}"),
        }
    };
    assert!(
        matches!(bound(ours.clone()).await, TlsError::Unreadable { path, .. } if path == ours.certificate)
    );
    write_certificate(&ours);
    let others = files(other.path());
    write_certificate(&others);
    let mixed = TlsFiles { key: others.key, ..ours.clone() };
    assert!(matches!(bound(mixed).await, TlsError::Unfit { .. }));
    let swapped = TlsFiles { certificate: ours.key.clone(), key: ours.certificate.clone() };
    assert!(matches!(bound(swapped).await, TlsError::NotPem { path, .. } if path == ours.key));
}
