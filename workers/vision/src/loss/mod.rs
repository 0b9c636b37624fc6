//! What training makes small, where several tasks share it.

pub mod assign;
pub mod ciou;
pub mod dfl;
