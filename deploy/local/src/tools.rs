//! Where the pinned server programs are.

use std::path::{Path, PathBuf};

use crate::LocalError;

const STORE: &str = "trainyard-objects";

/// The pinned programs as `deploy/tools/fetch` unpacks them, and our own store.
#[derive(Debug, Clone)]
pub struct Tools {
    pub nats_server: PathBuf,
    /// A folder with `bin/`, `lib/` and `share/`.
    pub postgres: PathBuf,
    /// The object store, as the command `store` of this program.
    pub store: PathBuf,
}

impl Tools {
    /// Finds them under `root`, which is `.tools` in a checkout. The store is a program of its own then, as in tests: the
    /// one beside us or beside the folder that we are in.
    ///
    /// # Errors
    /// `MissingTool` and `MissingStore` name the first that is not there.
    pub fn find(root: &Path) -> Result<Tools, LocalError> {
        let us = std::env::current_exe().map_err(LocalError::io(STORE))?;
        let beside = us.ancestors().skip(1).take(2).map(|folder| folder.join(STORE));
        let missing = || LocalError::MissingStore { path: us.with_file_name(STORE) };
        Tools::with_store(root, beside.into_iter().find(|path| path.exists()).ok_or_else(missing)?)
    }

    /// The same with a store of the caller's: itself, where it can be one.
    ///
    /// # Errors
    /// As [`Tools::find`].
    pub fn with_store(root: &Path, store: PathBuf) -> Result<Tools, LocalError> {
        let there = |relative: &str| {
            let path = root.join(relative);
            path.canonicalize().map_err(|_| LocalError::MissingTool { path })
        };
        there("postgres/bin/postgres")?;
        Ok(Tools { nats_server: there("bin/nats-server")?, postgres: there("postgres")?, store })
    }
}
