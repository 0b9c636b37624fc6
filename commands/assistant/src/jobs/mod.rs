//! Finds the job a turn speaks of: `42번 작업`, `job #12`, `작업 7`, `3번 모델`.

mod mentions;
mod named;
mod numbered;
mod picked;
mod several;
mod slugs;
mod taken_back;

pub use picked::Pick;

pub(crate) use named::take;
pub(crate) use numbered::{asked_about, counts_jobs, lone, ordered, take_asked, take_counted};
pub(crate) use picked::picked;
pub(crate) use several::take_several;
pub(crate) use slugs::{called_alone, take_run};
pub(crate) use taken_back::take_back;

/// Whether a number that `c` stands beside is part of something longer.
fn is_joined(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}
