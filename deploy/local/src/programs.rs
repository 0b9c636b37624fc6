//! Postgres' programs, where the servers' account can run them.
//!
//! Unlike NATS and the object store, which are one file, Postgres looks for others beside itself, and needs a way to all of
//! them. Where the account has none (a 0700 home, say), it gets a copy under /var/lib/trainyard.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::errno::Errno;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use trainyard_child::Account;

use crate::LocalError;
use crate::private::secret;

/// World-readable ground that only root can write.
const OUTSIDE: &str = "/var/lib/trainyard";

pub(crate) fn command_as(account: Option<Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").kill_on_drop(true);
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// Whether the account can run this: trying knows more than reading permission bits.
async fn can(account: Option<Account>, program: &Path, argument: &Path) -> Result<bool, LocalError> {
    let mut command = command_as(account, program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status().await {
        Ok(status) => Ok(status.success()),
        Err(error) if error.raw_os_error() == Some(Errno::EACCES as i32) => Ok(false),
        Err(error) => Err(LocalError::NoUnprivilegedUser { reason: error.to_string() }),
    }
}

/// The programs where they are, or a copy of them where the account can run them.
pub(crate) async fn usable_by(account: Option<Account>, tools: &Path) -> Result<PathBuf, LocalError> {
    let program = tools.join("bin/postgres");
    if account.is_none()
        || can(account, &program, Path::new("--version")).await?
            && can(account, Path::new("cat"), &tools.join("share/postgres.bki")).await?
    {
        return Ok(tools.to_path_buf());
    }
    let about = fs::metadata(&program).map_err(LocalError::io(&program))?;
    let id = Sha256::digest(format!("{} {} {}", program.display(), about.len(), about.mtime()));
    let copy = Path::new(OUTSIDE).join(format!("postgres-{}", hex::encode(&id[..8])));
    if copy.exists() {
        return Ok(copy);
    }
    make_public(Path::new(OUTSIDE))?;
    let fresh = copy.with_extension(secret());
    for (program, args) in [("cp", ["-R", "--"]), ("chmod", ["-R", "a+rX"])] {
        let paths: &[&Path] = if program == "cp" { &[tools, &fresh] } else { &[&fresh] };
        let output = Command::new(program).args(args).args(paths).output().await;
        let output = output.map_err(LocalError::io(&copy))?;
        if !output.status.success() {
            let program = format!("copying Postgres to {}", copy.display());
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(LocalError::Program { program, output });
        }
    }
    match fs::rename(&fresh, &copy) {
        // Somebody else has made the same one meanwhile.
        Err(_) if copy.exists() => fs::remove_dir_all(&fresh).map_err(LocalError::io(&fresh))?,
        renamed => renamed.map_err(LocalError::io(&copy))?,
    }
    Ok(copy)
}

fn make_public(path: &Path) -> Result<(), LocalError> {
    match fs::DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(LocalError::io(path)(error)),
        _ => fs::set_permissions(path, Permissions::from_mode(0o755)).map_err(LocalError::io(path)),
    }
}
