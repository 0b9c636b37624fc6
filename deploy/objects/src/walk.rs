//! The keys of a bucket in their order: a walk through its folders that passes by those where nothing is wanted.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::error::is_missing;
use crate::key::piece;

pub(crate) struct Walk<'a> {
    /// Only keys that begin with it.
    pub(crate) prefix: &'a [u8],
    /// Only keys behind it.
    pub(crate) after: &'a [u8],
    /// None of the keys that begin with it; whoever sees one may set it.
    pub(crate) skip: Option<Vec<u8>>,
}

/// What a name in a folder is: the beginning of all keys below it, or a key.
struct Entry {
    key: Vec<u8>,
    is_object: bool,
    path: PathBuf,
}

impl Walk<'_> {
    /// `see` is told of each key and its file, until it breaks.
    pub(crate) fn through(
        &mut self,
        folder: &Path,
        see: &mut impl FnMut(&mut Self, &[u8], &Path) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        self.below(folder, &[], see)
    }

    fn below(
        &mut self,
        folder: &Path,
        so_far: &[u8],
        see: &mut impl FnMut(&mut Self, &[u8], &Path) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        for Entry { key, is_object, path } in self.entries(folder, so_far)? {
            if !self.wants(&key, is_object) {
                continue;
            }
            let told = if is_object { see(self, &key, &path)? } else { self.below(&path, &key, see)? };
            if told.is_break() {
                return Ok(told);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn entries(&self, folder: &Path, so_far: &[u8]) -> io::Result<Vec<Entry>> {
        let names = match fs::read_dir(folder) {
            // Removed since its own name was read.
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            names => names?,
        };
        let mut entries = Vec::new();
        for name in names {
            let name = name?;
            let Some((piece, is_object)) = name.file_name().to_str().and_then(piece) else { continue };
            let key = [so_far, &piece].concat();
            if self.wants(&key, is_object) {
                entries.push(Entry { key, is_object, path: name.path() });
            }
        }
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(entries)
    }

    fn wants(&self, key: &[u8], is_object: bool) -> bool {
        let fits = key.starts_with(self.prefix) || (!is_object && self.prefix.starts_with(key));
        let is_behind = key > self.after || (!is_object && self.after.starts_with(key));
        let is_skipped = self.skip.as_ref().is_some_and(|skip| key.starts_with(skip));
        fits && is_behind && !is_skipped
    }
}
