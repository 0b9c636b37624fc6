//! What training makes small.

pub mod classify;
