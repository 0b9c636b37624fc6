//! What training makes small.

pub mod assign;
pub mod ciou;
pub mod classify;
pub mod detect;
pub mod dfl;
