//! A client of the gateway: finds it, carries the token, and turns refusals into one line.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trainyard_api::predict::PredictAnswer;
use uuid::Uuid;

use super::way_on::way_on;
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Settings;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Which platform to talk to.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// The platform to talk to [default: the one that runs in this folder].
    #[arg(long, global = true, env = "TRAINYARD_URL", help_heading = "Client")]
    url: Option<String>,
    /// The token to show [default: that of the platform in this folder].
    #[arg(long, global = true, env = "TRAINYARD_TOKEN", hide_env_values = true, help_heading = "Client")]
    token: Option<String>,
}

impl Server {
    /// What was said, or else what the platform in this folder wrote down when it began to serve.
    pub(crate) fn client(self, settings: &Settings) -> Result<Client> {
        if let (Some(url), Some(token)) = (&self.url, &self.token) {
            return Client::new(url, token);
        }
        let ready = Ready::read(&settings.data().join(READY_FILE))
            .context("no platform is known here: start one with `trainyard up`, or say --url and --token")?;
        Client::new(&self.url.unwrap_or(ready.http), &self.token.unwrap_or(ready.token))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Without a slash at the end.
    pub url: String,
    pub token: String,
}

impl Client {
    pub(crate) fn new(url: &str, token: &str) -> Result<Client> {
        let http =
            reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build().context("no HTTP client")?;
        Ok(Client { http, url: url.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>> {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::GET, path).query(query)).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>> {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// The content of an artifact, which is JSON, once the views know of the event at `sequence` that named it.
    pub(crate) async fn artifact(&self, job: Uuid, role: &str, sequence: u64) -> Result<Value> {
        let path = format!("/v1/jobs/{job}/artifacts/{role}?wait_for={sequence}");
        Ok(self.get::<Value>(&path).await?.json)
    }

    /// Uploads one image as anybody's HTTP client would.
    pub(crate) async fn predict(&self, job: &str, image: &Path) -> Result<Answer<PredictAnswer>> {
        let bytes =
            tokio::fs::read(image).await.with_context(|| format!("{} cannot be read", image.display()))?;
        let name = image.file_name().map(PathBuf::from).unwrap_or_default().display().to_string();
        let form = reqwest::multipart::Form::new()
            .part("image", reqwest::multipart::Part::bytes(bytes).file_name(name));
        self.send(self.request(Method::POST, &format!("/inference/{job}/predict")).multipart(form))
            .await
            .with_context(|| image.display().to_string())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Answer<T>> {
        let response = request
            .send()
            .await
            .map_err(|error| anyhow!("{} does not answer ({}): is it up?", self.url, root(&error)))?;
        let json = answer(response, &self.url).await?;
        let said =
            T::deserialize(&json).with_context(|| format!("{} answers as another version does", self.url))?;
        Ok(Answer { json, said })
    }
}

/// An answer as what it is, and as it came, for machines.
pub(crate) struct Answer<T> {
    pub(crate) json: Value,
    said: T,
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.said
    }
}

/// A refusal, also with a code that only another version knows.
#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    message: String,
    next_step: String,
}

/// The innermost cause, which is the one that says something.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

async fn answer(response: Response, url: &str) -> Result<Value> {
    let status = response.status();
    let body = response.bytes().await.context("the answer broke off: try again")?;
    if status == StatusCode::NO_CONTENT || (status.is_success() && body.is_empty()) {
        return Ok(Value::Null);
    }
    let value: Value = serde_json::from_slice(&body).with_context(|| {
        format!("the answer ({status}) is not JSON: is that address a Trainyard gateway?")
    })?;
    if status.is_success() {
        return Ok(value);
    }
    match serde_json::from_value(value) {
        Ok(Refusal { error: Refused { code, message, next_step } }) => {
            bail!("{message} ({})", way_on(&code, &next_step, url))
        }
        Err(_) => bail!("the gateway answered {status}"),
    }
}
