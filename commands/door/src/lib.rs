//! The one door through which every fact enters the log, and the one place that reads the wall clock.

mod clock;
mod handle;
mod lately;
mod skip;

pub use clock::{Clock, system_clock};
pub use handle::{Door, HandleError, Handled, Opened};
pub use skip::{Skip, SkipError};
