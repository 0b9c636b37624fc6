//! One question to an OpenAI-compatible server: a streamed chat completion, bounded in time and in size.

use std::fmt;
use std::time::Duration;

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt, stream};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, StatusCode, Url, redirect};
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
    http: reqwest::Client,
    endpoint: Url,
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
        let endpoint = Url::parse(&format!("{base}/chat/completions")).map_err(|e| bad(e.to_string()))?;
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(bad("neither http nor https".to_owned()));
        }
        if config.model.trim().is_empty() {
            return Err(LlmSetup::NoModel);
        }
        // The ring of everybody else in this process; an error only says that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect could carry the key and the prompt elsewhere.
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build();
        let http = http.map_err(|error| LlmSetup::Client(error.to_string()))?;
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
            let whole: Vec<Vec<u8>> =
                bytes.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
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
    async fn begin(&self, prompt: &str) -> Result<(Response, Vec<u8>), Failure> {
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
        let mut request = self.http.post(self.endpoint.clone()).json(&body);
        if let Some(key) = &self.config.key {
            request = request.bearer_auth(key);
        }
        let unreachable =
            |error: reqwest::Error| Failure::Unreachable(quoted(&error.without_url().to_string()));
        let mut response = request.send().await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::TOO_MANY_REQUESTS => return Err(Failure::Quota),
            status => return Err(Failure::Status(status.as_u16())),
        }
        let first = response.chunk().await.map_err(|_| Failure::Cut)?.unwrap_or_default();
        Ok((response, first.to_vec()))
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

/// The body, `first` before the rest, up to `most` bytes.
fn bytes(response: Response, first: Vec<u8>, most: usize) -> impl Stream<Item = Result<Vec<u8>, Failure>> {
    let rest = stream::unfold(response, |mut response| async move {
        let chunk = response.chunk().await.transpose()?;
        Some((chunk.map(|chunk| chunk.to_vec()).map_err(|_| Failure::Cut), response))
    });
    let mut total = 0;
    stream::once(async { Ok(first) }).chain(rest).map(move |chunk| {
        let chunk = chunk?;
        total += chunk.len();
        if total > most { Err(Failure::TooLong(most)) } else { Ok(chunk) }
    })
}

fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARS).collect()
}
