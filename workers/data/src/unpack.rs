//! Archives of strangers, unpacked: nothing gets out of the folder, no more comes out than may, and what is cut off is none.

mod folder;
mod name;
mod tar;
mod zip;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use trainyard_events::limits::{ARCHIVE_BYTES, ARCHIVE_FILES};
use trainyard_events::reason::{Advice, Flaw, Unfit};

use crate::refusal::{Refusal, cause};
use folder::Folder;

/// The first bytes of a tar: its first header, which tells that it is one.
const HEAD_BYTES: u64 = 512;

/// What may come out of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub bytes: u64,
    /// Folders count as well.
    pub files: u64,
    /// Times the archive's own size, beyond `free_bytes`.
    pub ratio: u64,
    pub free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: ARCHIVE_BYTES, files: ARCHIVE_FILES, ratio: 200, free_bytes: 256 << 20 }
    }
}

/// Puts what is in `archive` below `to`, which is there and empty. What the operating systems of others leave is left out.
/// After an error `to` may hold a part.
pub fn unpack(archive: &Path, to: &Path, limits: Limits) -> Result<(), Refusal> {
    let mut file = File::open(archive).map_err(|error| disk(&error))?;
    let bytes = file.metadata().map_err(|error| disk(&error))?.len();
    let mut folder = Folder::new(to, limits, bytes);
    let head = head(&mut file).map_err(|error| disk(&error))?;
    file.rewind().map_err(|error| disk(&error))?;
    match &head.get_ref()[..] {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => zip::unpack(file, &mut folder)?,
        [0x1f, 0x8b, ..] => {
            let mut opened = MultiGzDecoder::new(BufReader::new(file));
            let head = self::head(&mut opened).map_err(|error| damaged(&error))?;
            if !tar::is_one(head.get_ref()) {
                return Err(Refusal::new(Unfit::NotAnArchive, Advice::PackAsArchive));
            }
            tar::unpack(head.chain(opened), &mut folder)?;
        }
        head if tar::is_one(head) => {
            tar::check_end(&mut file)?;
            tar::unpack(BufReader::new(file), &mut folder)?;
        }
        _ => return Err(Refusal::new(Unfit::NotAnArchive, Advice::PackAsArchive)),
    }
    if folder.has_files() { Ok(()) } else { Err(Refusal::new(Unfit::ArchiveEmpty, Advice::PackImages)) }
}

/// Whether a file of this name is meant as an archive.
pub fn is_archive(name: &str) -> bool {
    let name = name.to_lowercase();
    [".zip", ".tar", ".tar.gz", ".tgz"].iter().any(|ending| name.ends_with(ending))
}

/// The name that an entry, or an object of a bucket, has below the folder; `None` for what nobody means.
pub fn name_of(written: &str) -> Result<Option<String>, Refusal> {
    name::of(written.as_bytes())
}

fn head(from: &mut impl Read) -> io::Result<io::Cursor<Vec<u8>>> {
    let mut head = Vec::new();
    from.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(io::Cursor::new(head))
}

fn damaged(error: &io::Error) -> Refusal {
    Refusal::new(Unfit::ArchiveDamaged { cause: cause(error) }, Advice::PackAgain)
}

fn disk(error: &io::Error) -> Refusal {
    Refusal::new(Unfit::DiskUnusable { cause: cause(error) }, Advice::MakeRoom)
}

fn of_entry(name: &str, flaw: Flaw) -> Refusal {
    Refusal::new(Unfit::ArchiveEntry { name: name.to_owned(), flaw }, Advice::PackAgain)
}
