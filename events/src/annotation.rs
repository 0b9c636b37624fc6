//! What people say of a job: how they call it, what they file it under, and what they note.

use serde::{Deserialize, Serialize};

/// All that is said of a job. Empty is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Annotation {
    /// One line.
    pub title: String,
    /// Each once, in the order in which they were given.
    pub tags: Vec<String>,
    /// Plain text on several lines.
    pub note: String,
    /// Put away: lists that people read leave it out.
    pub archived: bool,
}
