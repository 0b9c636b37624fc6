//! Walks a folder: links are followed as long as they stay inside, and everything has a limit.

use std::collections::HashMap;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use trainyard_events::limits::DATASET_IMAGES;
use trainyard_events::reason::{Advice, Flaw, Unfit};
use unicode_normalization::UnicodeNormalization;

use super::junk::{is_image_ending, is_junk};
use super::{File, Listing, extension, join};
use crate::decode::is_known_image;
use crate::limits::FOLDER_DEPTH;
use crate::refusal::{Refusal, cause, flawed};

/// A folder on the way: its composed name, the disk's, and where it really is.
struct Place {
    name: String,
    disk: PathBuf,
    real: PathBuf,
    depth: usize,
}

pub(super) fn walk(root: PathBuf, unreadable: impl Fn(io::Error) -> Refusal) -> Result<Listing, Refusal> {
    fs::read_dir(&root).map_err(unreadable)?;
    let start = Place { name: String::new(), disk: PathBuf::new(), real: root.clone(), depth: 0 };
    let mut listing = Listing {
        root,
        files: Vec::new(),
        folders: Vec::new(),
        problems: Vec::new(),
        junk: (0, None),
        korean: Mutex::default(),
    };
    walk_into(&start, &mut vec![start.real.clone()], &mut listing)?;
    listing.folders.sort_unstable();
    listing.folders.dedup();
    listing.files.sort_unstable_by(|a, b| (&a.name, &a.disk).cmp(&(&b.name, &b.disk)));
    refuse_same_names(&mut listing);
    find_images(&mut listing);
    listing.problems.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(listing)
}

/// `above` are the real folders that this one lies in, itself the last.
fn walk_into(place: &Place, above: &mut Vec<PathBuf>, listing: &mut Listing) -> Result<(), Refusal> {
    let entries = match fs::read_dir(&place.real) {
        Ok(entries) => entries,
        Err(error) => {
            note(listing, &place.name, Flaw::UnreadableFolder { cause: cause(&error) });
            return Ok(());
        }
    };
    let mut all = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => all.push(entry),
            Err(error) => {
                note(listing, &place.name, Flaw::FolderCutShort { cause: cause(&error) });
                break;
            }
        }
        if listing.files.len() + listing.folders.len() + all.len() > DATASET_IMAGES {
            let because = Unfit::TooManyFiles { limit: DATASET_IMAGES as u64 };
            return Err(Refusal::new(because, Advice::TrainOnPart));
        }
    }
    all.sort_unstable_by_key(DirEntry::file_name);
    all.iter().try_for_each(|entry| take(entry, place, above, listing))
}

fn take(
    entry: &DirEntry,
    place: &Place,
    above: &mut Vec<PathBuf>,
    listing: &mut Listing,
) -> Result<(), Refusal> {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        note(listing, &join(&place.name, &name.to_string_lossy()), Flaw::NameNotUtf8);
        return Ok(());
    };
    let composed: String = join(&place.name, &name.nfc().collect::<String>());
    if is_junk(name) {
        listing.junk.0 += 1;
        listing.junk.1.get_or_insert(composed);
        return Ok(());
    }
    let (real, found) = match resolve(entry, place, &listing.root) {
        Ok(found) => found,
        Err(flaw) => {
            note(listing, &composed, flaw);
            return Ok(());
        }
    };
    let disk = place.disk.join(name);
    if found.is_file() {
        let file = File { name: composed, disk, bytes: found.len(), is_image: false };
        listing.files.push(file);
    } else if !found.is_dir() {
        note(listing, &composed, Flaw::NeitherFileNorFolder);
    } else if above.contains(&real) {
        note(listing, &composed, Flaw::LinkLoops);
    } else if place.depth >= FOLDER_DEPTH {
        note(listing, &composed, Flaw::TooDeep { folders: FOLDER_DEPTH as u64 });
    } else {
        listing.folders.push(composed.clone());
        above.push(real.clone());
        walk_into(&Place { name: composed, disk, real, depth: place.depth + 1 }, above, listing)?;
        above.pop();
    }
    Ok(())
}

/// Where an entry really is and what it is; a link that leaves the root is refused before it is looked at.
fn resolve(entry: &DirEntry, place: &Place, root: &Path) -> Result<(PathBuf, Metadata), Flaw> {
    let failed = |error: io::Error| Flaw::NotToBeLookedAt { cause: cause(&error) };
    let path = place.real.join(entry.file_name());
    if !entry.file_type().map_err(failed)?.is_symlink() {
        let found = entry.metadata().map_err(failed)?;
        return Ok((path, found));
    }
    let real = match fs::canonicalize(&path) {
        Ok(real) => real,
        // A link to nothing: nowhere is outside when its text says so.
        Err(error) => return Err(failed(error)),
    };
    if !real.starts_with(root) {
        return Err(Flaw::LinkOutside);
    }
    let found = fs::metadata(&real).map_err(failed)?;
    Ok((real, found))
}

/// Two files may be called the same to people and differ on disk; the first stays.
fn refuse_same_names(listing: &mut Listing) {
    let mut seen: HashMap<String, ()> = HashMap::new();
    let files = std::mem::take(&mut listing.files);
    for file in files {
        if seen.insert(file.name.clone(), ()).is_some() {
            let flaw = Flaw::SameNameAs { path: file.name.clone() };
            note(listing, &file.disk.to_string_lossy(), flaw);
        } else {
            listing.files.push(file);
        }
    }
}

/// Where the ending tells nothing, the first bytes do.
fn find_images(listing: &mut Listing) {
    let is_image: Vec<bool> = listing
        .files
        .iter()
        .map(|file| {
            is_image_ending(&extension(&file.name)).unwrap_or_else(|| {
                let head = listing.bytes_from(file, 32);
                is_known_image(&head)
            })
        })
        .collect();
    listing.files.iter_mut().zip(is_image).for_each(|(file, is_image)| file.is_image = is_image);
}

impl Listing {
    fn bytes_from(&self, file: &File, count: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(file) = self.open(file) {
            let read = io::Read::read_to_end(&mut io::Read::take(file, count), &mut bytes);
            if read.is_err() {
                bytes.clear();
            }
        }
        bytes
    }
}

fn note(listing: &mut Listing, path: &str, flaw: Flaw) {
    listing.problems.push(flawed(path, vec![flaw]));
}
