//! A platform as its users have it: the real binary in a folder of its own, spoken to over HTTP and the command line.

pub mod chain;
pub mod chaos;
pub mod collector;
pub mod servers;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use trainyard_fetch::{client_trusting, tls, tls_trusting};

/// How long a platform may take to serve on a busy machine.
const START_DEADLINE: Duration = Duration::from_secs(90);
const STOP_DEADLINE: Duration = Duration::from_secs(60);

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two below the root")
        .to_owned()
}

/// A binary of this build.
pub fn binary(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let path = test.ancestors().nth(2).context("a test binary lies in target/<profile>/deps")?.join(name);
    ensure!(path.exists(), "{} is not built: run the tests with `make test`", path.display());
    Ok(path)
}

/// The command line of the release before this one, as `deploy/tools/previous` has built it.
pub fn previous() -> Result<PathBuf> {
    let folder = root().join(".tools/previous");
    let kept = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let binary = kept.into_iter().find(|path| path.is_file() && path.extension().is_none());
    binary.with_context(|| format!("nothing is in {}: run the tests with `make test`", folder.display()))
}

/// `trainyard up` in a folder that is gone afterwards.
pub struct Platform {
    folder: TempDir,
    /// Of the release that runs.
    program: PathBuf,
    /// On top of ours.
    environment: Vec<(String, String)>,
    process: Child,
    ready: Value,
    http: reqwest::Client,
}

impl Platform {
    pub async fn start() -> Result<Platform> {
        Platform::start_with(&[]).await
    }

    pub async fn start_with(environment: &[(&str, &str)]) -> Result<Platform> {
        Platform::start_as(binary("trainyard")?, environment).await
    }

    /// Another release of it.
    pub async fn start_as(program: PathBuf, environment: &[(&str, &str)]) -> Result<Platform> {
        let folder = TempDir::with_prefix("trainyard-e2e-")?;
        let environment = environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let environment: Vec<_> = environment.collect();
        let (process, ready) = up(&program, folder.path(), &environment, START_DEADLINE).await?;
        let tls = ready["ca"].as_str().map_or_else(|| Ok(tls()), |ca| tls_trusting(Path::new(ca)))?;
        let http = client_trusting(tls).timeout(Duration::from_secs(60)).build()?;
        Ok(Platform { folder, program, environment, process, ready, http })
    }

    /// From its next start on.
    pub fn say(&mut self, name: &str, value: &str) {
        self.environment.retain(|(said, _)| said != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// What it says of itself while it serves.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// Where it runs; its data is below.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    pub fn token(&self) -> &str {
        self.ready["token"].as_str().unwrap_or_default()
    }

    pub fn url(&self) -> &str {
        self.ready["http"].as_str().unwrap_or_default()
    }

    /// kill -9, as a dying machine would.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.start_kill()?;
        self.process.wait().await?;
        Ok(())
    }

    /// Ctrl-C, and waits until it has ended well.
    pub async fn stop(&mut self) -> Result<()> {
        let pid = self.process.id().context("it has ended already")?;
        kill(Pid::from_raw(pid.try_into()?), Signal::SIGINT)?;
        let status =
            tokio::time::timeout(STOP_DEADLINE, self.process.wait()).await.context("it does not stop")??;
        ensure!(status.success(), "it stopped with {status}: {}", self.log());
        Ok(())
    }

    /// The same folder again.
    pub async fn start_again(&mut self) -> Result<()> {
        self.start_again_within(START_DEADLINE).await
    }

    /// The same, with so much to take in that it may take longer.
    pub async fn start_again_within(&mut self, patience: Duration) -> Result<()> {
        let (program, folder) = (&self.program, self.folder.path());
        (self.process, self.ready) = up(program, folder, &self.environment, patience).await?;
        Ok(())
    }

    /// The same folder again, by another release: an upgrade, or the way back.
    pub async fn start_again_as(&mut self, program: PathBuf) -> Result<()> {
        self.program = program;
        self.start_again().await
    }

    /// The end of its log, for messages.
    pub fn log(&self) -> String {
        let path = self.folder.path().join(".trainyard/logs/trainyard.log");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        let (status, body) = self.ask(Method::GET, path, None).await?;
        ensure!(status.is_success(), "GET {path}: {status} {body}");
        Ok(body)
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let (status, body) = self.ask(Method::POST, path, Some(body)).await?;
        ensure!(status.is_success(), "POST {path}: {status} {body}");
        Ok(body)
    }

