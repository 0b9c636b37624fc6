//! The log as a chain of files in the artifact store: what has ended moves there and leaves the log's stream, readers are given it
//! from there, and a log is made of it again.
//!
//! A segment holds a range of sequences, every message byte for byte. It names its predecessor by hash, and the head names all of them,
//! so that a changed byte anywhere is found and named. Nothing leaves the stream that was not read back from here.

mod chain;
mod ended;
mod error;
mod extend;
mod keys;
mod line;
mod past;
mod restore;
mod segment;
mod trim;

pub use chain::{Chain, Link};
pub use error::{ArchiveError, Fault};
pub use extend::{Remainder, extend};
pub use keys::{keep_keys, put_keys_back};
pub use past::Archive;
pub use restore::restore;
pub use segment::Segment;
pub use trim::{Trimmed, trim};
