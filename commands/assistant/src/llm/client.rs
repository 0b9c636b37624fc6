//! One question to an OpenAI-compatible server: a streamed chat completion, bounded in time and in size.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{LlmConfig, LlmSetup, prompt};

/// Characters of a refusal or an error that are kept.
const QUOTED_CHARS: usize = 200;

/// Why a language model's answer is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("it did not begin to answer within {} ms", .0.as_millis())]
    Silent(Duration),
    #[error("it did not finish its answer within {} ms", .0.as_millis())]
    Slow(Duration),
    #[error("its quota is used up (429)")]
    Quota,
    #[error("it answers {0}")]
    Status(u16),
    #[error("it reports an error: {0}")]
    Server(String),
    #[error("it refuses: {0}")]
    Refused(String),
    #[error("its answer breaks off")]
    Cut,
    #[error("its answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("it does not speak the chat completion protocol: {0}")]
    Protocol(String),
    #[error("its answer is no patch: {0}")]
    NoPatch(String),
    #[error("nothing of its answer is in the words: {0}")]
    Ungrounded(String),
}

pub(super) struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoint: Uri,
    config: LlmConfig,
}

impl fmt::Debug for Client {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.config.model, self.endpoint)
    }
}

impl Client {
    pub(super) fn new(config: LlmConfig) -> Result<Client, LlmSetup> {
        let bad = |problem: String| LlmSetup::Url { url: config.url.clone(), problem };
        let base = config.url.trim_end_matches('/');
        let endpoint: Uri = format!("{base}/chat/completions").parse().map_err(|e| bad(format!("{e}")))?;
        if endpoint.scheme() != Some(&Scheme::HTTP) && endpoint.scheme() != Some(&Scheme::HTTPS) {
            return Err(bad("neither http nor https".to_owned()));
        }
        if config.model.trim().is_empty() {
            return Err(LlmSetup::NoModel);
        }
        let tls = tls(endpoint.scheme() == Some(&Scheme::HTTPS)).map_err(LlmSetup::Client)?;
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        // It follows no redirect, which could carry the key and the prompt elsewhere.
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Client { http, endpoint, config })
    }

    pub(super) fn model(&self) -> &str {
        &self.config.model
    }

    /// What was answered, as far as it came, and whether that is all of it.
    pub(super) async fn ask(&self, prompt: &str) -> (String, Result<(), Failure>) {
        let mut answer = String::new();
        let whole = self.config.limits.whole;
        let outcome = timeout(whole, self.stream(prompt, &mut answer)).await;
        (answer, outcome.unwrap_or(Err(Failure::Slow(whole))))
    }

    async fn stream(&self, prompt: &str, answer: &mut String) -> Result<(), Failure> {
        let limits = self.config.limits;
        let begun = timeout(limits.first_byte, self.begin(prompt)).await;
        let (response, first) = begun.unwrap_or(Err(Failure::Silent(limits.first_byte)))?;
        let json = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.contains("json")));
        let bytes = std::pin::pin!(bytes(response, first, limits.wire_bytes));
        if json {
            // A server that cannot stream answers at once.
            let whole: Vec<Bytes> = bytes.try_collect().await?;
            return self.take_in(&whole.concat(), answer)?.then_some(()).ok_or(Failure::Cut);
        }
        let mut events = bytes.eventsource();
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| match error {
                eventsource_stream::EventStreamError::Transport(failure) => failure,
                other => Failure::Protocol(other.to_string()),
            })?;
            if event.data == "[DONE]" || self.take_in(event.data.as_bytes(), answer)? {
                return Ok(());
            }
        }
        Err(Failure::Cut)
    }

    /// Sends the question and waits for the first bytes of an answer.
    async fn begin(&self, prompt: &str) -> Result<(Response<Incoming>, Bytes), Failure> {
        let body = json!({
            "model": self.config.model,
            "stream": true,
            "messages": [
                { "role": "system", "content": prompt::SYSTEM },
                { "role": "user", "content": prompt },
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": "patch", "strict": true, "schema": prompt::schema() },
            },
        });
        let mut request = Request::post(&self.endpoint)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json");
        if let Some(key) = &self.config.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        let unreachable = |error: &dyn std::error::Error| Failure::Unreachable(quoted(&cause(error)));
        let request =
            request.body(Full::new(Bytes::from(body.to_string()))).map_err(|error| unreachable(&error))?;
        let mut response = self.http.request(request).await.map_err(|error| unreachable(&error))?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::TOO_MANY_REQUESTS => return Err(Failure::Quota),
            status => return Err(Failure::Status(status.as_u16())),
        }
        let first = piece(&mut response).await.transpose()?.unwrap_or_default();
        Ok((response, first))
    }

    /// Adds a piece to the answer; true once the server says that it was the last.
    fn take_in(&self, piece: &[u8], answer: &mut String) -> Result<bool, Failure> {
        let chunk: Chunk =
            serde_json::from_slice(piece).map_err(|error| Failure::Protocol(error.to_string()))?;
        if let Some(error) = chunk.error {
            return Err(Failure::Server(quoted(&error.to_string())));
        }
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(false) };
        if let Some(refusal) = choice.delta.refusal.filter(|refusal| !refusal.is_empty()) {
            return Err(Failure::Refused(quoted(&refusal)));
        }
        answer.push_str(&choice.delta.content.unwrap_or_default());
        let most = self.config.limits.answer_bytes;
        if answer.len() > most {
            answer.truncate(answer.floor_char_boundary(most));
            return Err(Failure::TooLong(most));
        }
        match choice.finish_reason.as_deref() {
            None => Ok(false),
            Some("length") => Err(Failure::Cut),
            Some("content_filter") => Err(Failure::Refused("its content filter".to_owned())),
            Some(_) => Ok(true),
        }
    }
}

/// A piece of a stream, or the whole of an answer that is none.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(alias = "message", default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

/// Trusts the machine's root certificates, where there is any need to.
fn tls(needed: bool) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("this machine has no root certificates, which https needs".to_owned());
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The body, `first` before the rest, up to `most` bytes.
fn bytes(
    response: Response<Incoming>,
    first: Bytes,
    most: usize,
) -> impl Stream<Item = Result<Bytes, Failure>> {
    let rest =
        stream::unfold(response, |mut response| async move { Some((piece(&mut response).await?, response)) });
    let mut total = 0;
    stream::once(async { Ok(first) }).chain(rest).map(move |piece| {
        let piece = piece?;
        total += piece.len();
        if total > most { Err(Failure::TooLong(most)) } else { Ok(piece) }
    })
}

/// The next bytes of the body.
async fn piece(response: &mut Response<Incoming>) -> Option<Result<Bytes, Failure>> {
    loop {
        match response.body_mut().frame().await? {
            Ok(frame) => match frame.into_data() {
                Ok(data) => return Some(Ok(data)),
                // Trailers say nothing here.
                Err(_) => continue,
            },
            Err(_) => return Some(Err(Failure::Cut)),
        }
    }
}

/// An error with what caused it, the client's own words for it left out.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARS).collect()
}
