//! A language model behind the grammar: asked only where the grammar is not sure, and never believed beyond the text.

mod client;
mod note;
mod patch;
mod prompt;
mod reduce;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trainyard_events::chat::Interpreter as By;

pub use client::Failure;

use crate::draft::Draft;
use crate::interpretation::Interpretation;
use crate::interpreter::{Interpreter, Reading};
use crate::slots::{Intent, Slots};
use crate::understand::{interpret, interpret_as};
use client::Client;
use patch::Patch;

/// What may be asked of an OpenAI-compatible server, and how long.
#[derive(Clone, Copy, Debug)]
pub struct LlmLimits {
    /// Until the answer begins.
    pub first_byte: Duration,
    /// Until the answer has ended.
    pub whole: Duration,
    /// Of the answer's text. A patch is far smaller.
    pub answer_bytes: usize,
    /// Of everything that the server sends for one answer: streaming wraps every few letters.
    pub wire_bytes: usize,
}

impl Default for LlmLimits {
    fn default() -> Self {
        LlmLimits {
            first_byte: Duration::from_secs(5),
            whole: Duration::from_secs(10),
            answer_bytes: 8 * 1024,
            wire_bytes: 1024 * 1024,
        }
    }
}

/// Where the language model is.
#[derive(Clone)]
pub struct LlmConfig {
    /// Base URL, such as `https://api.openai.com/v1` or `http://127.0.0.1:11434/v1`.
    pub url: String,
    pub model: String,
    /// Bearer token; local servers need none.
    pub key: Option<String>,
    pub limits: LlmLimits,
}

/// Why a language model cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LlmSetup {
    #[error(
        "the language model's URL {url:?} is none ({problem}): say one such as http://127.0.0.1:11434/v1"
    )]
    Url { url: String, problem: String },
    #[error("the language model needs a name: set TRAINYARD_LLM_MODEL beside TRAINYARD_LLM_URL")]
    NoModel,
    #[error("the HTTP client for the language model cannot be made: {0}")]
    Client(String),
}

/// Reads with the grammar first, and asks a language model about what that leaves open.
#[derive(Clone, Debug)]
pub struct Llm {
    client: Arc<Client>,
}

impl Llm {
    pub fn new(config: LlmConfig) -> Result<Llm, LlmSetup> {
        Ok(Llm { client: Arc::new(Client::new(config)?) })
    }

    /// The language model's reading, and the reducer's verdict on it; or why there is none.
    fn judge(&self, answer: &str, grammar: &Interpretation, text: &str) -> Result<reduce::Reduced, Failure> {
        let patch = Patch::parse(answer)?;
        reduce::reduce(&patch, grammar, text)
    }
}

/// Below this confidence a reading is compared with that of the language model.
const SECOND_OPINION: f64 = 0.9;

impl Llm {
    /// The reader's reading, unless the language model reads the turn as something else: then the user is asked. It changes
    /// no value, and a server that does not answer is no opinion.
    async fn second_opinion(&self, text: &str, open: Option<&Draft>, grammar: Interpretation) -> Reading {
        let prompt = prompt::of(text, open);
        let (answer, outcome) = self.client.ask(&prompt).await;
        let read = match outcome.and_then(|()| Patch::parse(&answer)) {
            Ok(patch) => patch.intent,
            Err(failure) => {
                tracing::warn!(%failure, "the language model has no second opinion");
                return Reading::of_grammar(grammar);
            }
        };
        let agrees = read == grammar.intent
            || read == Intent::Unknown
            || read.describes() && grammar.intent.describes();
        let verdict = format!("{}: {}", if agrees { "agrees" } else { "asked, as it reads" }, read.name());
        let by = By::Llm { model: self.client.model().to_owned(), prompt, answer, patch: None, verdict };
        let turn = if agrees { grammar } else { torn(text, open, grammar, read) };
        Reading { turn, by, note: None }
    }
}

/// Not understood, with both readings to choose from.
fn torn(text: &str, open: Option<&Draft>, grammar: Interpretation, read: Intent) -> Interpretation {
    let other = interpret_as(text, open, read).slots;
    let nearest = vec![(grammar.intent, grammar.slots.clone()), (read, other)];
    Interpretation { intent: Intent::Unknown, slots: Slots::default(), unclear: true, nearest, ..grammar }
}

impl Interpreter for Llm {
    async fn read(&self, text: &str, open: Option<&Draft>) -> Reading {
        let grammar = interpret(text, open);
        if grammar.sure && grammar.intent != Intent::Unknown && grammar.confidence < SECOND_OPINION {
            return self.second_opinion(text, open, grammar).await;
        }
        if grammar.sure {
            return Reading::of_grammar(grammar);
        }
        let prompt = prompt::of(text, open);
        let (answer, outcome) = self.client.ask(&prompt).await;
        let judged = outcome.and_then(|()| self.judge(&answer, &grammar, text));
        let by = |patch, verdict| By::Llm {
            model: self.client.model().to_owned(),
            prompt: prompt.clone(),
            answer: answer.clone(),
            patch,
            verdict,
        };
        match judged {
            Ok(reduced) => {
                let patch = json!({ "intent": reduced.turn.intent, "spec": reduced.turn.slots });
                Reading { by: by(Some(patch), reduced.verdict), turn: reduced.turn, note: None }
            }
            Err(failure) => {
                tracing::warn!(%failure, "the language model's reading is not used");
                let note = Some(note::fell_back(&failure, grammar.language));
                Reading { by: by(None, format!("not used: {failure}")), turn: grammar, note }
            }
        }
    }
}
