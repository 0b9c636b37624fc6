//! A file that is either whole and on the disk, or not there under its name, whoever is killed and however many write it.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What a file ends with until it is whole: whoever is killed leaves one of these.
const PARTIAL: &str = ".partial";
/// As of any new file; the umask takes away from it.
const MODE: u32 = 0o666;

pub fn write(path: &Path, parts: &[Vec<u8>]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut partial = tempfile::Builder::new()
        .prefix(path.file_name().unwrap_or_default())
        .suffix(PARTIAL)
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder)?;
    parts.iter().try_for_each(|part| partial.write_all(part))?;
    partial.as_file().sync_all()?;
    partial.persist(path).map_err(|error| error.error)?;
    // The name is on the disk only once the folder is.
    File::open(folder)?.sync_all()
}
