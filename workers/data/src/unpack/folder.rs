//! The folder that an archive is unpacked into: counts what comes, and ends it when it is too much.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use trainyard_events::reason::{Advice, Flaw, Unfit};

use super::{Limits, damaged, disk, of_entry};
use crate::refusal::Refusal;

/// Read and written at once.
const CHUNK_BYTES: usize = 64 * 1024;

pub(super) struct Folder<'a> {
    root: &'a Path,
    limits: Limits,
    /// What may come out of an archive of this size.
    most: u64,
    bytes: u64,
    files: u64,
    /// Below the root.
    folders: HashSet<PathBuf>,
}

impl<'a> Folder<'a> {
    pub(super) fn new(root: &'a Path, limits: Limits, archive_bytes: u64) -> Folder<'a> {
        let in_proportion = limits.free_bytes.saturating_add(archive_bytes.saturating_mul(limits.ratio));
        let most = in_proportion.min(limits.bytes);
        Folder { root, limits, most, bytes: 0, files: 0, folders: HashSet::new() }
    }

    pub(super) fn has_files(&self) -> bool {
        self.files > 0
    }

    /// Refuses more entries than there may be before they are made.
    pub(super) fn expect(&self, entries: u64) -> Result<(), Refusal> {
        if entries > self.limits.files {
            let because = Unfit::TooManyFiles { limit: self.limits.files };
            return Err(Refusal::new(because, Advice::TrainOnPart));
        }
        Ok(())
    }

    pub(super) fn make(&mut self, folder: &Path) -> Result<(), Refusal> {
        let is_new = |above: &&Path| !above.as_os_str().is_empty() && !self.folders.contains(*above);
        let new: Vec<PathBuf> = folder.ancestors().take_while(is_new).map(Path::to_owned).collect();
        for above in new.into_iter().rev() {
            self.expect(self.files + self.folders.len() as u64 + 1)?;
            // Never the root: where somebody has taken that away it is over.
            let made = fs::create_dir(self.root.join(&above));
            made.map_err(|error| unmade(&above.display().to_string(), &error))?;
            self.folders.insert(above);
        }
        Ok(())
    }

    /// One file, which has to have the `stated` bytes.
    pub(super) fn take(&mut self, name: &str, stated: u64, from: &mut impl Read) -> Result<(), Refusal> {
        let path = Path::new(name);
        self.make(path.parent().unwrap_or(Path::new("")))?;
        self.files += 1;
        self.expect(self.files + self.folders.len() as u64)?;
        let to = File::options().write(true).create_new(true).open(self.root.join(path));
        let mut to = to.map_err(|error| unmade(name, &error))?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut bytes = 0;
        loop {
            let read = match from.read(&mut chunk) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.map_err(|error| damaged(&error))?,
            };
            bytes += read as u64;
            if bytes > stated || read == 0 && bytes < stated {
                return Err(of_entry(name, Flaw::OtherLength { stated, bytes }));
            }
            if read == 0 {
                return Ok(());
            }
            self.pass(read as u64)?;
            to.write_all(&chunk[..read]).map_err(|error| disk(&error))?;
        }
    }

    /// What comes out and is of no use counts as well.
    pub(super) fn pass(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= self.most {
            return Ok(());
        }
        if self.most == self.limits.bytes {
            let because = Unfit::UnpacksTooLarge { gib: self.limits.bytes >> 30 };
            return Err(Refusal::new(because, Advice::TrainOnPart));
        }
        Err(Refusal::new(Unfit::CompressionBomb { ratio: self.limits.ratio }, Advice::UploadFolder))
    }
}

fn unmade(name: &str, error: &io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            of_entry(name, Flaw::ThereTwice)
        }
        _ => disk(error),
    }
}
