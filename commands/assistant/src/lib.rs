//! Words to intents and slots, in Korean and English: a pure grammar over a model catalog, and, where one is configured, a
//! language model for what the grammar leaves open. Only `llm` does I/O.

mod accelerators;
mod assistant;
pub mod catalog;
mod classes;
mod configure;
mod conversation;
mod corrections;
mod cues;
mod draft;
mod intents;
mod interpretation;
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
mod paths;
mod problems;
pub mod proposal;
mod quantities;
pub mod reader;
mod registry;
pub mod reply;
mod slots;
mod smalltalk;
mod spelling;
mod spoken;
mod tasks;
mod text;
mod understand;
mod wishes;

pub use assistant::Assistant;
pub use conversation::{Turn, interpret_conversation, interpret_conversation_by};
pub use draft::{Before, Draft};
pub use interpretation::{Interpretation, JobState};
pub use interpreter::{Grammar, Interpreter, Reading};
pub use jobs::Pick;
pub use slots::{Changed, Intent, Slot, Slots, Unusable};
pub use smalltalk::SmallTalk;
pub use understand::interpret;
pub use wishes::{Start, Wish};
