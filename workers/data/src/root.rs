//! The only way to a dataset's files: regular files below one root, whatever names and links say.

mod junk;
mod walk;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::OFlags;
use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Advice, Caution, Flaw, Unfit};

use crate::limits::HEAD_BYTES;
use crate::refusal::{Refusal, cause};
use crate::text::{self, Encoding};

pub use junk::is_junk;

/// Whether a file of this name is an image, as far as its ending tells.
pub fn is_image_name(name: &str) -> bool {
    junk::is_image_ending(&extension(name)) == Some(true)
}

/// Everything below a root. Names are relative, with `/`, composed (NFC) and sorted; each is there once.
#[derive(Debug)]
pub struct Listing {
    /// Without links in it.
    root: PathBuf,
    pub files: Vec<File>,
    pub folders: Vec<String>,
    pub problems: Vec<FileProblem>,
    /// Files and folders that are nobody's, and the first of them.
    pub junk: (u64, Option<String>),
    /// Text files that were read as CP949.
    korean: Mutex<BTreeSet<String>>,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    /// As the disk has it: perhaps not composed, perhaps through links that stay below the root.
    disk: PathBuf,
    pub bytes: u64,
    /// Whether it is meant as an image: by its ending, or where that tells nothing, by its first bytes.
    pub is_image: bool,
}

impl Listing {
    pub fn of(path: &Path) -> Result<Listing, Refusal> {
        check_root(path)?;
        let unreadable = |error: std::io::Error| {
            let because = Unfit::FolderUnreadable { path: path.display().to_string(), cause: cause(&error) };
            Refusal::new(because, Advice::GiveReadRight)
        };
        let root = fs::canonicalize(path).map_err(unreadable)?;
        walk::walk(root, unreadable)
    }

    /// The name of what an absolute path leads to, if that is below this root; the root's is empty.
    pub fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        Path::new(path).strip_prefix(&self.root).ok()?.to_str()
    }

    /// Where a file is on the disk.
    pub fn path(&self, file: &File) -> PathBuf {
        self.root.join(&file.disk)
    }

    /// Opens a file if it still is a regular one below the root.
    pub fn open(&self, file: &File) -> Result<fs::File, Flaw> {
        let unreadable = |error: std::io::Error| Flaw::Unreadable { cause: cause(&error) };
        let real = fs::canonicalize(self.root.join(&file.disk)).map_err(unreadable)?;
        if !real.starts_with(&self.root) {
            return Err(Flaw::LinkOutside);
        }
        // A pipe that took the file's place since would block for ever.
        let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
        let opened =
            OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(real).map_err(unreadable)?;
        if !opened.metadata().map_err(unreadable)?.is_file() {
            return Err(Flaw::NeitherFileNorFolder);
        }
        Ok(opened)
    }

    /// The whole file, if it has no more than `limit` bytes.
    pub fn bytes(&self, file: &File, limit: u64) -> Result<Vec<u8>, Flaw> {
        let too_large = || Flaw::LargerThanMib { mib: limit >> 20 };
        if file.bytes > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(file.bytes as usize);
        self.open(file)?
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Flaw::Unreadable { cause: cause(&error) })?;
        if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
    }

    /// Its first bytes, as far as they can be read.
    pub fn head(&self, file: &File) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = self.open(file).map(|file| file.take(HEAD_BYTES as u64).read_to_end(&mut bytes));
        if matches!(read, Ok(Ok(_))) { bytes } else { Vec::new() }
    }

    /// The whole file as text, in whichever encoding.
    pub fn text(&self, file: &File, limit: u64) -> Result<String, Flaw> {
        let (text, encoding) = text::decode(self.bytes(file, limit)?)?;
        if encoding == Encoding::Cp949 {
            self.korean().insert(file.name.clone());
        }
        Ok(text)
    }

    /// Whether the file of this name is one.
    pub fn is_image(&self, name: &str) -> bool {
        let found = self.files.binary_search_by(|file| file.name.as_str().cmp(name));
        found.is_ok_and(|at| self.files[at].is_image)
    }

    pub fn images(&self) -> impl Iterator<Item = (usize, &File)> {
        self.files.iter().enumerate().filter(|(_, file)| file.is_image)
    }

    /// Files with one of these endings, small letters.
    pub fn ending<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = (usize, &'a File)> {
        let ends = |file: &File| endings.contains(&extension(&file.name).as_str());
        self.files.iter().enumerate().filter(move |(_, file)| !file.is_image && ends(file))
    }

    fn korean(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.korean.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn cautions(&self) -> Vec<Caution> {
        let first_of = |(files, first): &(u64, Option<String>)| first.clone().map(|first| (*files, first));
        let junk = first_of(&self.junk).map(|(files, first)| Caution::SystemFiles { files, first });
        let korean = self.korean();
        let korean = korean
            .first()
            .map(|first| Caution::ReadAsKorean { files: korean.len() as u64, first: first.clone() });
        junk.into_iter().chain(korean).collect()
    }
}

fn check_root(root: &Path) -> Result<(), Refusal> {
    let path = root.display().to_string();
    match fs::metadata(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Refusal::new(Unfit::NothingThere { path }, Advice::CheckPath))
        }
        Err(error) => {
            Err(Refusal::new(Unfit::CannotBeLookedAt { path, cause: cause(&error) }, Advice::GiveReadRight))
        }
        Ok(found) if !found.is_dir() => Err(Refusal::new(Unfit::NotAFolder { path }, Advice::UnpackIt)),
        Ok(_) => Ok(()),
    }
}

/// A name in a folder; in the root it is the path.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The last part of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder that a path lies in.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path without its ending.
pub fn stem_of(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') && !stem.is_empty() && !stem.ends_with('/') => stem,
        _ => path,
    }
}

/// In small letters; nothing where there is none.
pub fn extension(path: &str) -> String {
    path[stem_of(path).len()..].trim_start_matches('.').to_lowercase()
}