    /// With whatever status it answers.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<(StatusCode, Value)> {
        self.ask_keyed(method, path, body, None).await
    }

    /// With an `Idempotency-Key`.
    pub async fn ask_keyed(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        key: Option<&str>,
    ) -> Result<(StatusCode, Value)> {
        let mut request =
            self.http.request(method, format!("{}{path}", self.url())).bearer_auth(self.token());
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await?;
        let (status, text) = (response.status(), response.text().await?);
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).with_context(|| text)? };
        Ok((status, body))
    }

    /// Uploads bytes to a model's endpoint.
    pub async fn predict(&self, job: &str, image: Vec<u8>) -> Result<(StatusCode, Value)> {
        let form = reqwest::multipart::Form::new()
            .part("image", reqwest::multipart::Part::bytes(image).file_name("image.png"));
        let url = format!("{}/inference/{job}/predict", self.url());
        let response = self.http.post(url).bearer_auth(self.token()).multipart(form).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// The command line in the platform's folder, in English: exit status, standard output, standard error.
    pub async fn trainyard(&self, arguments: &[&str]) -> Result<(bool, String, String)> {
        let output = Command::new(&self.program)
            .args(arguments)
            .env("LC_ALL", "C")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .await?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
    }

    /// Asks for a job's row until `wanted` says yes.
    pub async fn job_until(
        &self,
        job: &str,
        deadline: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let begun = Instant::now();
        loop {
            let (_, answer) = self.ask(Method::GET, &format!("/v1/jobs/{job}"), None).await?;
            if wanted(&answer["job"]) {
                return Ok(answer["job"].clone());
            }
            if begun.elapsed() > deadline {
                bail!("job {job} is not so after {deadline:?}: {answer}\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every event there is, oldest first.
    pub async fn events(&self) -> Result<Vec<Value>> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event["sequence"].as_u64().unwrap_or(0));
            let page = self.get(&format!("/v1/activity?after={after}&limit=200")).await?;
            let page = page["events"].as_array().cloned().unwrap_or_default();
            if page.is_empty() {
                return Ok(events);
            }
            events.extend(page);
        }
    }
}

async fn up(
    program: &Path,
    folder: &Path,
    environment: &[(String, String)],
    patience: Duration,
) -> Result<(Child, Value)> {
    let ready_file = folder.join("ready.json");
    if ready_file.exists() {
        std::fs::remove_file(&ready_file)?;
    }
    let errors = std::fs::File::create(folder.join("up.stderr"))?;
    let mut process = Command::new(program)
        .args(["up", "--listen", "127.0.0.1:0", "--worker-threads", "1", "--ready-file"])
        .arg(&ready_file)
        .arg("--tools")
        .arg(root().join(".tools"))
        .current_dir(folder)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .kill_on_drop(true)
        .spawn()?;
    let begun = Instant::now();
    loop {
        if let Ok(text) = std::fs::read(&ready_file) {
            return Ok((process, serde_json::from_slice(&text)?));
        }
        if let Some(status) = process.try_wait()? {
            bail!("it ended with {status}: {}", std::fs::read_to_string(folder.join("up.stderr"))?);
        }
        ensure!(begun.elapsed() < patience, "it does not serve after {patience:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Copies `count` digits of each of `classes` from the demo's data: a real dataset that trains in seconds.
pub fn few_digits(to: &Path, classes: &[&str], count: usize) -> Result<()> {
    for class in classes {
        let from = root().join(".tools/data/digits/train").join(class);
        let mut images =
            std::fs::read_dir(&from)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        images.sort();
        let folder = to.join(class);
        std::fs::create_dir_all(&folder)?;
        for image in images.iter().take(count) {
            std::fs::copy(image, folder.join(image.file_name().context("a file has a name")?))?;
        }
    }
    Ok(())
}

/// Copies the first tiles of each split of the demo's trees: a real dataset that trains in seconds.
pub fn few_trees(to: &Path, train: usize, validation: usize) -> Result<()> {
    let trees = root().join(".tools/data/trees");
    for (split, count) in [("train", train), ("val", validation)] {
        let (images, labels) = (to.join("images").join(split), to.join("labels").join(split));
        std::fs::create_dir_all(&images)?;
        std::fs::create_dir_all(&labels)?;
        let mut names = std::fs::read_dir(trees.join("labels").join(split))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        names.sort();
        for label in names.iter().take(count) {
            let name = label.file_stem().context("a label has a name")?.to_string_lossy().into_owned();
            std::fs::copy(label, labels.join(format!("{name}.txt")))?;
            let image = format!("{name}.png");
            std::fs::copy(trees.join("images").join(split).join(&image), images.join(&image))?;
        }
    }
    std::fs::copy(trees.join("data.yaml"), to.join("data.yaml"))?;
    Ok(())
}
