//! A platform that makes its own certificate: the command line believes it by itself, others by its authority's file, and it is
//! the same authority after a restart.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use trainyard_e2e::{Platform, binary, root};

/// How long NATS may take to be there.
const STARTS: Duration = Duration::from_secs(60);

async fn said(platform: &Platform, arguments: &[&str]) -> Result<String> {
    let (well, out, told) = platform.trainyard(arguments).await?;
    ensure!(well, "{arguments:?}: {out}{told}");
    Ok(out)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_by_https_and_the_authority_stays() -> Result<()> {
    let mut platform = Platform::start_with(&[("TRAINYARD_TLS_CERTIFICATE", "own")]).await?;
    ensure!(platform.url().starts_with("https://127.0.0.1:"), "{}", platform.url());
    let ca = platform.ready()["ca"].as_str().context("an authority")?.to_owned();
    let before = std::fs::read(&ca)?;
    let jobs: Value = serde_json::from_str(&said(&platform, &["--json", "jobs"]).await?)?;
    ensure!(jobs["jobs"] == Value::Array(Vec::new()), "{jobs}");
    // The websocket too.
    let mut follows = Command::new(binary("trainyard")?)
        .args(["events", "--after", "0"])
        .current_dir(platform.folder())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let first = BufReader::new(follows.stdout.take().context("its output")?).lines().next_line().await?;
    ensure!(first.is_some_and(|line| line.contains("tenant.created")), "it ends without a word");
    let (url, token) = (platform.url().to_owned(), platform.token().to_owned());
    let named = ["--url", &url, "--token", &token];
    let (well, _, told) = platform.trainyard(&[&named[..], &["jobs"]].concat()).await?;
    ensure!(
        !well && told.contains(&url),
        "who names an address believes this machine's authorities alone: {told}"
    );
    said(&platform, &[&named[..], &["--ca", &ca, "jobs"]].concat()).await?;
    platform.stop().await?;
    platform.start_again().await?;
    ensure!(std::fs::read(&ca)? == before, "the authority is another one after a restart");
    platform.get("/v1/jobs").await?;
    said(&platform, &["jobs"]).await?;
    Ok(())
}

/// NATS of somebody else's, which speaks TLS alone and whose authority this machine does not know.
#[tokio::test]
async fn servers_of_others_are_believed_by_the_authorities_of_the_environment() -> Result<()> {
    let folder = TempDir::with_prefix("trainyard-tls-")?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("nats.pem"), certificate.pem())?;
    std::fs::write(path("nats.key"), key.serialize_pem())?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let _nats = Command::new(root().join(".tools/bin/nats-server"))
        .args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "--tls", "-sd"])
        .arg(path("streams"))
        .arg("--tlscert")
        .arg(path("nats.pem"))
        .arg("--tlskey")
        .arg(path("nats.key"))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let bootstrap = async |authority: Option<PathBuf>| {
        let mut command = Command::new(binary("trainyard")?);
        command
            .args(["bootstrap", "--tenant", "acme", "--json"])
            .current_dir(folder.path())
            .env("LC_ALL", "C");
        command.env("TRAINYARD_NATS_URL", format!("tls://127.0.0.1:{port}"));
        command.envs([
            ("TRAINYARD_DATABASE_URL", "postgres://nobody@127.0.0.1/none"),
            ("TRAINYARD_S3_ENDPOINT", "https://127.0.0.1"),
        ]);
        command.envs([("TRAINYARD_S3_ACCESS_KEY", "none"), ("TRAINYARD_S3_SECRET_KEY", "none")]);
        command.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
        anyhow::Ok(command.output().await?)
    };
    let begun = Instant::now();
    let known = loop {
        let output = bootstrap(Some(path("nats.pem"))).await?;
        if output.status.success() || begun.elapsed() > STARTS {
            break output;
        }
    };
    let told = String::from_utf8_lossy(&known.stderr);
    ensure!(known.status.success() && String::from_utf8_lossy(&known.stdout).contains("ty_"), "{told}");
    let unknown = bootstrap(None).await?;
    let told = String::from_utf8_lossy(&unknown.stderr);
    ensure!(!unknown.status.success() && told.contains("certificate"), "it says why: {told}");
    Ok(())
}
