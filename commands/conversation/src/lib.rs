//! A turn of talk as a pure function: from the conversation so far, the words and what is known, to what is said and done.
//! What it does not know yet it states as a [`Need`]; whoever fetches that asks again.

mod about;
mod answer;
mod change;
mod choices;
mod compare;
mod continuation;
mod datasets;
mod jobs;
mod known;
mod models;
mod outlook;
mod pace;
mod proposing;
mod references;
mod registry;
mod renewal;
mod story;
mod thread;
mod weighing;
mod which;
mod wishes;
mod words;

pub use answer::{Act, Answer, answer};
pub use change::{Unfit, changed, ordered};
pub use continuation::{At, CHECKPOINTS_SHOWN, Stuck, checkpoints, forked, gone_on_with};
pub use known::{Known, Look, Looked, Need, Place, Sought};
pub use proposing::{not_trainable, proposed};
pub use renewal::renewed;
pub use thread::Thread;
pub use words::Report;
