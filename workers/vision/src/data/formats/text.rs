//! Files with labels as text.

use std::fs;
use std::io::Read;
use std::path::Path;

use trainyard_events::reason::Flaw;

use crate::failure::cause;
use crate::limits::LABEL_FILE_BYTES;

/// A file with labels as text; a mark of byte order is left out.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Flaw> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(Flaw::NotUtf8),
        Err(error) => Err(Flaw::Unreadable { cause: cause(&error) }),
        Ok(length) if length as u64 > limit => Err(Flaw::LargerThanMib { mib: limit >> 20 }),
        Ok(_) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
    }
}

/// One that describes few images.
pub fn read_label_file(path: &Path) -> Result<String, Flaw> {
    read_text(path, LABEL_FILE_BYTES)
}
