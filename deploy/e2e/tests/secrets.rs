//! Secrets lie in the files that are made for them, which only their owner reads, and nowhere else: not in an event, a
//! log, an answer, a command line, the data of a server or what `config` prints.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use trainyard_e2e::{Platform, binary, few_digits};

const MINUTES: Duration = Duration::from_secs(240);
/// Below the data folder: what is made to hold secrets.
const HOMES: [&str; 5] = ["credentials.json", "ready.json", "token", "nats/nats.conf", "objects/keys.json"];
const LLM_KEY: &str = "sk-planted-language-model-key";

/// A language model that says no, and says the key again as some do.
async fn indiscreet_model() -> Result<(String, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (url, asked) = (format!("http://{}/v1", listener.local_addr()?), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let length = stream.read(&mut request).await.unwrap_or(0);
            if String::from_utf8_lossy(&request[..length]).contains(LLM_KEY) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let body = json!({ "error": { "message": format!("Incorrect API key provided: {LLM_KEY}") } });
            let body = body.to_string();
            let head = format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    Ok((url, asked))
}

/// Every secret of the platform, by what it is.
fn secrets(data: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::from([("llm key".to_owned(), LLM_KEY.to_owned())]);
    let credentials: Value = serde_json::from_slice(&std::fs::read(data.join("credentials.json"))?)?;
    for (name, value) in credentials.as_object().context("an object")? {
        match value {
            // Names that are no secrets.
            Value::String(_) if name.ends_with("user") || name.ends_with("access_key") => {}
            Value::String(secret) => drop(found.insert(name.clone(), secret.clone())),
            users => {
                for (user, password) in users.as_object().context("users")? {
                    found.insert(format!("nats {user}"), password.as_str().context("a password")?.to_owned());
                }
            }
        }
    }
    found.insert("token".to_owned(), std::fs::read_to_string(data.join("token"))?);
    ensure!(found.len() >= 9 && found.values().all(|secret| secret.len() >= 16), "{:?}", found.keys());
    Ok(found)
}

/// Fails with the name of what was found, and never with the secret itself.
fn holds_none(secrets: &BTreeMap<String, String>, place: &str, bytes: &[u8]) -> Result<()> {
    for (name, secret) in secrets {
        ensure!(!holds(bytes, secret), "the {name} stands in {place}");
    }
    Ok(())
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// The files below `folder` that hold any of the secrets.
async fn holders(folder: &Path, secrets: &BTreeMap<String, String>) -> Result<Vec<PathBuf>> {
    let mut grep = Command::new("grep")
        .args(["-rlaF", "-f", "-"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let patterns: Vec<&str> = secrets.values().map(String::as_str).collect();
    grep.stdin.take().context("standard input")?.write_all(patterns.join("\n").as_bytes()).await?;
    let output = grep.wait_with_output().await?;
    ensure!(matches!(output.status.code(), Some(0 | 1)), "grep: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.lines().map(PathBuf::from).collect())
}

/// A short road with everything on it that may say too much; returns every answer.
async fn road(platform: &Platform) -> Result<Vec<String>> {
    let mut answers = Vec::new();
    let mut ask = async |method: Method, path: &str, body: Option<Value>| -> Result<Value> {
        let (_, answer) = platform.ask(method, path, body).await?;
        answers.push(answer.to_string());
        Ok(answer)
    };
    let chat = ask(Method::POST, "/v1/chats", Some(json!({}))).await?["id"].clone();
    let path = format!("/v1/chats/{}/messages", chat.as_str().context("a chat")?);
    ask(Method::POST, &path, Some(json!({ "text": "frobnicate my blorps with 42 zorks, would you" })))
        .await?;
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 16, "batch_size": 16, "device": "cpu",
    });
    let job = ask(Method::POST, "/v1/jobs", Some(body)).await?["job"]["id"].clone();
    let job = job.as_str().context("a job")?.to_owned();
    let ended = platform
        .job_until(&job, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    ensure!(ended["status"] == "finished", "{ended}");
    for (method, path, body) in [
        (Method::GET, "/v1/jobs/nothing".to_owned(), None),
        (Method::POST, "/v1/jobs".to_owned(), Some(json!({ "model": 7 }))),
        (Method::POST, format!("/v1/jobs/{job}/cancel"), Some(json!({}))),
    ] {
        let answer = ask(method, &path, body).await?;
        ensure!(answer["error"].is_object(), "{answer}");
    }
    Ok(answers)
}

/// Whatever has been written below the data folder while a job ran is for its owner alone.
fn nobody_else_reads(path: &Path) -> Result<()> {
    // What is being written may be gone by now.
    let Ok(about) = path.symlink_metadata() else { return Ok(()) };
    let mode = about.permissions().mode() & 0o777;
    let is_closed = mode & 0o077 == 0 || about.is_symlink();
    ensure!(is_closed, "{} may be read by others: {mode:o}", path.display());
    if about.is_dir() {
        for entry in std::fs::read_dir(path)?.flatten() {
            nobody_else_reads(&entry.path())?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn secrets_stay_in_their_files() -> Result<()> {
    let (llm, asked) = indiscreet_model().await?;
    let environment = [
        ("TRAINYARD_LLM_URL", &*llm),
        ("TRAINYARD_LLM_MODEL", "planted"),
        ("TRAINYARD_LLM_KEY", LLM_KEY),
        ("TRAINYARD_LOG", "info,trainyard=debug,async_nats=debug,sqlx=debug,reqwest=debug,tower_http=debug"),
    ];
    let mut platform = Platform::start_with(&environment).await?;
    few_digits(&platform.folder().join("digits"), &["0", "1"], 20)?;
    let data = platform.folder().join(".trainyard");
    let mut secrets = secrets(&data)?;
    let (_, made, _) = platform.trainyard(&["token", "create", "second", "--json"]).await?;
    let made: Value = serde_json::from_str(&made)?;
    secrets.insert("second token".to_owned(), made["token"].as_str().context("a token")?.to_owned());

    for answer in road(&platform).await? {
        holds_none(&secrets, "an answer", answer.as_bytes())?;
    }
    ensure!(asked.load(Ordering::SeqCst) > 0, "the language model was not asked");
    let events = platform.events().await?;
    ensure!(events.len() > 10, "there are events to look at");
    for event in &events {
        holds_none(&secrets, &format!("event {}", event["sequence"]), event.to_string().as_bytes())?;
    }
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        holds_none(&secrets, "a command line", &line)?;
    }
    nobody_else_reads(&data)?;
    platform.stop().await?;

    for log in ["nats", "postgres", "s3", "trainyard"] {
        ensure!(data.join(format!("logs/{log}.log")).metadata()?.len() > 0, "the log of {log} is empty");
    }
    let found = holders(platform.folder(), &secrets).await?;
    for path in &found {
        let below = path.strip_prefix(&data).unwrap_or(path);
        let is_home = HOMES.iter().any(|home| below == Path::new(home)) || path.ends_with("ready.json");
        ensure!(is_home, "a secret stands in {}", path.display());
        let mode = path.metadata()?.permissions().mode() & 0o777;
        ensure!(mode == 0o600, "{} may be read by others: {mode:o}", path.display());
    }
    ensure!(found.len() >= 4, "secrets are found where they are: {found:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_printed_of_settings_holds_no_secret() -> Result<()> {
    let planted = "planted-and-not-to-be-seen";
    let url = |scheme: &str, host: &str| format!("{scheme}://user:{planted}@{host}");
    // The second of each pair cannot be understood, so that something is said about it.
    let tables = [("127.0.0.1:1", "config"), ("127.0.0.1:port", "config"), ("[::bad", "bootstrap")];
    for (host, command) in tables {
        let output = Command::new(binary("trainyard")?)
            .arg(command)
            .env("TRAINYARD_NATS_URL", url("nats", host))
            .env("TRAINYARD_DATABASE_URL", url("postgres", host))
            .env("TRAINYARD_S3_ENDPOINT", url("http", host))
            .env("TRAINYARD_S3_ACCESS_KEY", "key")
            .env("TRAINYARD_S3_SECRET_KEY", planted)
            .env("TRAINYARD_LLM_URL", url("http", host))
            .env("TRAINYARD_LLM_MODEL", "model")
            .env("TRAINYARD_LLM_KEY", planted)
            .output()
            .await?;
        let said = [output.stdout, output.stderr].concat();
        ensure!(!said.is_empty(), "{command} says nothing");
        ensure!(!holds(&said, planted), "{command} with {host}: {}", String::from_utf8_lossy(&said));
    }
    Ok(())
}
