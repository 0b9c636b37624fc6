//! Pure: checks a log against what it promises: who may speak, what must come of what was accepted, and which files must be in
//! the store.
//!
//! Nothing here decides anything, and the rules are told once more, by themselves, instead of asking those who write the log:
//! an auditor that shares their code would share their mistakes.

mod audit;
mod finding;
mod gpu;
mod held;
mod job;
mod needed;
mod promises;
mod recent;

pub use audit::Audit;
pub use finding::{Finding, Rule};
pub use held::Held;
pub use needed::{Files, Needed};
