//! What nobody else may read: passwords, and the files and folders that hold them.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use serde::{Deserialize, Serialize};
use trainyard_child::Account;

use crate::LocalError;

const SECRET_BYTES: usize = 16;

/// A random password, in characters that need no escaping in a URL, a config file or SQL.
pub(crate) fn secret() -> String {
    hex::encode(rand::random::<[u8; SECRET_BYTES]>())
}

pub(crate) fn make_private(path: &Path) -> Result<(), LocalError> {
    let make = || {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        // One that was there may have been for others.
        fs::set_permissions(path, Permissions::from_mode(0o700))
    };
    make().map_err(LocalError::io(path))
}

/// Writes a file that only its owner can read, whole or not at all. It is ours, or that account's.
pub(crate) fn write_private(path: &Path, text: &str, owner: Option<Account>) -> Result<(), LocalError> {
    let fresh = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        // Where the folder is another account's, what lies there already may be a link to anywhere.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
        if let Some(Account { uid, gid }) = owner {
            fchown(&file, Some(uid), Some(gid))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(LocalError::io(path))
}

pub(crate) fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, LocalError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| LocalError::Corrupt { path: path.to_path_buf(), reason: error.to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LocalError::io(path)(error)),
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plain structs of strings and numbers always serialize")
}
