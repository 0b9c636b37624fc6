//! What becomes of an object in the store.

/// Why an object is no longer of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Garbage {
    /// A checkpoint from which nobody will go on.
    Checkpoint,
    /// Left by an attempt that is over, named by no event, and old.
    Unnamed,
    /// Of an inspection that has been followed by another, and old.
    Inspection,
    /// Of a version that was deleted, or of a look that was not wanted, and old.
    Manifest,
    /// Of datasets: named by no version that is left, and old.
    File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Collect(Garbage),
    /// Not of an attempt or inspection that this log knows: it is not ours to judge.
    Foreign,
}
