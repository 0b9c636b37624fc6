//! What images go through a network for.

use trainyard_libtorch::Group;

#[derive(Clone, Copy, Debug)]
pub enum Mode<'a> {
    /// To learn from them, together with the others of a group.
    Learn(&'a Group),
    /// To be answered, each for itself.
    Answer,
}

impl Mode<'_> {
    pub fn learns(self) -> bool {
        matches!(self, Mode::Learn(_))
    }
}
