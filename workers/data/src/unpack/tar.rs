//! A tar, compressed or not: one entry after the other up to its end, which has to be there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use tar::{Archive, EntryType};
use trainyard_events::reason::Flaw;

use super::folder::Folder;
use super::{HEAD_BYTES, damaged, disk, name, of_entry};
use crate::refusal::Refusal;

/// Where the first header says that it is one.
const MARK: std::ops::Range<usize> = 257..262;
/// Read at once of what is behind the end.
const CHUNK_BYTES: usize = 64 * 1024;

pub(super) fn is_one(head: &[u8]) -> bool {
    head.get(MARK) == Some(b"ustar")
}

/// A tar that is cut between two of its files looks whole but for this: it ends with an empty block.
pub(super) fn check_end(file: &mut File) -> Result<(), Refusal> {
    let mut end = [1; HEAD_BYTES as usize];
    let read = file.seek(SeekFrom::End(-(HEAD_BYTES as i64))).and_then(|_| file.read_exact(&mut end));
    read.and_then(|()| file.rewind()).map_err(|error| disk(&error))?;
    if end.iter().any(|byte| *byte != 0) {
        return Err(damaged(&io::Error::from(io::ErrorKind::UnexpectedEof)));
    }
    Ok(())
}

pub(super) fn unpack(from: impl Read, folder: &mut Folder) -> Result<(), Refusal> {
    let mut archive = Archive::new(from);
    for entry in archive.entries().map_err(|error| damaged(&error))? {
        let mut entry = entry.map_err(|error| damaged(&error))?;
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let Some(name) = name::of(&entry.path_bytes())? else {
            folder.pass(entry.size())?;
            continue;
        };
        match kind {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let stated = entry.size();
                folder.take(&name, stated, &mut entry)?;
            }
            EntryType::Directory => folder.make(Path::new(&name))?,
            EntryType::Symlink | EntryType::Link => return Err(of_entry(&name, Flaw::LinkInArchive)),
            _ => return Err(of_entry(&name, Flaw::NeitherFileNorFolder)),
        }
    }
    // Only at the end of what is compressed is it known to be whole.
    let (mut rest, mut chunk) = (archive.into_inner(), vec![0; CHUNK_BYTES]);
    loop {
        match rest.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => folder.pass(read as u64)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(damaged(&error)),
        }
    }
}
