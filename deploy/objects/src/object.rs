//! An object that is there: its open file, which stays what it is when another takes its place.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::SystemTime;

use crate::about::{About, END_BYTES, json_bytes};

pub(crate) struct Object {
    pub(crate) file: File,
    /// Of its content, which begins the file.
    pub(crate) bytes: u64,
    pub(crate) about: About,
    pub(crate) written: SystemTime,
}

impl Object {
    pub(crate) fn open(path: &Path) -> io::Result<Object> {
        let file = File::open(path)?;
        let status = file.metadata()?;
        let short = || io::Error::new(io::ErrorKind::InvalidData, "this file is too short to be an object");
        let mut end = [0; END_BYTES];
        let end_at = status.len().checked_sub(END_BYTES as u64).ok_or_else(short)?;
        file.read_exact_at(&mut end, end_at)?;
        let mut json = vec![0; json_bytes(end)? as usize];
        let bytes = end_at.checked_sub(json.len() as u64).ok_or_else(short)?;
        file.read_exact_at(&mut json, bytes)?;
        Ok(Object { file, bytes, about: About::from_json(&json)?, written: status.modified()? })
    }

    /// `None` when there is none.
    pub(crate) fn find(path: &Path) -> io::Result<Option<Object>> {
        match Object::open(path) {
            Ok(object) => Ok(Some(object)),
            Err(error) if crate::error::is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
