//! Words to intents and slots, in Korean and English: a pure grammar over a model catalog, no I/O and no clock.

pub mod catalog;
mod classes;
mod conversation;
mod draft;
mod intents;
mod jobs;
// Packed by hand: one word a line would bury them.
#[rustfmt::skip]
mod lexicon;
mod models;
mod negation;
mod numbers;
mod options;
mod paths;
pub mod proposal;
mod quantities;
mod relative;
pub mod reply;
mod slots;
mod text;
mod understand;

pub use conversation::{Turn, interpret_conversation};
pub use draft::Draft;
pub use slots::{Intent, Slots, Unusable};
pub use understand::{Interpretation, interpret};
