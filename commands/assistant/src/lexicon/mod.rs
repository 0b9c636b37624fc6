//! Every word the grammar knows, as data: what to add to when people say it another way.

pub(crate) type Words = &'static [&'static str];

pub(crate) mod classes;
pub(crate) mod common;
pub(crate) mod corrections;
pub(crate) mod edits;
pub(crate) mod intents;
pub(crate) mod jobs;
pub(crate) mod models;
pub(crate) mod negation;
pub(crate) mod nouns;
pub(crate) mod numbers;
pub(crate) mod options;
pub(crate) mod paths;
pub(crate) mod quantities;
pub(crate) mod registry;
pub(crate) mod relative;
pub(crate) mod spelling;
