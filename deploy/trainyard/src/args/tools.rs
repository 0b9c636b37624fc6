//! What is asked of the pinned tools.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ToolAction {
    /// Say of each tool whether it is the one of this release.
    Status,
    /// Fetch what is missing from the package index, each file by its hash.
    Fetch {
        /// This one alone; may be said again.
        #[arg(long, value_name = "TOOL")]
        only: Vec<String>,
    },
    /// Write the tools into one file, for machines that reach no package index.
    Bundle { file: PathBuf },
    /// Take the tools out of such a file, each of its files checked by its hash.
    Install { file: PathBuf },
}
