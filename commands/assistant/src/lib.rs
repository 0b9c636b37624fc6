//! Words to intents and slots, in Korean and English: a pure grammar over a model catalog, and, where one is configured, a
//! language model for what the grammar leaves open. Only `llm` does I/O.

pub mod catalog;
mod classes;
mod conversation;
mod cues;
mod draft;
mod intents;
mod interpreter;
mod jobs;
// Packed by hand: one word a line would bury them.
#[rustfmt::skip]
mod lexicon;
pub mod llm;
mod models;
mod negation;
mod numbers;
mod options;
pub mod particle;
mod paths;
pub mod proposal;
mod quantities;
pub mod reply;
mod slots;
mod spelling;
mod text;
mod understand;

pub use conversation::{Turn, interpret_conversation};
pub use draft::Draft;
pub use interpreter::{Assistant, Grammar, Interpreter, Reading};
pub use slots::{Changed, Intent, Slot, Slots, Unusable};
pub use understand::{Interpretation, interpret};
