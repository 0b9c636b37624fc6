//! Where the pinned server programs are.

use std::path::{Path, PathBuf};

use crate::LocalError;

/// The programs that `make tools` unpacks into `.tools/`.
#[derive(Debug, Clone)]
pub struct Tools {
    pub nats_server: PathBuf,
    /// A folder with `bin/`, `lib/` and `share/`.
    pub postgres: PathBuf,
    pub weed: PathBuf,
}

impl Tools {
    /// Finds them under `root`, which is `.tools` in a checkout.
    ///
    /// # Errors
    /// `MissingTool` names the first that is not there.
    pub fn find(root: &Path) -> Result<Tools, LocalError> {
        let there = |relative: &str| {
            let path = root.join(relative);
            path.canonicalize().map_err(|_| LocalError::MissingTool { path })
        };
        there("postgres/bin/postgres")?;
        Ok(Tools {
            nats_server: there("bin/nats-server")?,
            postgres: there("postgres")?,
            weed: there("bin/weed")?,
        })
    }
}
