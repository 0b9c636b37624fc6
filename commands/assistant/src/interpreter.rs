//! Who reads a turn: the grammar alone, or the grammar with a language model behind it for what it leaves open.

use std::future::Future;

use trainyard_events::chat::Interpreter as By;

use crate::draft::Draft;
use crate::llm::Llm;
use crate::understand::{Interpretation, interpret};

/// A turn read, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub turn: Interpretation,
    /// For the event, so that reading history again asks nobody.
    pub by: By,
    /// One sentence for the user, in their language, where a language model was asked in vain.
    pub note: Option<String>,
}

impl Reading {
    /// The grammar's own.
    pub fn of_grammar(turn: Interpretation) -> Reading {
        Reading { turn, by: By::Grammar, note: None }
    }
}

/// Words to their meaning.
pub trait Interpreter {
    /// Reads one turn. Never fails: where nothing better is to be had, the grammar's reading stands.
    fn read(&self, text: &str, open: Option<&Draft>) -> impl Future<Output = Reading> + Send;
}

/// Pure, at once, offline.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grammar;

impl Interpreter for Grammar {
    async fn read(&self, text: &str, open: Option<&Draft>) -> Reading {
        Reading::of_grammar(interpret(text, open))
    }
}

/// The one that is configured.
#[derive(Clone, Debug)]
pub enum Assistant {
    Grammar(Grammar),
    Llm(Llm),
}

impl Default for Assistant {
    fn default() -> Self {
        Assistant::Grammar(Grammar)
    }
}

impl Interpreter for Assistant {
    async fn read(&self, text: &str, open: Option<&Draft>) -> Reading {
        match self {
            Assistant::Grammar(grammar) => grammar.read(text, open).await,
            Assistant::Llm(llm) => llm.read(text, open).await,
        }
    }
}
