//! The interpreter that is configured: the grammar alone, or with a language model behind it.

use crate::draft::Draft;
use crate::interpreter::{Grammar, Interpreter, Reading};
use crate::llm::Llm;

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
