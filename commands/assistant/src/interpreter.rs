//! Who reads a turn, and how; the grammar is one who does.

use std::future::Future;

use trainyard_events::chat::Interpreter as By;

use crate::draft::Draft;
use crate::interpretation::Interpretation;
use crate::understand::interpret;

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
