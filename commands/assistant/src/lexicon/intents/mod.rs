//! The words each intent is known by.
//!
//! Korean cues have no spaces, because people put them anywhere. English cues are whole words; `*` lets the last go on.

mod jobs;
mod lists;
mod models;
mod proposal;
mod talk;

pub(crate) use jobs::*;
pub(crate) use lists::*;
pub(crate) use models::*;
pub(crate) use proposal::*;
pub(crate) use talk::*;
