//! What has come of a dataset from elsewhere, or why nothing has.

use std::path::PathBuf;

use trainyard_events::reason::{Advice, Cause, Unfit};

/// What has come.
pub(crate) struct Taken {
    /// Where the files are, or where the archive is to be unpacked.
    pub(crate) tree: PathBuf,
    pub(crate) archive: Option<PathBuf>,
}

/// Why nothing has come.
pub(crate) enum NotTaken {
    /// It will not come by asking again.
    Unfit(Box<Unfit>, Advice),
    /// Later, or on another machine, it may.
    Passing(Box<Unfit>, Advice),
}

impl NotTaken {
    pub(crate) fn unfit(because: Unfit, advice: Advice) -> NotTaken {
        NotTaken::Unfit(Box::new(because), advice)
    }

    pub(crate) fn passing(because: Unfit, advice: Advice) -> NotTaken {
        NotTaken::Passing(Box::new(because), advice)
    }

    /// Not for want of anything elsewhere.
    pub(crate) fn of_disk(cause: Cause) -> NotTaken {
        NotTaken::passing(Unfit::DiskUnusable { cause }, Advice::MakeRoom)
    }
}
