//! Child processes: each under a guard that ends it, and whatever it has started, when nobody needs it any more. Nothing
//! else here starts a process group, kills one, or waits for the end of a process.
//!
//! Between an owner and a program stands a guard, a process of its own. The [`Line`] between owner and guard is a pipe or
//! a socket: the kernel closes it when the owner dies, in whatever way. So letting a child go and losing its owner are
//! the same road.

mod attached;
mod backoff;
mod detached;
mod end;
pub mod environment;
mod exit;
mod family;
mod follow;
pub mod guard;
mod line;
mod memory;
mod news;
mod orders;
mod program;
mod start;
mod sweep;
mod watch;
mod who;

pub use attached::Attached;
pub use backoff::Backoff;
pub use detached::{Detached, Reins};
pub use environment::write_privately;
pub use exit::Exit;
pub use family::former_life_is_over;
pub use line::Line;
pub use memory::out_of_memory_kills;
pub use program::{Account, Program, Signal, Stop};
pub use sweep::{Sweeper, sweep_after_us};
