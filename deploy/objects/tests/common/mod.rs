//! A store as a process, and a client that signs.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use tempfile::TempDir;

pub const BUCKET: &str = "bucket";
pub const SECRET: &str = "a-secret-of-some-length";

pub struct Server {
    pub folder: TempDir,
    pub port: u16,
    process: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn keys() -> String {
    format!(r#"{{"access_key": "us", "secret_key": "{SECRET}"}}"#)
}

impl Server {
    pub async fn start() -> Server {
        let folder = TempDir::with_prefix("trainyard-objects-").unwrap();
        std::fs::write(folder.path().join("keys.json"), keys()).unwrap();
        let mut server = Server { folder, port: free_port(), process: None };
        server.launch().await;
        server.client().create_bucket().bucket(BUCKET).send().await.unwrap();
        server
    }

    pub async fn launch(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainyard-objects"));
        command.args(["store", &format!("127.0.0.1:{}", self.port)]).current_dir(self.folder.path());
        self.process = Some(command.stderr(Stdio::null()).spawn().unwrap());
        listens(self.port).await;
    }

    /// As a crash would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub fn client(&self) -> Client {
        client(self.port, SECRET)
    }

    pub fn fresh(&self) -> usize {
        std::fs::read_dir(self.folder.path().join(".new")).unwrap().count()
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub async fn listens(port: u16) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn client(port: u16, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("us", secret, None, None, "test"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

pub async fn put(client: &Client, key: &str, content: &[u8]) -> String {
    let put = client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(content.to_vec()));
    put.send().await.unwrap().e_tag.unwrap()
}

pub async fn get(client: &Client, key: &str) -> Option<Vec<u8>> {
    let got = client.get_object().bucket(BUCKET).key(key).send().await.ok()?;
    Some(got.body.collect().await.unwrap().to_vec())
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(outcome: Result<T, SdkError<E>>) -> String {
    let error = outcome.expect_err("it is refused");
    let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
    error.code().map_or_else(|| status.to_string(), str::to_owned)
}
